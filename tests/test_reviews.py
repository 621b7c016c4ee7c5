"""What decisions are good for: JSON lines, gold documents, training data, precision; a tenth of it kept aside."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import spacy
from click.testing import CliRunner
from spacy.tokens import DocBin
from sqlite_utils import Database

from nlp.records import Figure, Mention, Organisation, Quote, Records, Stance
from onrecord.check import check
from onrecord.cli import cli
from onrecord.errors import CannotRun
from onrecord.evaluate import evaluate
from onrecord.review.anchors import move
from onrecord.review.by_rule import accept_rule
from onrecord.review.decisions import Decision, decide, undo
from onrecord.review.export import write_jsonl
from onrecord.review.golden import write_gold
from onrecord.review.precision import precision, wilson
from onrecord.review.standing import is_held_out, standing
from onrecord.review.training import write_spacy
from pipelines import schema
from pipelines.keys import digest, text_key
from pipelines.schema import open_database
from pipelines.store import store_records
from pipelines.who import load_organisations
from tests.command import onrecord
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, UNION, add_source, article, records, spot, store

KEPT_ASIDE = next(url for n in range(99) if is_held_out(url := f"https://news.example/{n}"))
LEARNT = next(url for n in range(99) if not is_held_out(url := f"https://news.example/{n}"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The sample's article twice: at an address that is kept aside, and at one that is not."""
    db = open_database(tmp_path / "file.db")
    add_source(db, "herald")
    for url in (KEPT_ASIDE, LEARNT):
        store(db, article(url, source="herald"), records())
    db.close()
    return tmp_path / "file.db"


@pytest.fixture
def db(path: Path) -> Any:
    db = open_database(path)
    yield db
    db.close()
    assert check(path) == []


def key(db: Database, text: str = SAID, kind: str = "quote", url: str = LEARNT) -> str:
    sql = f"SELECT {kind}_key FROM {kind}s AS item JOIN articles ON articles.id = article_id"
    return str(db.execute(f"{sql} WHERE item.text = ? AND url = ?", [text, url]).fetchone()[0])


def settle(db: Database, it: str, verdict: str, kind: str = "quote", **other: Any) -> int:
    latest = db.execute("SELECT max(id) FROM reviews WHERE item_key = ?", [it]).fetchone()[0]
    return decide(db.conn, Decision(kind, it, verdict, "ann", seen=latest, **other), AT).review_id  # type: ignore[arg-type]


# What stands ---------------------------------------------------------------------------------------------------------


def test_a_tenth_of_all_articles_is_kept_aside() -> None:
    kept = sum(is_held_out(f"https://news.example/council/{n}") for n in range(10_000))
    assert 900 < kept < 1100


def test_the_last_decision_on_a_record_stands(db: Database) -> None:
    settle(db, key(db), "rejected")
    settle(db, key(db), "corrected", corrected={"speaker": "Cy Marrow"})
    undo(db.conn, settle(db, key(db, "a blunt tool"), "accepted"), "ann", AT)
    [it] = standing(db)
    assert (it.kind, it.verdict, it.url, it.row["source_id"]) == ("quote", "corrected", LEARNT, "herald")
    assert it.fields == it.fields | {"speaker": "Cy Marrow", "organisation": COUNCIL.name, "text": SAID}
    assert not any(name.endswith("_id") for name in it.fields)


