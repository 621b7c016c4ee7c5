"""Figures: the cases of tests/cases/figures.toml, offsets, the speaker link, and time that is linear in the text."""

from __future__ import annotations

import time
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

import nlp.build
import nlp.figures
import nlp.sentences
from nlp.lexicon import lexicon
from nlp.numbers import numeral, pieces_of
from nlp.records import Change, Figure, Mention, Organisation, Qualifier, Quote, Unit

CASES = tomllib.loads((Path(__file__).parent / "cases" / "figures.toml").read_text(encoding="utf-8"))["case"]


def _pipeline() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentences")
    nlp.add_pipe("figures")
    return nlp


NLP = _pipeline()


def figures(text: str) -> list[Figure]:
    found: list[Figure] = NLP(text)._.figures
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["about"].replace(" ", "-") for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    found = figures(case["text"])
    for figure in found:
        assert case["text"][figure.start : figure.end] == figure.text
    # TOML has no null: "" stands for None.
    shown = [
        {name: asdict(figure)[name] or "" if expected.get(name) == "" else asdict(figure)[name] for name in expected}
        for figure, expected in zip(found, case["figures"], strict=False)
    ]
    for row in (*shown, *case["figures"]):
        if row.get("unit") == "fraction" or 0 < row.get("value", 0) < 1:
            row["value"] = round(row["value"], 4)
    assert shown == case["figures"]
    assert len(found) == len(case["figures"]), [figure.text for figure in found]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 70
    assert sum(not case["figures"] for case in CASES) >= 20


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nought", None),
        ("zero", 0),
        ("1,250", 1250),
        ("1,7", None),
        ("007", None),
        ("12.5", 12.5),
        ("3.5 million", 3_500_000),
        ("1½", 1.5),
        ("nineteen", 19),
        ("twenty-one", 21),
        ("twenty twelve", 20),
        ("three hundred and five", 305),
        ("five hundred and", 500),
        ("two thousand four hundred and sixty-one", 2461),
        ("a hundred", 100),
        ("half a dozen", 6),
        ("two and a half million", 2_500_000),
        ("two-thirds", 2 / 3),
        ("seven out of every ten", 0.7),
        ("three in two", 3),
        ("hundreds of thousands", 100_000),
        ("hundred", None),
        ("9" * 400, None),
        ("9223372036854775808", None),
        ("999 trillion", 999e12),
        ("1000 trillion", None),
    ],
)
def test_numeral(text: str, value: float | None) -> None:
    found = numeral(pieces_of(text), 0)
    assert (found and found.value) == (None if value is None else pytest.approx(value))


def test_numeral_says_where_it_ends() -> None:
    found = numeral(pieces_of("five hundred and more"), 0)
    assert found is not None
    assert (found.value, found.last, found.scale) == (500, 2, 100)


def test_figure_in_a_quote_has_its_speaker() -> None:
    body = Organisation("Northshire County Council")
    text = (
        "“We lost 30 social workers,” said Ann Roe. The council has 200 social workers. “And 12 managers,” she added."
    )
    doc = NLP.make_doc(text)
    spoken = ["We lost 30 social workers,", "And 12 managers,"]
    doc._.quotes = [
        Quote(text.index(words), text.index(words) + len(words), words, speaker="Ann Roe", organisation=body)
        for words in spoken
    ]
    first, between, last = NLP(doc)._.figures
    assert (first.value, first.quote, first.speaker, first.organisation) == (30, 0, "Ann Roe", body)
    assert (between.value, between.quote, between.speaker, between.organisation) == (200, None, None, None)
    assert (last.value, last.quote, last.speaker, last.organisation) == (12, 1, "Ann Roe", body)


def test_figure_around_a_quote_is_not_in_it() -> None:
    text = "Inspectors saw 40 councils and 26 “required improvement”."
    doc = NLP.make_doc(text)
    start = text.index("required")
    doc._.quotes = [Quote(start, start + 20, text[start : start + 20], speaker="Ann Roe")]
    judged = NLP(doc)._.figures[-1]
    assert (judged.text, judged.quote, judged.speaker) == ("26 “required improvement”", None, None)


def test_number_in_a_name_is_no_figure() -> None:
    text = "The charity Action 4 Children runs four homes."
    doc = NLP.make_doc(text)
    assert [figure.value for figure in figures(text)] == [4, 4]
    doc._.organisation_mentions = [Mention(12, 29, text[12:29], Organisation("Action 4 Children"))]
    assert [figure.text for figure in NLP(doc)._.figures] == ["four homes"]


def test_nouns_found_surely_are_trusted_more() -> None:
    sure, inherited, vague = figures("It saw 40 councils. A further 12 were good. Dozens of others were not.")
    assert 1 >= sure.confidence > inherited.confidence > vague.confidence > 0


def test_every_figure_names_its_rule_and_its_unit() -> None:
    share, sum_ = figures("Some 62 per cent of councils spent £3m on training.")
    assert (share.rule, share.unit_text) == ("partitive", "per cent")
    assert (sum_.rule, sum_.unit_text) == ("adjacent", "£")


def test_lexicons_hold_what_records_allow() -> None:
    assert {row["unit"] for row in lexicon("figure_units")} <= set(get_args(Unit))
    assert {row["qualifier"] for row in lexicon("figure_bounds")} <= {*get_args(Qualifier), ""}
    assert {row["side"] for row in lexicon("figure_bounds")} == {"left", "right"}
    changes = {row["change"] for name in ("figure_changes", "figure_factors") for row in lexicon(name)}
    assert changes <= {*get_args(Change), ""}


LEXICONS = ("figure_bounds", "figure_changes", "figure_factors", "figure_numbers", "figure_units")
WORDS = sorted(
    {next(iter(row.values())) for name in LEXICONS for row in lexicon(name)}
    | {
        "councils",
        "were",
        "rated",
        "good",
        "of",
        "the",
        "in",
        "since",
        "2014",
        "to",
        "and",
        "by",
        "£",
        "%",
        "-",
        "“",
        "”",
    }
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
        st.lists(st.sampled_from([*WORDS, "7", "12", "1,700", ",", ".", "(", ")", "'", "\n\n"]), max_size=30).map(
            "".join
        ),
    )
)
def test_any_text_gives_figures_that_resolve(text: str) -> None:
    found = figures(text)
    for figure in found:
        assert text[figure.start : figure.end] == figure.text != ""
        assert 0 <= figure.value < 1e15
        assert figure.high is None or figure.value < figure.high < 1e15
    assert found == sorted(found, key=lambda figure: (figure.start, figure.end))
    assert found == figures(text)


def _seconds(text: str) -> float:
    """What the component takes for a text that is one sentence (the tokenizer has its own costs), best of three."""
    doc = Doc(NLP.vocab, words=[text])
    doc[0].is_sent_start = True
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        nlp.figures.figures(doc)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize(
    "piece",
    ["7", ",", "1,", "one hundred and ", "a", "£3 to ", "3 in 10 ", "(", '" ', "a-", "four councils ", "over 5 years "],
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    short, long = (_seconds((piece * length)[:length]) for length in (5_000, 40_000))
    # Eight times the text: quadratic rules would take 64 times as long. Very short times are only noise.
    assert long < 20 * max(short, 0.002)
