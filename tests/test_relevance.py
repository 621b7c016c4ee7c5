"""What is on topic, by cases/relevance.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from nlp.relevance import relevance

CASES = tomllib.loads((Path(__file__).parent / "cases/relevance.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_relevance(case: dict[str, str]) -> None:
    assert relevance(case["title"], case["text"]).on_topic == case["on_topic"]


def test_the_score_explains_itself() -> None:
    found = relevance("Ofsted", "Ofsted inspected children’s services.")
    assert found.terms == ("children's services", "ofsted", "inspected")
    assert found.score == 0.8 + 2 * 0.5 + 0.3


def test_a_term_counts_once_and_only_as_a_word() -> None:
    assert relevance(None, "Ofsted Ofsted Ofsted").score == relevance(None, "Ofsted").score
    assert relevance(None, "ofstedious").score == 0
