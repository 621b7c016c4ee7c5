"""The whole pipeline: any text gives records that resolve, the same each time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.build import COMPONENTS, extract, organisations_in, pipeline
from nlp.records import Context, Organisation

WORDS = st.sampled_from(
    [
        "Ofsted",
        "the council",
        "Imelda Sorrel",
        "Cllr",
        "said",
        "warned",
        "that",
        "she",
        "it",
        "they",
        "“",
        "”",
        '"',
        "'",
        "‘",
        "’",
        ",",
        ".",
        ":",
        "\n\n",
        "43",
        "per cent",
        "a quarter of",
        "councils",
        "weak",
        "leadership",
        "chair of",
        "the LGA",
        "(",
        ")",
        "welcomed",
        "by",
        "according to",
        "and",
        "but",
        "Rotherham",
        "𝒳",
        "İ",
    ]
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=200)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_any_text_gives_records_that_resolve_and_the_same_twice(text: str) -> None:
    records = extract(text)
    for kind in (records.mentions, records.quotes, records.figures, records.stances):
        assert [record.start for record in kind] == sorted(record.start for record in kind)
        for record in kind:
            assert text[record.start : record.end] == record.text != ""
            assert 0 <= record.confidence <= 1
            assert record.rule
    assert extract(text) == records


def test_every_component_has_a_scorer() -> None:
    for name in COMPONENTS:
        if name != "sentences":
            assert hasattr(pipeline().get_pipe(name), "score"), name


def test_context_reaches_the_components() -> None:
    solace = Organisation("Solace", "solace")
    text = "We welcome the report. It is fair."
    [quote] = extract(text, Context(publisher=solace, block_quotes=((0, len(text)),))).quotes
    assert quote.text == text
    assert extract(text).quotes == ()


def test_headlines_name_bodies() -> None:
    assert [body.name for body in organisations_in("Ofsted answers the LGA")] == [
        "Ofsted",
        "Local Government Association",
    ]


def test_of_a_text_that_never_ends_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.tokenizer.LONGEST_TEXT", 60)
    text = "“We are proud,” said Imelda Sorrel." + " More." * 10 + " “We are not,” said Joan Askey."
    assert [quote.text for quote in extract(text).quotes] == ["We are proud,"]
    assert len(text) > 60
