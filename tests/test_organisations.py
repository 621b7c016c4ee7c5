"""Organisations: cases anyone can read, offsets, and time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest
import spacy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

import nlp.build  # declares what components leave on a Doc
import nlp.organisations
import nlp.sentences
from nlp.gazetteer import by_id, organisations
from nlp.lexicon import lexicon
from nlp.listed import ListedForms
from nlp.records import Context, Mention
from tests.clock import costs_at_most, grows_with_its_input
from tests.reading import cases, read_case

CASES = cases("organisations")


@cache
def finder() -> Language:
    language = spacy.blank("en")
    language.add_pipe("sentences")
    language.add_pipe("organisations")
    return language


def mentions(text: str, published: str | None = None) -> list[Mention]:
    doc = finder().make_doc(text)
    doc._.context = Context(published=published)
    found: list[Mention] = finder()(doc)._.organisation_mentions
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_case(case: dict[str, Any]) -> None:
    found: list[Mention] = read_case(case)._.organisation_mentions
    assert {mention.organisation.name for mention in found if mention.organisation} == set(case["organisations"])
    if "mentions" in case:
        assert [mention.text for mention in found] == case["mentions"]


@pytest.mark.parametrize(
    ("text", "recognised", "name"),
    [
        ("Coram Voice has replied.", "Coram Voice", "Coram Voice"),
        ("NSPCC Helpline has replied.", "NSPCC Helpline", "NSPCC"),  # a part of it
        ("Coram Chief Executive has replied.", "Coram Chief Executive", "Coram"),
        ("Coram Scotland has replied.", "Coram Scotland", "Coram"),
        ("Coram Voice has replied.", "", "Coram"),
        ("Ofsted Voice has replied.", "Ofsted Voice", "Ofsted"),  # no charity
    ],
)
def test_a_longer_name_that_the_recogniser_sees(text: str, recognised: str, name: str) -> None:
    doc = finder().make_doc(text)
    doc.ents = [doc.char_span(0, len(recognised), label="ORG")] if recognised else []
    for component in ("sentences", "organisations"):
        doc = finder().get_pipe(component)(doc)
    assert [mention.organisation.name for mention in doc._.organisation_mentions] == [name]


def test_there_are_cases_enough_with_nothing_to_find() -> None:
    assert sum(not case["organisations"] for case in CASES) >= 20
    assert sum(bool(case["organisations"]) for case in CASES) >= 60


def test_every_mention_has_rule_confidence_and_organisation() -> None:
    for case in CASES:
        for mention in read_case(case)._.organisation_mentions:
            assert mention.rule
            assert 0 < mention.confidence <= 1
            assert mention.organisation
            if mention.organisation.id:
                assert by_id()[mention.organisation.id].name == mention.organisation.name


PIECES = sorted(
    {entry.name for entry in organisations()[::9]}
    | {form for entry in organisations() for form in entry.acronyms[:1]}
    | {row["words"] for row in lexicon("place_context")}
    | {row["word"] for row in lexicon("organisation_words")[::3]}
    | {"Westmere", "Leeds", "Kent", "Rotherham", "the", "The", "of", "and", "&"}
    | {",", ":", "(", ")", "-", "'s", "’s", "’", "\n\n", "“", "."}
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " "])), max_size=25))
@example([("Westmere", "-"), ("", "")])
def test_offsets_resolve_and_mentions_neither_overlap_nor_run_over_a_paragraph(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + space for word, space in pieces)
    end = 0
    for mention in mentions(text):
        assert text[mention.start : mention.end] == mention.text
        assert mention.start >= end
        assert mention.text == mention.text.strip()
        assert "\n" not in mention.text
        end = mention.end


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    for mention in mentions(text):
        assert text[mention.start : mention.end] == mention.text


@pytest.mark.parametrize(
    "unit",
    [
        *("A B C ", "Alpha Council ", "Alpha and ", "Leeds and ", "in Leeds, ", "HMIP ", "University of Eastham and "),
        *(
            "the charity A# B# wrote. ",
            "A# B#, a charity, wrote. ",
            "the charity A ",
            "a charity, ",
            "the charity A of ",
        ),
        *("a charity, ", "the council in Leeds ", "'s a, and "),
        *("chair of A# B#, ", "chair of A and ", "auditor, A B ", "NHS A and ", "Become's own "),
    ],
)
def test_time_is_linear(unit: str) -> None:
    """Of a unit again and again, numbered where it has a "#": so many names are introduced as charities."""
    component = finder().get_pipe("organisations")
    sentences = finder().create_pipe("sentencizer")  # spaCy's own, so that ours is not timed here

    def work(length: int) -> Callable[[], Doc]:
        numbered = (unit.replace("#", str(i)) for i in range(length // len(unit)))
        return partial(component, sentences(finder().make_doc("".join(numbered))))

    assert grows_with_its_input(work, 10_000, 10)


def test_forms_that_need_care_are_forms_we_know() -> None:
    known = {form for entry in organisations() for form in (entry.name, *entry.names, *entry.acronyms)}
    assert {row["name"] for row in lexicon("ambiguous_names")} <= known
    assert {row["needs"] for row in lexicon("ambiguous_names")} == {"alone", "introduction"}


def test_every_listed_full_name_is_found_as_its_own_body() -> None:
    needs = {row["name"] for row in lexicon("ambiguous_names")}
    for entry in organisations():
        if entry.is_generic or entry.name in needs:
            continue
        ids = {mention.organisation.id for mention in mentions(f"We met {entry.name} today.") if mention.organisation}
        assert ids == {entry.id}, entry.name


def test_patterns_are_built_fast() -> None:
    assert costs_at_most(1.5, lambda: ListedForms(spacy.blank("en"), organisations()))  # 0.05 s on an idle machine
    assert nlp.organisations.OrganisationFinder(spacy.blank("en"), "organisations").name == "organisations"


def test_lexicons_use_the_words_the_code_knows() -> None:
    uses = {"closes", "ends", "either", "opens", "generic", "outside", "possessive", "type", "nation"}
    assert {row["use"] for row in lexicon("organisation_words")} == uses
    context = {use for row in lexicon("place_context") for use in row["use"].split("|")}
    assert context == {"after", "before", "before_topic", "helper", "list", "verdict", "topic", "other"}
