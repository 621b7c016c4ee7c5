"""Stances alone: who speaks is given by each case, so that only where they stand is tested."""

import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from nlp import build, clauses, sentences, stances, topics, views  # noqa: F401  (build declares what a Doc carries)
from nlp.lexicon import LexiconError, read_rows
from nlp.phrases import Phrases
from nlp.records import Context, Mention, Organisation, Person, Polarity, Quote, Stance

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "cases/stances.toml").read_text("utf-8"))["case"]

nlp = spacy.blank("en")
nlp.add_pipe("sentences")
nlp.add_pipe("stances")


def body(name: str) -> Organisation:
    """An organisation as the gazetteer would give it."""
    return Organisation(name, "ofsted" if name == "Ofsted" else None)


def read(case: dict[str, Any]) -> Doc:
    """The Doc of a case, with what the components before would have found in it."""
    doc = nlp.make_doc(case["text"])
    text = case["text"]

    def named(names: list[str]) -> list[tuple[int, int, str]]:
        return [(m.start(), m.end(), name) for name in names for m in re.finditer(rf"\b{re.escape(name)}(?!\w)", text)]

    bodies, people = case.get("organisations", []), case.get("people", [])
    doc._.organisation_mentions = [Mention(*span, organisation=body(span[2])) for span in named(bodies)]
    doc._.person_mentions = [Mention(*span, person=span[2]) for span in named(people)]
    doc._.people = [Person(name) for name in people]
    if "speaker" in case or "organisation" in case:
        speaks_for = body(case["organisation"]) if "organisation" in case else None
        doc._.quotes = [Quote(0, len(text), text, speaker=case.get("speaker"), organisation=speaks_for)]
    if "publisher" in case:
        doc._.context = Context(publisher=Organisation(case["publisher"]))
    for _, component in nlp.pipeline:
        doc = component(doc)
    return doc


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    found: list[Stance] = read(case)._.stances
    default = case.get("speaker") or case.get("organisation")
    wanted = [(row.get("holder", default), row["topic"], row["polarity"]) for row in case["stances"]]
    assert sorted({(row.holder, row.topic, row.polarity) for row in found}) == sorted(wanted)
    for want, key in zip(case["stances"], wanted, strict=True):
        rows = [row for row in found if (row.holder, row.topic, row.polarity) == key]
        assert any(want.get("evidence", "") in row.text for row in rows)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 80
    assert sum(not case["stances"] for case in CASES) >= 20
    assert {row["topic"] for case in CASES for row in case["stances"]} == set(topics.TOPICS) - {"other"}


def test_a_row_says_where_it_comes_from() -> None:
    doc = read({"text": "Caseloads are too high.", "speaker": "Joan Smee", "organisation": "Unison"})
    [row] = doc._.stances
    assert (row.text, row.quote, row.rule) == ("Caseloads are too high", 0, "deficit/quote")
    assert (row.speaker, row.organisation) == ("Joan Smee", Organisation("Unison"))
    assert row.confidence == stances.CONFIDENCE["deficit"]


def test_what_is_hedged_or_far_from_its_topic_is_less_sure() -> None:
    plain, hedged, far = (
        read({"text": text, "organisation": "Unison"})._.stances[0].confidence
        for text in (
            "We oppose the inspection framework.",
            "We might oppose the inspection framework.",
            "The inspection framework is out, and we oppose it.",
        )
    )
    assert hedged < plain
    assert far < plain


