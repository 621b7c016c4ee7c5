"""Speakers: cases anyone can read."""

from __future__ import annotations

from typing import Any

import pytest

from nlp.records import Quote
from nlp.speakers import CONFIDENCE
from tests.reading import cases, read, read_case, told

CASES = cases("speakers")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"].strip()[:60])
def test_case(case: dict[str, Any]) -> None:
    found: list[Quote] = read_case(case)._.quotes
    assert [quote.text for quote in found] == [stated["text"] for stated in case["quotes"]]
    assert [told(q, stated) for q, stated in zip(found, case["quotes"], strict=True)] == case["quotes"]


def test_the_clauses_are_left_for_those_who_come_after() -> None:
    clauses = read(
        "Ruth Okafor said that 12 homes had closed. Ofsted disagrees, but the NSPCC argues they did."
    )._.reporting_clauses
    assert [(clause.subject.text, clause.cue) for clause in clauses] == [("Ruth Okafor", "said"), ("NSPCC", "argues")]
    assert clauses[0].subject.person == "Ruth Okafor"


def test_the_surer_rule_is_the_nearer_one() -> None:
    near = read("“We are late,” said Ruth Okafor.")._.quotes[0]
    far = read("Ruth Okafor said the plan was late.\n\n“We are late.”")._.quotes[0]
    assert near.confidence > far.confidence
    assert {near.rule, far.rule} <= set(CONFIDENCE)


def test_who_hangs_on_a_preposition_is_no_subject_without_a_parse_either() -> None:
    text = "Helen Marsh, who ran the home under Governor Peter Lamb, called it “plain backwards”."
    assert [quote.speaker for quote in read(text)._.quotes] == ["Helen Marsh"]
