"""The paragraphs of a text are parsed side by side, as they are one after the other."""

from __future__ import annotations

from typing import Any

from spacy.tokens import Doc

from nlp.build import make_doc, pipeline

TEXT = (
    "Inspectors visited Westmere Council in May. They were met by Ada Quillfeather, its director.\n\n"
    "“We have 17 social workers,” she said, “and each of them has too many cases.”\n\n\n"
    "Ofsted rated the service good; parents in Marlbury, who had complained, were surprised.\n"
    "- Leaders know their children well\n- The board meets each month"
)
FIRST = ("sentences", "listed_names", "tok2vec", "tagger")


def run(text: str, *components: str) -> Doc:
    doc = make_doc(text)
    for name in (*FIRST, *components):
        doc = pipeline().get_pipe(name)(doc)
    return doc


def said(doc: Doc) -> list[tuple[Any, ...]]:
    """What is said of words; breaks between paragraphs are nobody's."""
    words = (token for token in doc if not token.is_space)
    return [(token.text, token.head.i, token.dep_, token.is_sent_start, token.tag_) for token in words]


def names(doc: Doc) -> list[tuple[int, int, str]]:
    return [(name.start_char, name.end_char, name.label_) for name in doc.ents]


def test_a_text_is_parsed_as_its_paragraphs_are() -> None:
    one_by_one, together = run(TEXT, "parser", "ner"), run(TEXT, "side_by_side")
    assert said(together) == said(one_by_one)
    assert names(together) == names(one_by_one)
    assert {label for _, _, label in names(together)} == {"PER", "ORG", "LOC"}
    assert together.has_annotation("DEP")


def test_one_paragraph_is_parsed_to_the_letter_as_ever() -> None:
    for text in TEXT.split("\n"):
        assert said(run(text, "side_by_side")) == said(run(text, "parser", "ner"))


def test_nothing_and_empty_lines_are_no_trouble() -> None:
    for text in ("", "\n", "\n\nA word.\n\n", " "):
        assert run(text, "side_by_side").text == text


def test_nothing_is_parsed_twice() -> None:
    assert {"parser", "ner"} <= set(pipeline().disabled)
    assert pipeline().pipe_names.index("side_by_side") > pipeline().pipe_names.index("tagger")