def test_what_was_accepted_unread_or_moved_away_does_not_stand(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.review.by_rule.SAMPLE", 0)
    accept_rule(db.conn, "figure", "test", "bo", AT, read=0, right=0)
    review = settle(db, key(db), "accepted")
    words = SAID.removeprefix("Inspectors ")
    found = Records(quotes=(Quote(**spot(TEXT, words), organisation=COUNCIL, rule="newer"),))
    store_records(db, 2, found, extracted_at=LATER, extractor="test 2")
    move(db.conn, review, key(db, words), "bo", LATER)
    [it] = standing(db)
    assert (it.kind, it.row["how"], it.row["text"]) == ("quote", "moved", words)
    undo(db.conn, it.row["id"], "bo", AT)
    [it] = standing(db)
    assert (it.kind, it.row["how"], it.row["text"]) == ("quote", "read", SAID)


# JSON lines ----------------------------------------------------------------------------------------------------------


def test_decisions_are_written_a_line_each(db: Database, tmp_path: Path) -> None:
    settle(db, key(db), "corrected", corrected={"role": "Chair"}, note="see the caption")
    settle(db, key(db, "17 cases", "figure"), "rejected", "figure")
    settle(db, key(db, url=KEPT_ASIDE), "accepted")
    assert write_jsonl(db, tmp_path / "out.jsonl", held_out=False) == 2
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert first == first | {
        "kind": "quote",
        "verdict": "corrected",
        "reviewer": "ann",
        "at": AT,
        "note": "see the caption",
        "rule": "test",
        "confidence": 0.9,
        "url": LEARNT,
        "source": "herald",
        "text": SAID,
        "corrected": {"role": "Chair"},
    }
    assert first["said"]["speaker"] == "Ada Quillfeather"
    assert SAID in first["context"]
    assert (second["kind"], second["verdict"]) == ("figure", "rejected")
    assert write_jsonl(db, tmp_path / "out.jsonl", held_out=True) == 1
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["url"] == KEPT_ASIDE


def test_what_cannot_be_written_is_said(db: Database, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(CannotRun, match="can't be written"):
        write_jsonl(db, tmp_path / "folder", held_out=False)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


# Gold documents ------------------------------------------------------------------------------------------------------


def gold(folder: Path) -> dict[str, Any]:
    [file] = (folder / "expected").iterdir()
    assert (folder / "documents" / file.name).exists()
    return json.loads(file.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_gold_expects_what_people_found_right(db: Database, tmp_path: Path) -> None:
    settle(db, key(db), "corrected", corrected={"speaker": "Cy Marrow", "end": TEXT.index(" and saw")})
    settle(db, key(db, "a blunt tool"), "rejected")
    settle(db, key(db, "a blunt tool", "stance"), "accepted", "stance")
    assert write_gold(db, tmp_path / "gold", held_out=False) == 1
    expected = gold(tmp_path / "gold")
    assert expected["url"] == LEARNT
    right, undecided = expected["quotes"]
    assert right == right | {
        "text": "Inspectors came for a week",
        "speaker": "Cy Marrow",
        "organisation": COUNCIL.name,
        "form": "direct",
        "optional": False,
    }
    assert (undecided["text"], undecided["optional"]) == ("We closed 17 cases.", True)
    required = [it for it in expected["stances"] if not it["optional"]]
    assert required == [
        {
            "holder": UNION.name,
            "evidence": "a blunt tool",
            "organisation": UNION.name,
            "topic": "inspection-framework",
            "polarity": "critical",
            "optional": False,
        }
    ]
    assert not expected.keys() & {"figures", "people", "organisations"}, "nobody has looked at those"


def test_gold_keeps_what_no_rule_finds_any_more(db: Database, tmp_path: Path) -> None:
    settle(db, key(db), "accepted")
    settle(db, key(db, "We closed 17 cases."), "accepted")
    store(db, article(LEARNT, TEXT.replace("17 cases", "18 cases"), source="herald"), Records())
    write_gold(db, tmp_path / "gold", held_out=False)
    [it] = gold(tmp_path / "gold")["quotes"]
    assert (it["text"], it["optional"]) == (SAID, False)


def test_gold_tells_what_extraction_was_told(db: Database, tmp_path: Path) -> None:
    quoted = TEXT.index("She added")
    one = article(LEARNT, source="herald", block_quotes=((quoted, quoted + 5),))
    store(db, one, records())
    settle(db, key(db), "accepted")
    write_gold(db, tmp_path / "gold", held_out=False)
    [file] = (tmp_path / "gold" / "documents").iterdir()
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "url": LEARNT,
        "title": one.title,
        "published": one.published,
        "kind": "article",
        "text": TEXT,
        "publisher": None,
        "block_quotes": [[quoted, quoted + 5]],
    }


def test_gold_goes_to_a_folder_of_its_own(db: Database, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CannotRun, match="there already"):
        write_gold(db, tmp_path, held_out=False)
    with pytest.raises(CannotRun, match="there already"):
        write_gold(db, tmp_path / "notes.txt", held_out=False)


def test_evaluate_takes_the_gold(tmp_path: Path) -> None:
    """The publisher, whom no page prints, is told; what nobody looked at is not scored."""
    text = "“We are proud of the 12 social workers who came back,” said a spokesperson."
    db = open_database(tmp_path / "file.db")
    load_organisations(db)
    publisher = db.execute("SELECT name FROM organisations WHERE slug = 'adcs'").fetchone()[0]
    words = "We are proud of the 12 social workers who came back,"
    quote = Quote(**spot(text, words), role="spokesperson", organisation=Organisation(publisher, "adcs"), rule="test")
    figure = Figure(**spot(text, "12 social workers"), value=12, unit="count", rule="test")
    store(db, article(LEARNT, text, publisher="adcs"), Records(quotes=(quote,), figures=(figure,)))
    settle(db, key(db, words), "accepted")
    write_gold(db, tmp_path / "gold", held_out=False)
    db.close()
    done = onrecord("evaluate", tmp_path / "gold", "--each")
    assert done.returncode == 0, done.stderr
    assert "1 documents; headline, date and body: 0 misses" in done.stdout
    assert re.search(r"quotes +P 1.000 +R 1.000", done.stdout)
    assert re.search(r"speakers .*organisation 1.000", done.stdout), done.stdout
    assert not re.search(r"(people|organisations|figures|stances) +P", done.stdout), done.stdout


@pytest.mark.parametrize("content", ["[]", "{", '{"url": "u"}', '{"url": "u", "block_quotes": [], "mood": 1}'])
def test_evaluate_refuses_a_broken_document(tmp_path: Path, content: str) -> None:
    for folder, text in (("expected", "{}"), ("documents", content)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.json").write_text(text)
    with pytest.raises(CannotRun, match="can't be read"):
        evaluate(tmp_path)


# Training data -------------------------------------------------------------------------------------------------------


def test_settled_names_are_entities_and_of_the_rest_nothing_is_said(db: Database, tmp_path: Path) -> None:
    text = f"{TEXT}\n\nMs Quillfeather left. Dot Sedge of Marlbury Council stayed."
    mentions = tuple(
        Mention(**spot(text, it), person="Ada Quillfeather") for it in ("Ada Quillfeather", "Ms Quillfeather")
    )
    surname = text.rindex("Quillfeather")
    mentions += (Mention(surname, surname + 12, "Quillfeather", person="Ada Quillfeather"),)
    given = records(text)
    store(db, article(LEARNT, text, source="herald"), Records(mentions, given.people, given.quotes))
    settle(db, key(db), "accepted")
    settle(db, key(db, "a blunt tool"), "rejected")
    assert write_spacy(db, tmp_path / "train.spacy", held_out=False) == 1
    [doc] = DocBin().from_disk(tmp_path / "train.spacy").get_docs(spacy.blank("en").vocab)
    assert [(it.text, it.label_) for it in doc.ents] == [
        ("Marlbury Council", "ORG"),
        ("Ada Quillfeather", "PER"),
        ("Quillfeather", "PER"),
        ("Marlbury Council", "ORG"),
    ]
    assert {token.ent_iob_ for token in doc if not token.ent_type_} == {""}, "missing, not outside"


def test_corrected_names_are_learnt_and_those_kept_aside_are_not(db: Database, tmp_path: Path) -> None:
    right = {"speaker": "Dot Sedge", "organisation": UNION.name}
    settle(db, key(db, url=KEPT_ASIDE), "corrected", corrected=right)
    assert write_spacy(db, tmp_path / "train.spacy", held_out=False) == 0
    assert write_spacy(db, tmp_path / "test.spacy", held_out=True) == 1
    [doc] = DocBin().from_disk(tmp_path / "test.spacy").get_docs(spacy.blank("en").vocab)
    assert [(it.text, it.label_) for it in doc.ents] == [(UNION.name, "ORG")]  # no Dot Sedge in the text


def test_bodies_are_learnt_by_all_their_names(tmp_path: Path) -> None:
    db = open_database(tmp_path / "file.db")
    load_organisations(db)
    text = (
        "Leaders at ADCS met in Leeds; ADCSX did not.\n\n"
        "“It went well,” said the Association of Directors of Children's Services.\n\n“Fine,” said Leeds City Council."
    )
    body = Organisation("Association of Directors of Children's Services", "adcs")
    council = Organisation("Leeds City Council")
    quotes = (
        Quote(**spot(text, "It went well,"), organisation=body),
        Quote(**spot(text, "Fine,"), organisation=council),
    )
    store(db, article(LEARNT, text), Records(quotes=quotes))
    for it in ("It went well,", "Fine,"):
        settle(db, key(db, it), "accepted")
    write_spacy(db, tmp_path / "train.spacy", held_out=False)
    db.close()
    [doc] = DocBin().from_disk(tmp_path / "train.spacy").get_docs(spacy.blank("en").vocab)
    assert [it.text for it in doc.ents] == ["ADCS", body.name, "Leeds City Council"]


# Precision -----------------------------------------------------------------------------------------------------------


def test_wilsons_interval() -> None:
    assert wilson(9, 10) == (pytest.approx(0.5958, abs=1e-4), pytest.approx(0.9821, abs=1e-4))
    assert wilson(0, 5) == (0.0, pytest.approx(0.4345, abs=1e-4))
    assert wilson(5, 5) == (pytest.approx(0.5655, abs=1e-4), 1.0)


def test_precision_counts_what_was_read_at_the_rule_of_its_time(db: Database) -> None:
    settle(db, key(db), "accepted")
    settle(db, key(db, "We closed 17 cases."), "corrected", corrected={"role": "Chair"})
    settle(db, key(db, "a blunt tool"), "rejected")
    settle(db, key(db, "a blunt tool", "stance"), "accepted", "stance")
    db.execute("UPDATE quotes SET rule = 'newer', confidence = 0.1")
    [quotes, stances] = precision(standing(db), "rule")
    assert (quotes.kind, quotes.group, quotes.decided, quotes.right) == ("quote", "test", 3, 1)
    assert (quotes.corrected, quotes.rejected, quotes.share) == (1, 1, pytest.approx(1 / 3))
    assert (quotes.low, quotes.high) == wilson(1, 3)
    assert (stances.kind, stances.decided, stances.right) == ("stance", 1, 1)
    assert [(it.group, it.decided) for it in precision(standing(db), "source")] == [("herald", 3), ("herald", 1)]
    bands = [(it.kind, it.group, it.decided, it.right) for it in precision(standing(db), "confidence")]
    assert bands == [
        ("quote", "0.9 to 1.0", 2, 1),
        ("quote", "0.6 to 0.7", 1, 0),
        ("stance", "0.6 to 0.7", 1, 1),
    ]


def test_the_surest_are_in_the_highest_tenth(db: Database) -> None:
    row = {"item_kind": "quote", "decision": "accepted", "reviewer": "bo", "at": AT, "text": "x"}
    for n, confidence in enumerate((1.0, 0.3, 0.0, None)):
        db.table("reviews").insert({**row, "item_key": str(n), "confidence": confidence})
    groups = {it.group for it in precision(standing(db), "confidence")}
    assert groups == {"0.9 to 1.0", "0.3 to 0.4", "0.0 to 0.1", "(not noted)"}
    assert {it.group for it in precision(standing(db), "source")} == {"(none)"}


# The commands --------------------------------------------------------------------------------------------------------


def test_the_commands_write_and_print(path: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> str:
        done = CliRunner().invoke(cli, ["reviews", *map(str, arguments), "--db", str(path)], standalone_mode=False)
        assert done.exception is None, done.output
        return str(done.output)

    assert "Nobody has decided" in run("precision")
    db = open_database(path)
    settle(db, key(db), "accepted")
    settle(db, key(db, url=KEPT_ASIDE), "rejected")
    db.close()
    printed = run("precision", "--by", "source")
    assert re.search(r"^quote +herald +2 +1 +0 +1 +50.0% +9.5% to 90.5%$", printed, re.MULTILINE), printed
    for form, name in (("jsonl", "out.jsonl"), ("gold", "gold"), ("spacy", "out.spacy")):
        assert "kept aside" in run("export", "--format", form, "--held-out", tmp_path / name)
        assert (tmp_path / name).exists()
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["url"] == KEPT_ASIDE
    lost = onrecord("reviews", "export", tmp_path / "no" / "where", "--db", path)
    assert (lost.returncode, lost.stdout) == (2, "")
    assert "there is no folder" in lost.stderr


def test_a_file_of_a_night_before_reviews_keeps_its_decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions from before they held for every kind: the last one is shown, the counts are true."""
    folder = tmp_path / "schema"
    shutil.copytree(Path(schema.__file__).parent / "schema", folder)
    monkeypatch.setattr(schema, "_FOLDER", folder)
    for script in folder.glob("*.sql"):
        if script.name > "0009":
            script.rename(script.with_suffix(".later"))
    db = open_database(tmp_path / "old.db")
    seen = {"first_seen": AT, "seen_from": AT, "text_hash": digest(TEXT), "words": len(TEXT.split())}
    kept = {"id": 1, "url": LEARNT, "kind": "article", "body_method": "html", "text": TEXT, "published": "2026-04-30"}
    db.table("articles").insert({**kept, **seen})
    quote = {"article_id": 1, "quote_key": "the key", "text_key": text_key(SAID), **spot(TEXT, SAID), "form": "direct"}
    db.table("quotes").insert({**quote, "published": "2026-04-30", "confidence": 0.9, "rule": "test"})
    row = {"item_kind": "quote", "item_key": key(db), "reviewer": "bo", "at": AT, "text": SAID}
    db.table("reviews").insert({**row, "decision": "rejected"})
    db.table("reviews").insert({**row, "decision": "corrected", "corrected": '{"role": "Chair"}'})
    db.close()
    for script in folder.glob("*.later"):
        script.rename(script.with_suffix(".sql"))
    db = open_database(tmp_path / "old.db")
    [shown] = db.query("SELECT role, review_status FROM statements WHERE quote = ?", [SAID])
    assert shown == {"role": "Chair", "review_status": "corrected"}
    [it] = standing(db)
    assert it.fields == {"text": SAID, "role": "Chair"}
    db.close()
    assert check(tmp_path / "old.db") == []


def test_stances_of_gold_are_held_by_whoever_speaks(db: Database, tmp_path: Path) -> None:
    extra = Stance(**spot(TEXT, SAID), topic="workforce", polarity="supportive", speaker="Ada Quillfeather", rule="t")
    store_records(db, 2, Records(stances=(extra,)), extracted_at=LATER, extractor="test 2")
    settle(db, key(db, kind="stance"), "accepted", "stance")
    write_gold(db, tmp_path / "gold", held_out=False)
    [it] = gold(tmp_path / "gold")["stances"]
    assert (it["holder"], it["organisation"], it["evidence"]) == ("Ada Quillfeather", None, SAID)
