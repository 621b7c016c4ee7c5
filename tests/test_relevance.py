"""What is on topic, by cases/relevance.toml, and how the score says why."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from nlp.lexicon import lexicon
from nlp.relevance import ON_TOPIC, Relevance, Term, check, relevance
from tests.clock import costs_at_most

ROOT = Path(__file__).parent.parent
CASES: list[dict[str, Any]] = tomllib.loads((ROOT / "tests/cases/relevance.toml").read_text(encoding="utf-8"))["case"]
PARTS = {"tuned on": False, "held out": True}
ENOUGH = 0.95


def cases(part: str) -> list[dict[str, Any]]:
    return [case for case in CASES if case.get("held_out", False) == PARTS[part]]


def misses(part: str) -> list[tuple[str, str]]:
    """(title, reason) of every case of a part that is scored on the wrong side."""
    scored = [(case, relevance(case["title"], case["text"])) for case in cases(part)]
    return [(case["title"], found.reason) for case, found in scored if found.on_topic != case["on_topic"]]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("on_topic", [True, False], ids=["on topic", "off topic"])
def test_nineteen_of_twenty_are_right_on_either_side(part: str, on_topic: bool) -> None:
    titles = {case["title"] for case in cases(part) if case["on_topic"] == on_topic}
    wrong = [miss for miss in misses(part) if miss[0] in titles]
    assert len(wrong) <= (1 - ENOUGH) * len(titles), wrong


def test_the_set_is_large_mixed_and_partly_held_out() -> None:
    assert len({case["title"] for case in CASES}) == len(CASES) >= 160
    assert 0.45 <= sum(case["on_topic"] for case in CASES) / len(CASES) <= 0.55
    assert len(cases("held out")) * 3 >= len(CASES)
    kinds = {case["kind"] for case in CASES}
    assert {case["kind"] for case in cases("tuned on")} == kinds
    assert len({case["kind"] for case in cases("held out")}) >= len(kinds) - 3  # the smallest lend none


def test_the_documented_figures_are_the_measured_ones() -> None:
    page = (ROOT / "docs/relevance.md").read_text(encoding="utf-8")
    for part in PARTS:
        right = len(cases(part)) - len(misses(part))
        assert f"| {part} | {right} of {len(cases(part))} |" in page


def test_the_score_explains_itself() -> None:
    found = relevance("Ofsted", "Ofsted inspected children’s services. The school’s pupils were away.")
    assert found.terms == (
        Term("children's services", 0.8),
        Term("ofsted", 0.6),
        Term("ofsted with children's services", 0.5),
        Term("pupils", -0.4),
        Term("school", -0.4),
        Term("inspected", 0.2),
    )
    assert found.score == 1.3
    assert found.reason == (
        "1.3: children's services +0.8, ofsted +0.6, ofsted with children's services +0.5, pupils -0.4, school -0.4, "
        "inspected +0.2"
    )


def test_a_reason_is_short() -> None:
    terms = tuple(Term(word, 0.1) for word in "abcdefgh")
    assert Relevance(0.8, terms).reason == "0.8: a +0.1, b +0.1, c +0.1, d +0.1, e +0.1, f +0.1, 2 more"
    assert relevance(None, "Rain in the west.").reason == "0: no term"


def test_a_term_counts_once_in_whatever_form_and_only_as_a_word() -> None:
    once = relevance(None, "An inspection.")
    assert relevance(None, "An inspection.\n\nThey inspected INSPECTIONS and were inspected.").score == once.score > 0
    assert relevance(None, "Ofstedious.").terms == ()


def test_a_term_in_the_title_counts_double_and_not_again_in_the_text() -> None:
    text = relevance(None, "Care leavers").score
    assert relevance("Care leavers", "").score == relevance("Care leavers", "Care leavers").score == 2 * text > 0


def test_inspection_and_service_tell_more_in_one_paragraph_than_in_two() -> None:
    together = relevance(None, "Inspectors called.  They saw child protection.")
    apart = relevance(None, "Inspectors called.\n\nThey saw child protection.")
    assert together.score == pytest.approx(apart.score + 0.5)
    assert "inspectors with child protection +0.5" in together.reason
    assert relevance("Inspectors and child protection", "").score == pytest.approx(2 * together.score)


def test_curly_and_straight_marks_and_hyphens_are_the_same() -> None:
    assert relevance(None, "children’s services, looked‑after children") == relevance(
        None, "children's services, looked-after children"
    )


def test_enough_is_enough() -> None:
    assert Relevance(ON_TOPIC, ()).on_topic
    assert not Relevance(ON_TOPIC - 0.01, ()).on_topic


def test_every_wording_of_the_lexicon_is_found() -> None:
    """None is hidden behind another term, or stands in two."""
    for row in lexicon("relevance"):
        for wording in _wordings(row["term"]):
            assert Term(wording, float(row["weight"])) in relevance(None, wording).terms, row
    wordings = [wording for row in lexicon("relevance") for wording in _wordings(row["term"])]
    assert len(set(wordings)) == len(wordings)


def _wordings(term: str) -> list[str]:
    """Every way to word a term that has (a|b)."""
    before, bracket, rest = term.lower().partition("(")
    if not bracket:
        return [" ".join(before.split())]
    inside, _, after = rest.partition(")")
    return [one for choice in inside.split("|") for one in _wordings(before + choice + after)]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"term": "ofsted", "weight": "much", "use": ""}, "weight 'much' is no number"),
        ({"term": "ofsted", "weight": "nan", "use": ""}, "weight 'nan' is no number"),
        ({"term": "ofsted", "weight": "0.3", "use": "school"}, "use 'school' is none of inspection, service"),
        ({"term": "ofsted, the", "weight": "0.3", "use": ""}, "'ofsted, the' may have letters"),
    ],
)
def test_a_bad_line_is_refused(row: dict[str, str], complaint: str) -> None:
    assert complaint in (check(row) or "")


@pytest.mark.parametrize(
    "text",
    [
        "Ofsted inspected children’s services in Westmere, the council said.\n\n" * 14_000,
        "joint inspection of children " * 35_000,
        "(children’s " * 83_000,
        "a" * 1_000_000,
    ],
    ids=["paragraphs", "one paragraph", "beginnings", "one word"],
)
def test_a_megabyte_takes_no_second(text: str) -> None:
    assert costs_at_most(len(text) / 1e6 + 0.5, lambda: relevance(text[:10_000], text))