def test_the_words_of_a_fragment_belong_to_its_speaker() -> None:
    text = "She praised the “quiet excellence” of social workers."
    doc = nlp.make_doc(text)
    start = text.index("quiet")
    doc._.quotes = [Quote(start, start + 16, text[start : start + 16], "partial", speaker="Joan Smee")]
    for _, component in nlp.pipeline:
        doc = component(doc)
    [row] = doc._.stances
    assert (row.holder, row.topic, row.polarity, row.quote) == ("Joan Smee", "workforce", "supportive", 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("praised,flattery,supportive,right,,", "is no family"),
        ("praised,praise,glad,right,,", "is no polarity"),
        ("praised,praise,supportive,up,,", "is no arrow"),
        ("praised,praise,supportive,right,weather,", "is no topic"),
        ("prais.*,praise,supportive,right,,", "nothing else"),
        ("(prais(e|ed)),praise,supportive,right,,", "no group inside"),
        ("'s own,praise,supportive,right,,", "must start with a word"),
        ("prais(ed,praise,supportive,right,,", "prais(ed"),
        ("(|praised),praise,supportive,right,,", "must start with a word"),
    ],
)
def test_a_bad_cue_is_refused_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "stances.csv"
    path.write_text(f"cue,family,polarity,arrow,topic,needs\n{line}\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"stances\.csv:2:") as error:
        read_rows(path, check=stances.check)
    assert said in str(error.value)


@pytest.mark.parametrize(("line", "said"), [("rain,weather,1", "is no topic"), ("rain,other,much", "is no number")])
def test_a_bad_topic_word_is_refused_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "topics.csv"
    path.write_text(f"term,topic,weight\n{line}\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=said):
        read_rows(path, check=topics.check)


def test_the_phrase_of_most_words_wins_and_nothing_overlaps() -> None:
    cues = Phrases([{"cue": "good"}, {"cue": "good (|enough )practice"}, {"cue": "no _ good"}], "cue")
    hits = cues.find("a good enough practice, no damn good")
    assert [(hit.start, hit.end) for hit in hits] == [(2, 22), (24, 36)]


@pytest.mark.parametrize(
    ("rows", "added_up"),
    [
        ([("critical", 0.8)], "critical"),
        ([("critical", 0.8), ("supportive", 0.7)], "mixed"),
        ([("critical", 0.9), ("critical", 0.9), ("critical", 0.9), ("supportive", 0.6)], "mixed"),
        ([("supportive", 0.9), ("neutral", 0.9)], "supportive"),
        ([("mixed", 0.8), ("supportive", 0.9)], "mixed"),
        ([("neutral", 0.5)], "neutral"),
    ],
)
def test_a_view_is_what_the_rows_of_a_body_add_up_to(rows: list[tuple[Polarity, float]], added_up: Polarity) -> None:
    ofsted = Organisation("Ofsted", "ofsted")
    given_rows = [
        Stance(i, i + 1, "x", "leadership", polarity, speaker, ofsted, confidence=sure)
        for i, ((polarity, sure), speaker) in enumerate(zip(rows, ["Joan Smee", None, None, None], strict=False))
    ]
    [view] = views.views(given_rows)
    assert (view.polarity, view.topic, view.organisation) == (added_up, "leadership", ofsted)


def test_a_clause_without_an_end_is_cut() -> None:
    text = "word " * 1000
    pieces = clauses.split(text, 0, len(text))
    assert "".join(text[piece.start : piece.end] for piece in pieces) == text
    assert max(piece.end - piece.start for piece in pieces) <= 1000


WORDS = st.sampled_from(
    ["Ofsted", "Joan Smee", "said", "criticised", "by", "weak leadership", "the report", "she", "it", "“", "”", "\"",
     "'", ",", ".", "\n\n", "but", "while", "despite", "İ", "—", "funding cuts", "welcomed", "according to", "not",
     "𝒳", "¨"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=60), st.data())
def test_any_text_gives_rows_whose_offsets_resolve(text: str, data: st.DataObject) -> None:
    case: dict[str, Any] = {"text": text, "organisations": ["Ofsted"], "people": ["Joan Smee"]}
    if data.draw(st.booleans()):
        case["organisation"] = "Ofsted"
    found = read(case)._.stances
    assert all(text[row.start : row.end] == row.text != "" for row in found)
    assert all(row.holder and 0 < row.confidence <= 1 for row in found)
    assert found == read(case)._.stances


@pytest.mark.parametrize(
    "text",
    [
        "Ofsted said weak leadership was failing children, and ADCS criticised the rating system.\n\n",
        "weak leadership was failing children and ADCS said ",  # one sentence without an end
        "The report said leadership was weak. ",
        "Ofsted, ADCS and ",
        "“We warn, ”",
    ],
)
def test_time_grows_with_the_text_alone(text: str) -> None:
    def seconds(times: int) -> float:
        doc = read({"text": text * times, "organisations": ["Ofsted", "ADCS"]})
        started = time.process_time()
        stances.stances(doc)
        return time.process_time() - started

    seconds(5)
    assert seconds(2000) < 25 * seconds(200) + 0.2
