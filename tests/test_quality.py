"""How good extraction is: measured as it is, written down, and held to the scores that are pinned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nlp.build import extract
from nlp.confidence import complaint, confidences, where_no_body_is_told
from nlp.records import Mention, Organisation
from onrecord.errors import CannotRun
from onrecord.quality import __main__ as command
from onrecord.quality.cases import Phenomenon, phenomena
from onrecord.quality.judged import Judged
from onrecord.quality.measure import SURE, Quality, measure
from onrecord.quality.page import PAGE, page
from onrecord.quality.pins import Change, changes, pin, read_pinned
from onrecord.quality.reliability import by_bin, by_kind, by_rule, reliability
from tests.command import ROOT

GOLD = ROOT.parent / "shared" / "gold"
annotated = pytest.mark.skipif(not Path(GOLD, "expected").is_dir(), reason="the annotated documents are not here")

TEXT = """\
Unison visits homes in Northshire

3 March 2026

“We are ashamed of it,” said Ruth Okafor, chair of the National Children's Bureau. Ofsted said it had seen 38 homes.

Helen Marsh, who lives beside one of them, said it was “plainly far too late for us”. Peter Lamb called it “good news”.
"""
ASHAMED = {"text": "We are ashamed of it,", "speaker": "Ruth Okafor", "organisation": "National Children's Bureau"}
LATE = {"text": "plainly far too late for us", "speaker": "Helen Marsh"}
GOOD = {"text": "good news", "speaker": "Peter Lamb", "optional": True}
HOMES = {"text": "38 homes", "value": 38, "unit": "count", "of": "homes"}
OKAFOR = {"name": "Ruth Okafor", "role": "chair", "organisation": "National Children's Bureau"}
EXPECTED: dict[str, Any] = {
    "people": [OKAFOR, {"name": "Helen Marsh"}, {"name": "Peter Lamb"}],
    "organisations": ["National Children's Bureau", "Ofsted", "Unison"],
    "quotes": [ASHAMED, LATE, GOOD],
    "figures": [HOMES],
}


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """A document and a news article that are read without a mistake."""
    folder = tmp_path / "gold"
    for name in ("documents", "expected", "news"):
        (folder / name).mkdir(parents=True)
    (folder / "documents/homes.txt").write_text(TEXT, encoding="utf-8")
    expect(folder)
    report(folder, ("late again", "Ruth Okafor"), ("still open", "Ofsted"))
    return folder


def expect(folder: Path, **changed: Any) -> None:
    (folder / "expected/homes.json").write_text(json.dumps({**EXPECTED, **changed}), encoding="utf-8")


def report(folder: Path, *said: tuple[str, str | None], **more: bool) -> None:
    text = "“We are late again,” said Ruth Okafor. The home is “still open for now”, Ofsted said."
    quotes = [
        {"text": found, "start": text.index(found), "end": text.index(found) + len(found), "speaker": speaker, **more}
        for words, speaker in said
        for found in ["We are late again," if words == "late again" else "still open for now"]
    ]
    row = {"id": "one", "text": text, "quotes": quotes}
    (folder / "news/quotes.jsonl").write_text(json.dumps(row), encoding="utf-8")


def wrong(quality: Quality) -> list[str]:
    return sorted(one.kind for one in quality.judged if not one.right)


# What is right


def test_what_is_read_as_annotated_is_right(gold: Path) -> None:
    quality = measure(gold)
    assert (quality.documents, quality.articles) == (1, 1)
    assert wrong(quality) == []
    counts = {row.group[0]: row.records for row in reliability(quality.judged, by_kind)}
    # Without the optional quote, and the body that the headline alone names.
    assert counts == {"figures": 1, "organisations": 2, "people": 3, "quotes": 4}
    assert {quality.scores["gold"][f"{kind} f1"] for kind in ("quotes", "people", "organisations", "figures")} == {1.0}
    assert set(quality.scores["news"].values()) == {1.0}


@pytest.mark.parametrize(
    ("kind", "rows", "counted"),
    [
        ("quotes", [{**ASHAMED, "speaker": "Helen Marsh"}, LATE, GOOD], ["quotes"]),
        ("quotes", [{**ASHAMED, "organisation": "Ofsted"}, LATE, GOOD], ["quotes"]),
        ("quotes", [ASHAMED, LATE], ["quotes"]),
        ("quotes", [ASHAMED, {**LATE, "optional": True, "speaker": "Peter Lamb"}, GOOD], []),
        ("people", [OKAFOR, {"name": "Helen Marsh"}], ["people"]),
        ("people", [{**OKAFOR, "role": "treasurer"}, *EXPECTED["people"][1:]], ["people"]),
        ("people", [{**OKAFOR, "role": None}, *EXPECTED["people"][1:]], ["people"]),
        ("people", [{**OKAFOR, "organisation": "Ofsted"}, *EXPECTED["people"][1:]], ["people"]),
        ("organisations", ["Ofsted", "Unison"], ["organisations"]),
        ("figures", [], ["figures"]),
        ("figures", [{**HOMES, "optional": True, "unit": "years"}], []),
        ("figures", [{**HOMES, "value": 39}], ["figures"]),
        ("figures", [{**HOMES, "unit": "percent"}], ["figures"]),
        ("figures", [{**HOMES, "qualifier": "approx"}], ["figures"]),
        ("figures", [{**HOMES, "change": "increase"}], ["figures"]),
        ("figures", [{**HOMES, "high": 40}], ["figures"]),
        ("figures", [{**HOMES, "of": "prisons"}], ["figures"]),
    ],
)
def test_a_record_is_right_if_all_that_it_says_is(gold: Path, kind: str, rows: list[Any], counted: list[str]) -> None:
    expect(gold, **{kind: rows})
    assert wrong(measure(gold)) == counted


def test_an_optional_body_is_neither_right_nor_wrong(gold: Path) -> None:
    expect(gold, organisations=["National Children's Bureau", "Unison"], optional_organisations=["Ofsted"])
    bodies = [one.right for one in measure(gold).judged if one.kind == "organisations"]
    assert bodies == [True]


@pytest.mark.parametrize(
    ("rows", "right"),
    [
        ([], False),
        ([{"topic": "inspection-framework", "polarity": "supportive"}], False),
        ([{"topic": "inspection-framework", "polarity": "critical"}], True),
        ([{"topic": "inspection-framework", "polarity": "supportive", "optional": True}], None),
    ],
)
def test_a_stance_is_right_by_holder_topic_and_polarity(gold: Path, rows: list[dict[str, Any]], right: object) -> None:
    text = "Grades\n\n3 March 2026\n\n“We oppose the inspection framework,” said Ruth Okafor of Unison."
    (gold / "documents/homes.txt").write_text(text, encoding="utf-8")
    expect(gold, stances=[{"holder": "Ruth Okafor", "organisation": "Unison", "evidence": "", **row} for row in rows])
    found = [one.right for one in measure(gold).judged if one.kind == "stances"]
    assert found == ([] if right is None else [right])


def test_what_nobody_has_annotated_is_not_judged(gold: Path) -> None:
    (gold / "expected/homes.json").write_text(json.dumps({"quotes": EXPECTED["quotes"]}), encoding="utf-8")
    assert {one.kind for one in measure(gold).judged} == {"quotes"}


def test_news_without_speakers_found_or_missed(gold: Path) -> None:
    report(gold, ("late again", "Helen Marsh"), ("still open", "Ofsted"))
    scores = measure(gold).scores["news"]
    assert (scores["quotes f1"], scores["quotes with speaker f1"], scores["speaker of those found"]) == (1.0, 0.5, 0.5)
    report(gold, ("late again", None), ("still open", "Ofsted"))  # nobody says who speaks: not counted
    assert measure(gold).scores["news"]["quotes with speaker f1"] == 1.0
    report(gold, ("still open", "Ofsted"))
    scores = measure(gold).scores["news"]
    assert (scores["quotes precision"], scores["quotes recall"]) == (0.5, 1.0)
    assert (scores["quotes with speaker precision"], scores["quotes with speaker recall"]) == (0.5, 1.0)
    assert scores["quotes with speaker f1"] == pytest.approx(2 / 3)
    report(gold, ("late again", "Ruth Okafor"), ("still open", "Ofsted"), optional=True)
    assert [one for one in measure(gold).judged if one.kind == "quotes"][2:] == []


def test_news_that_cannot_be_read_is_said(gold: Path) -> None:
    (gold / "news/quotes.jsonl").write_text('{"id": "one"}', encoding="utf-8")
    with pytest.raises(CannotRun, match=r"quotes\.jsonl can't be read"):
        measure(gold)


# Cases


def test_cases_are_counted_under_their_headings(tmp_path: Path) -> None:
    (tmp_path / "quotes.toml").write_text(
        "# What begins where. Nothing but --- words.\n\n"
        "[[case]]\ntext = 'a'\nquotes = [{ text = 'a' }]\n\n"
        "# --- Lost marks ---\n\n[[case]]\ntext = 'b'\nquotes = []\n\n"
        "[[case]]\ntext = 'c'\nquotes = [{ text = 'c' }]\n\n"
        "# Marks of feet -----------\n[[case]]\ntext = 'd'\nquotes = []\n\n"
        "# ---- Lost marks ----\n[[case]]\ntext = 'e'\nquotes = []\n",
        encoding="utf-8",
    )
    (tmp_path / "dates.toml").write_text("[[case]]\ntext = 'May'\n[[case]]\ntext = '1 May 2026'\nday = 'x'\n")
    (tmp_path / "speakers_late.toml").write_text("[[case]]\ntext = 'May'\nquotes = []\n")
    (tmp_path / "stories.toml").write_text("[[story]]\nwhat = 'one'\n[[story.article]]\nday = 'x'\n")
    assert phenomena(tmp_path) == [
        Phenomenon("dates", "", 2, 1),
        Phenomenon("quotes", "", 1, 0),
        Phenomenon("quotes", "Lost marks", 3, 2),
        Phenomenon("quotes", "Marks of feet", 1, 1),
        Phenomenon("speakers_late", "", 1, 1),
        Phenomenon("stories", "", 1, 0),
    ]


# Reliability


def test_records_are_counted_by_confidence_kind_and_rule() -> None:
    records = [
        Judged("quotes", "lead", 0.95, True),
        Judged("quotes", "lead", 0.9, False),
        Judged("people", "title", 0.9, True),
        Judged("people", "who", 0.7, False),
        Judged("people", "who", 0.2, True),
        Judged("people", "who", 0.4, False),
    ]
    bins = {row.group: (row.records, row.right) for row in reliability(records, by_bin)}
    assert bins == {("0.0 to 0.5",): (2, 1), ("0.7 to 0.8",): (1, 0), ("0.9 to 1.0",): (3, 2)}
    assert [(row.group, row.share) for row in reliability(records, by_kind)] == [(("people",), 0.5), (("quotes",), 0.5)]
    lead = reliability(records, by_rule)[2]
    assert (lead.group, lead.records, lead.right) == (("quotes", "lead"), 2, 1)
    assert lead.said == pytest.approx(0.925)
    assert lead.suggested == pytest.approx((1 + 20 * 0.925) / 22)


def test_a_lucky_hit_makes_no_rule_sure_and_many_do() -> None:
    [few] = reliability([Judged("quotes", "new", 0.5, True)] * 2, by_rule)
    [many] = reliability([Judged("quotes", "old", 0.5, True)] * 500, by_rule)
    assert few.suggested < 0.6
    assert many.suggested > 0.95


@pytest.mark.parametrize(
    "row",
    [
        {"rule": "lead", "confidence": "0.9"},
        {"rule": "speakers/", "confidence": "0.9"},
        {"rule": "readers/lead", "confidence": "0.9"},
        {"rule": "speakers/lead", "confidence": "sure"},
        {"rule": "speakers/lead", "confidence": "1"},
        {"rule": "speakers/lead", "confidence": "0"},
    ],
)
def test_a_bad_confidence_is_refused(row: dict[str, str]) -> None:
    assert complaint(row)
    assert complaint({"rule": "speakers/lead", "confidence": "0.96"}) is None


def test_confidences_are_the_ones_of_the_lexicon() -> None:
    records = extract("“We are late,” said Cllr Ruth Okafor, chair of the National Children's Bureau.")
    assert records.quotes[0].confidence == confidences("speakers")["clause-after"]
    assert records.people[0].confidence == confidences("people")["title"]
    assert {m.confidence for m in records.mentions if m.organisation} == {confidences("organisations")["name"]}


def test_somebody_of_no_body_is_doubtful_where_bodies_are_named() -> None:
    late = "“We are late,” said Ruth Okafor."
    plain, one, two = (extract(late + more) for more in ("", " Ofsted agreed.", " Ofsted agreed. So did the NSPCC."))
    untold = confidences("whose")["untold"]
    assert plain.quotes[0].confidence == one.quotes[0].confidence
    assert two.quotes[0].confidence == pytest.approx(one.quotes[0].confidence * untold, abs=0.001)
    assert two.people[0].confidence == pytest.approx(one.people[0].confidence * untold, abs=0.001)
    unlisted = [Mention(0, 1, "x", organisation=Organisation(name)) for name in ("Westmere Trust", "Eastham Trust")]
    assert where_no_body_is_told(unlisted) == 1
    told = extract("“We are late,” said Ruth Okafor, chair of the NSPCC. Ofsted agreed.")
    assert told.quotes[0].confidence == plain.quotes[0].confidence


def test_whose_a_document_is_is_a_doubt_of_its_own() -> None:
    [body] = extract("Ofsted said: “Visits were late.”").quotes
    [document] = extract("Ofsted's report said: “Visits were late.”").quotes
    assert document.organisation == body.organisation
    assert document.confidence < body.confidence * confidences("whose")["document"] + 0.001


# Gains and losses


def test_no_heading_breaks_the_table() -> None:
    empty = Quality(0, 0, {"gold": {}, "news": {}}, [], [Phenomenon("quotes", "either | or", 1, 0)])
    assert "| quotes | either \\| or | 1 | 0 |\n| all |  | 1 | 0 |" in page(empty, [])


def test_what_fell_rose_came_and_went() -> None:
    pinned = {"gold": {"quotes f1": 0.9, "people f1": 0.8, "old": 1.0, "same": 0.5}}
    found = changes(pinned, {"gold": {"quotes f1": 0.85, "people f1": 0.9, "same": 0.5}, "news": {"new": 0.4}})
    assert [(str(change), change.is_loss) for change in found] == [
        ("gold: quotes f1 fell from 0.9 to 0.85", True),
        ("gold: old is no longer measured", True),
        ("gold: people f1 rose from 0.8 to 0.9", False),
        ("news: new is new", False),
    ]


def test_numbers_are_pinned_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "pinned.json"
    assert read_pinned(path) == {}
    pin({"gold": {"quotes f1": 0.901}}, path)
    assert read_pinned(path) == {"gold": {"quotes f1": 0.901}}
    path.write_text("{", encoding="utf-8")
    with pytest.raises(CannotRun, match=r"pinned\.json can't be read"):
        read_pinned(path)


def test_what_is_pinned(gold: Path, tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases/quotes.toml").write_text("[[case]]\nquotes = []\n# --- more ---\n[[case]]\nquotes = []\n")
    pinned = measure(gold, tmp_path / "cases").pinned()
    assert pinned["cases"] == {"quotes": 2}
    assert pinned["gold"]["speakers organisation"] == pinned["news"]["quotes with speaker f1"] == 1.0
    assert not any("precision" in name or "recall" in name for numbers in pinned.values() for name in numbers)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The command, which writes into a folder of its own."""
    pinned = tmp_path / "pinned.json"
    monkeypatch.setattr(command, "PAGE", tmp_path / "quality.md")
    monkeypatch.setattr(command, "read_pinned", lambda: read_pinned(pinned))
    monkeypatch.setattr(command, "pin", lambda numbers: pin(numbers, pinned))
    return lambda *arguments: CliRunner().invoke(command.main, [str(argument) for argument in arguments])


