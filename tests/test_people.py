"""People: cases anyone can read."""

from __future__ import annotations

from typing import Any

import pytest
from spacy.tokens import Doc

from nlp.records import Organisation, Person
from tests.reading import cases, read_case, reader, told

CASES = cases("people")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_case(case: dict[str, Any]) -> None:
    found: list[Person] = read_case(case)._.people
    assert [person.name for person in found] == [stated["name"] for stated in case["people"]]
    assert [told(p, stated) for p, stated in zip(found, case["people"], strict=True)] == case["people"]


def test_there_are_cases_enough_with_nobody_to_find() -> None:
    assert sum(not case["people"] for case in CASES) >= 12


def recognised(told: str, deps: str = "") -> Doc:
    """The Doc of "word/entity …", as the recogniser might have read it, with a parse where `deps` gives one."""
    words, entities = map(list, zip(*(word.split("/") for word in told.split()), strict=True))
    heads = [deps.split().index("ROOT")] * len(words) if deps else None
    doc = Doc(reader().vocab, words=words, ents=entities, heads=heads, deps=deps.split() or None)
    for name in ("sentences", "organisations", "people"):
        doc = reader().get_pipe(name)(doc)
    return doc


@pytest.mark.parametrize(
    ("told", "people"),
    [
        ("They/O met/O Zorvath/B-PER Quillane/I-PER ./O", ["Zorvath Quillane"]),
        ("They/O met/O Zorvath/B-LOC Quillane/I-LOC ./O", []),
        ("Zorvath/O Quillane/O said/O so/O ./O", ["Zorvath Quillane"]),
        ("Zorvath/B-ORG Quillane/I-ORG said/O so/O ./O", []),
        ("They/O met/O manager/O Zorvath/B-LOC Quillane/I-LOC ./O", ["Zorvath Quillane"]),  # its post says more
        ("They/O met/O manager/B-ORG Zorvath/I-ORG Quillane/I-ORG survey/I-ORG ./O", []),  # a part of something
        ("They/O met/O President/O Quillane/B-PER ./O", ["Quillane"]),
        ("They/O met/O President/O Quillane/B-LOC ./O", []),
        ("They/O met/O President/B-PER Quillane/I-PER ./O", ["Quillane"]),  # it takes the post into the name
        ("The/O Quillane/B-PER said/O so/O ./O", []),
    ],
)
def test_what_the_recogniser_adds(told: str, people: list[str]) -> None:
    assert [person.name for person in recognised(told)._.people] == people


@pytest.mark.parametrize(
    ("told", "deps", "people"),
    [
        ("Quillane/B-PER left/O town/O ./O", "nsubj ROOT obj punct", ["Quillane"]),
        ("They/O left/O Quillane/B-PER ./O", "nsubj ROOT obj punct", []),
        ("Barbara/B-PER left/O town/O ./O", "nsubj ROOT obj punct", []),  # a given name alone may be a child's
    ],
)
def test_a_surname_alone_is_somebody_who_does_something(told: str, deps: str, people: list[str]) -> None:
    assert [person.name for person in recognised(told, deps)._.people] == people


@pytest.mark.parametrize(
    ("told", "post", "others"),
    [
        # Who was something once speaks for the body of today.
        ("Ada Roe, former director at the NSPCC, now chair of the LGA,", ("chair", "LGA"), ["former director, NSPCC"]),
        ("Ada Roe, former ADCS president and now chair of the LGA,", ("chair", "LGA"), ["former president, ADCS"]),
        (
            "Ada Roe, chair of the LGA and leader of Leeds City Council,",
            ("chair", "LGA"),
            ["leader, Leeds City Council"],
        ),
        ("Ada Roe, chair of the LGA, met the leader of Leeds City Council and", ("chair", "LGA"), []),
        ("Ada Roe, chair of the LGA, and Bo Lamb, leader of Leeds City Council,", ("chair", "LGA"), []),
        ("Ada Roe, chair of the LGA, spoke. Roe, who chairs the ADCS,", ("chair", "LGA"), ["chair, ADCS"]),
        ("Ada Roe, chair of the LGA and president of the LGA,", ("chair", "LGA"), []),
    ],
)
def test_posts_at_several_bodies(told: str, post: tuple[str, str], others: list[str]) -> None:
    short = {"Local Government Association": "LGA", "Association of Directors of Children's Services": "ADCS"}

    def named(body: Organisation | None) -> str:
        return short.get(body.name, body.name) if body else ""

    ada: Person = read_case({"text": f"{told} said that it was late."})._.people[0]
    assert (ada.role, named(ada.organisation)) == post
    assert [f"{it.role}, {named(it.organisation)}" for it in ada.other_posts] == others
