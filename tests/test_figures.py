"""Figures: the cases of tests/cases/figures.toml, offsets, the speaker link, and time that is linear in the text."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
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
from nlp.build import extract
from nlp.lexicon import lexicon
from nlp.numbers import numeral, pieces_of
from nlp.records import Change, Context, Figure, Mention, Organisation, Qualifier, Quote, Unit
from tests.clock import grows_with_its_input

CASES = [
    case
    for name in ("figures", "figures_sentences")
    for case in tomllib.loads((Path(__file__).parent / "cases" / f"{name}.toml").read_text(encoding="utf-8"))["case"]
]


def _pipeline() -> Language:
    """The component with nothing before it but sentences: no names, no quotes, no parse."""
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
    found = extract(case["text"]).figures
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
    assert len(CASES) >= 200
    assert sum(not case["figures"] for case in CASES) >= 50


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


LGA, OFSTED = "Local Government Association", "Ofsted"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ofsted found that 21 departments were inadequate.", [("21 departments", None, OFSTED)]),
        ("According to Ofsted, councils overspent by £800m.", [("£800m", None, OFSTED)]),
        ("Councils overspent by £800m, according to Ofsted.", [("£800m", None, OFSTED)]),
        ("Some 40 posts are vacant, Ofsted reported.", [("Some 40 posts", None, OFSTED)]),
        ("Ada Quill, chief inspector of Ofsted, said 12 councils had failed.", [("12 councils", "Ada Quill", OFSTED)]),
        ("Ada Quill pointed to the fact that 12 councils had failed.", [("12 councils", "Ada Quill", None)]),
        (
            "Ofsted found that 21 departments were inadequate while a further 43 required improvement.",
            [("21 departments", None, OFSTED), ("a further 43 required improvement", None, OFSTED)],
        ),
        ("The report is late. Ofsted spoke. There are 12 councils.", [("12 councils", None, None)]),
        ("Ada Quill urged the 12 councils to act.", [("12 councils", None, None)]),
        ("Ofsted welcomed the £3m fund.", [("£3m fund", None, None)]),
        ("Ofsted, which has 1,800 staff, said more was needed.", [("1,800 staff", None, None)]),
        ("Ofsted said more was needed, but 12 councils have closed.", [("12 councils", None, None)]),
        ("Ofsted said more was needed; 12 councils have closed.", [("12 councils", None, None)]),
        ("A parent said 12 councils had failed.", [("12 councils", None, None)]),
        ("Ofsted has visited 12 councils.", [("12 councils", None, None)]),
    ],
)
def test_who_says_a_figure(text: str, said: list[tuple[str, str | None, str | None]]) -> None:
    found = extract(text).figures
    told = [(f.text.split(" were")[0], f.speaker, f.organisation and f.organisation.name) for f in found]
    assert told == said


def test_a_figure_in_a_document_is_of_the_body_that_publishes_it() -> None:
    text = "The report says: “There are 12 councils.”"
    start = text.index("There")
    doc = NLP.make_doc(text)
    doc._.quotes = [Quote(start, len(text) - 1, text[start:-1], form="document")]
    doc._.context = Context(publisher=Organisation(OFSTED))
    [figure] = NLP(doc)._.figures
    assert (figure.quote, figure.organisation) == (0, Organisation(OFSTED))


def test_what_a_body_tells_on_its_own_site_is_its_own() -> None:
    context = Context(publisher=Organisation(LGA))
    own, reported = extract("We speak for 340 councils. Ofsted said 12 had failed.", context).figures
    assert own.organisation == Organisation(LGA)
    assert reported.organisation is not None
    assert reported.organisation.name == OFSTED


def test_verbs_that_state_are_verbs_that_report() -> None:
    known = {row["verb"] for row in lexicon("reporting_verbs")}
    assert {row["verb"] for row in lexicon("figure_claims")} <= known


def test_the_parse_says_what_words_do_not() -> None:
    text = "The children's budget was overspent by £4m last year."
    [parsed], [unparsed] = extract(text).figures, figures(text)
    assert (parsed.of, parsed.rule) == ("children's budget overspent", "parse")
    assert (unparsed.value, unparsed.of) == (4_000_000, None)


def test_without_a_parse_the_noun_stays_bare() -> None:
    text = "Some 26% of all shops are in the north."
    assert [figure.of for figure in (*extract(text).figures, *figures(text))] == ["shops in the north", "shops"]


@pytest.mark.parametrize("said", ["will face another inspection", "still offer good services"])
def test_words_about_judgments_are_left_to_the_words_beside_the_number(said: str) -> None:
    [figure] = extract(f"Some 12 councils {said}.").figures
    assert figure.of == "councils"


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


def _one_sentence(text: str) -> Doc:
    """And one word: the tokenizer has its own costs."""
    doc = Doc(NLP.vocab, words=[text])
    doc[0].is_sent_start = True
    return doc


@pytest.mark.parametrize(
    "piece",
    [
        "7",
        ",",
        "1,",
        "one hundred and ",
        "a",
        "£3 to ",
        "3 in 10 ",
        "(",
        '" ',
        "a-",
        "four councils ",
        "over 5 years ",
        "more than 3 % ",
        "twice 4 of ",
        "was 5 ",
        "£3 for 2 ",
    ],
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    def work(length: int) -> Callable[[], Doc]:
        return partial(nlp.figures.figures, _one_sentence((piece * length)[:length]))

    assert grows_with_its_input(work, 4_000, 10)