def test_the_command_writes_the_page_and_reports_a_loss(gold: Path, run: Any, tmp_path: Path) -> None:
    done: Result = run(gold, "--pin")
    assert (done.exit_code, done.output) == (0, "")
    written = (tmp_path / "quality.md").read_text(encoding="utf-8")
    assert "| quotes | 1.000 | 1.000 | 1.000 |" in written
    assert "| organisations | 2 | 2 | 1.000 | 0.980 | 2 | 1.000 |" in written
    assert written.endswith("nothing has changed.\n")
    assert "ashamed" not in written
    assert run(gold).output == ""
    expect(gold, figures=[{**HOMES, "value": 39}])
    done = run(gold)
    assert done.exit_code == 1
    assert "loss: gold: figures f1 fell from 1 to 0" in done.output
    assert "- loss: gold: figures f1 fell from 1 to 0" in (tmp_path / "quality.md").read_text(encoding="utf-8")


def test_calibration_prints_each_rule_and_writes_nothing(gold: Path, run: Any, tmp_path: Path) -> None:
    done: Result = run(gold, "--calibrate")
    assert done.exit_code == 0
    assert any(line.split()[:5] == ["people", "given-name", "3", "3", "1.000"] for line in done.output.splitlines())
    assert not (tmp_path / "quality.md").exists()


