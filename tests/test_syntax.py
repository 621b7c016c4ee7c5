"""Subjects by the parse, on sentences whose parse is given here: what the weights make of them is held elsewhere."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc, Span

from nlp.syntax import Parse, others, people, subject_of

VOCAB = spacy.blank("en").vocab


def parsed(told: str) -> Doc:
    """The Doc of "word/tag/dep/head …", `head` being the index of the word it hangs on."""
    words, tags, deps, heads = map(list, zip(*(word.split("/") for word in told.split()), strict=True))
    return Doc(VOCAB, words=words, tags=tags, deps=deps, heads=[int(head) for head in heads])


SAID = "Roe/NNP/nsubj/1 said/VBD/ROOT/1 so/RB/advmod/1"
AND_SAID = "Roe/NNP/nsubj/1 rose/VBD/ROOT/1 and/CC/cc/3 said/VBD/conj/1 so/RB/advmod/3"
SAYING = "Roe/NNP/nsubj/1 rose/VBD/ROOT/1 ,/,/punct/3 saying/VBG/advcl/1 so/RB/advmod/3"
QUOTED = "Roe/NNP/nsubj:pass/2 was/VBD/aux:pass/2 quoted/VBN/ROOT/2 as/IN/mark/4 saying/VBG/advcl/2 so/RB/advmod/4"
WHO_SAID = "Roe/NNP/nsubj/3 who/WP/nsubj/2 said/VBD/acl:relcl/0 left/VBD/ROOT/3"
BLAMED = "Roe/NNP/nsubj:pass/2 was/VBD/aux:pass/2 blamed/VBN/ROOT/2 by/IN/case/4 Lamb/NNP/obl/2"
NOBODY = "Say/VB/ROOT/0 so/RB/advmod/0"


@pytest.mark.parametrize(
    ("told", "verb", "subject"),
    [
        (SAID, 1, "Roe"),
        (AND_SAID, 3, "Roe"),
        (SAYING, 3, "Roe"),
        (QUOTED, 4, "Roe"),  # whom a passive is about says what follows, though not what the passive says
        (WHO_SAID, 2, "Roe"),
        (BLAMED, 2, "Lamb"),
        (NOBODY, 0, None),
    ],
)
def test_the_subject_of_a_verb(told: str, verb: int, subject: str | None) -> None:
    found = subject_of(parsed(told)[verb])
    assert (found.text if found is not None else None) == subject


def test_a_parse_is_asked_by_character() -> None:
    doc = parsed("Jane/NNP/nsubj/2 Roe/NNP/flat/0 met/VBD/ROOT/2 Jo/NNP/obj/2 Lamb/NNP/flat/3 today/NN/obl/2")
    parse = Parse.of(doc)
    assert Parse.of(doc) is parse
    assert str(parse.token(10)) == "met"
    assert str(parse.subject(9)) == "Jane"
    assert parse.is_subject(0, 8)
    assert not parse.is_object(0, 8)
    assert parse.is_object(13, 20)
    assert not parse.is_subject(13, 20)
    assert parse.is_verb(9)
    assert parse.is_predicate(9)
    assert parse.is_noun(21)
    assert not parse.is_noun(0)


def test_an_infinitive_is_a_verb_and_no_predicate() -> None:
    parse = Parse.of(parsed(NOBODY))
    assert parse.is_verb(0)
    assert not parse.is_predicate(0)


def test_several_as_the_subject_of_a_sentence() -> None:
    assert Parse.of(parsed("Neighbours/NNS/nsubj/1 came/VBD/ROOT/1")).has_plural_subject(0, 20)
    assert not Parse.of(parsed(SAID)).has_plural_subject(0, 20)
    inside = "Roe/NNP/nsubj/1 said/VBD/ROOT/1 neighbours/NNS/nsubj/3 came/VBD/ccomp/1"
    assert not Parse.of(parsed(inside)).has_plural_subject(0, 30)


def test_what_is_not_parsed_tells_nothing() -> None:
    parse = Parse.of(Doc(VOCAB, words=["Roe", "said", "so"]))
    assert parse.token(0) is None
    assert parse.subject(4) is None
    assert not parse.is_subject(0, 3)
    assert not parse.has_plural_subject(0, 9)


def test_names_of_people_and_all_others() -> None:
    doc = parsed("Roe/NNP/nsubj/1 left/VBD/ROOT/1 Leeds/NNP/obj/1")
    doc.ents = [Span(doc, 0, 1, "PER"), Span(doc, 2, 3, "LOC")]
    assert [span.text for span in people(doc)] == ["Roe"]
    assert [span.text for span in others(doc)] == ["Leeds"]