def test_a_folder_without_documents_is_said(run: Any, tmp_path: Path) -> None:
    done: Result = run(tmp_path / "nowhere")
    assert done.exit_code == 2
    assert "There is no folder" in done.output


def test_make_runs_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.split("\nquality:")[1].split("\n\n")[0]
    assert "$(BIN)/python -m onrecord.quality $(GOLD)" in recipe
    assert "--pin" in recipe


# Today's rules


@pytest.fixture(scope="module")
def today() -> Quality:
    return measure(GOLD)


@annotated
def test_no_score_has_fallen(today: Quality) -> None:
    fallen = [str(change) for change in changes(read_pinned(), today.pinned()) if change.is_loss]
    assert fallen == [], "mend it, or take it with `make quality PIN=1` and say why"


@annotated
def test_the_page_says_what_is_measured(today: Quality) -> None:
    written = page(today, changes(read_pinned(), today.pinned()))
    assert PAGE.read_text(encoding="utf-8") == written, "run `make quality`"


@annotated
def test_who_is_sure_is_right(today: Quality) -> None:
    sure = [one.right for one in today.judged if one.confidence >= SURE]
    assert len(sure) > 50
    assert sum(sure) / len(sure) >= 0.95


@annotated
def test_no_sentence_of_others_is_on_the_page() -> None:
    written = PAGE.read_text(encoding="utf-8")
    for row in (GOLD / "news/quotes.jsonl").read_text(encoding="utf-8").splitlines():
        for quote in json.loads(row)["quotes"]:
            assert len(quote["text"].split()) < 4 or quote["text"] not in written


def test_the_pinned_file_holds_what_is_measured() -> None:
    assert set(read_pinned()) == {"gold", "news", "cases"}
    assert all(isinstance(value, float | int) for numbers in read_pinned().values() for value in numbers.values())
    assert isinstance(changes({}, read_pinned())[0], Change)
