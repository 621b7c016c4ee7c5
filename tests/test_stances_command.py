"""`onrecord stances train`: from decisions to a second reading that is used where it is better, and only there."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

import onrecord.stances as command
from nlp.build import EXTRACTOR, extract
from nlp.learned import (
    NONE,
    Card,
    Learned,
    LearnedError,
    answers,
    features,
    fit,
    listen,
    read_learned,
    write_learned,
)
from nlp.records import Organisation, Records, Stance
from onrecord.compared import Case, compare, f1, heard, overall
from onrecord.errors import CannotRun
from onrecord.reextract import reextract
from onrecord.review.decisions import Decision, decide
from onrecord.review.standing import Standing, is_held_out
from onrecord.stances import train
from pipelines.extract import extract_stored
from pipelines.learned import extractor, folder_beside, learned_beside
from pipelines.page import Article
from pipelines.schema import open_database
from pipelines.store import store_article
from tests.command import onrecord
from tests.sample_file import AT, LATER, spot

TOWNS = ("Marlbury", "Thrapcombe", "Quernmere", "Eskleford", "Tolverthorpe", "Haskcombe", "Feskworth")
SAYINGS = (
    "Ofsted has criticised the use of agency workers in {town}.",
    "Ofsted praised the leadership of {town} in report {number}.",
    "Ofsted has condemned the shortage of social workers in {town}.",
    "Ofsted criticised the funding of the {town} museum.",
)
ARTICLES, ASIDE = 28, 12

Judge = Callable[[dict[str, Any]], Decision]


def invent(path: Path, judge: Judge, articles: int = ARTICLES, aside: int = ASIDE) -> None:
    """A file of invented articles, so many of them kept aside, whose stances people have decided on."""
    db = open_database(path)
    numbers = iter(range(10_000))
    for wanted, held_out in ((articles, False), (aside, True)):
        for _ in range(wanted):
            url = next(url for number in numbers if is_held_out(url := f"https://news.example/{number}") == held_out)
            number = int(url.rsplit("/", 1)[1])
            text = "\n\n".join(SAYINGS).format(town=TOWNS[number % len(TOWNS)], number=number)
            id = store_article(db, Article(url=url, title=None, text=text), seen_at=AT).id
            extract_stored(db, id, at=AT)
    for row in list(db.query("SELECT * FROM stances ORDER BY id")):
        decide(db.conn, judge(row), LATER)
    db.close()


def by_the_words(row: dict[str, Any]) -> Decision:
    """Agency workers are a matter of funding, a museum is none of ours; all else is as the rules say."""
    if "agency" in row["text"]:
        return Decision("stance", row["stance_key"], "corrected", "bo", {"topic": "funding"})
    return Decision("stance", row["stance_key"], "rejected" if "museum" in row["text"] else "accepted", "bo")


def content(row: dict[str, Any]) -> Decision:
    return Decision("stance", row["stance_key"], "accepted", "bo")


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("decided") / "night.db"
    invent(path, by_the_words)
    return path


@pytest.fixture
def path(decided: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(decided, tmp_path / "night.db"))


def found(db: Database, words: str) -> Counter[tuple[Any, ...]]:
    rows = db.execute(
        "SELECT topic, polarity, rule LIKE 'learned/%', review_status FROM stances WHERE text LIKE ?", [f"%{words}%"]
    )
    return Counter(rows.fetchall())


def test_what_reviewers_decided_is_learnt_used_and_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everywhere = ARTICLES + ASIDE
    db = open_database(path)
    assert found(db, "agency") == {("workforce", "critical", 0, "corrected"): everywhere}
    assert found(db, "museum") == {("funding", "critical", 0, "rejected"): everywhere}
    kept = found(db, "shortage"), found(db, "leadership")
    db.close()

    assert train(path) == 0
    said = capsys.readouterr().out
    assert (
        f"{4 * ARTICLES} decisions on {ARTICLES} articles to learn from, {4 * ASIDE} on {ASIDE} articles kept" in said
    )
    assert "no stance                 12       0.00       1.00  used, 93% sure" in said
    assert "funding                   12       0.00       1.00  used, 93% sure" in said
    assert "rules: no better than the rules" in said
    assert "(F1): rules 0.57, with what was learnt 1.00." in said
    assert f"{path.with_suffix('.stances')} holds it" in said

    assert reextract(path) == 0
    assert f"{everywhere} articles read, 0 failed." in capsys.readouterr().out
    db = open_database(path)
    assert found(db, "agency") == {("funding", "critical", 1, "corrected"): everywhere}, "no decision was lost"
    assert found(db, "museum") == {}
    assert (found(db, "shortage"), found(db, "leadership")) == kept
    (row,) = db.query("SELECT rule, confidence FROM stances WHERE rule LIKE 'learned/%' GROUP BY rule")
    assert row == {"rule": "learned/criticise/reported", "confidence": 0.93}
    (name,) = db.execute("SELECT DISTINCT extractor FROM articles").fetchall()
    assert name == (extractor(learned_beside(db)),) != (EXTRACTOR,)
    fresh = store_article(
        db, Article(url="https://news.example/new", title=None, text=SAYINGS[0].format(town="Ulvercombe")), seen_at=AT
    )
    extract_stored(db, fresh.id, at=AT)
    row = next(db.query("SELECT topic, rule, review_status FROM stances WHERE article_id = ?", [fresh.id]))
    assert row == {"topic": "funding", "rule": "learned/criticise/reported", "review_status": None}
    db.close()
    assert reextract(path) == 0
    assert "0 articles read, 0 failed." in capsys.readouterr().out

    # What was learnt is not learnt from: rules are compared with it again, not it with itself.
    assert train(path) == 0
    assert "funding                   12       0.00       1.00  used, 93% sure" in capsys.readouterr().out


def test_where_rules_are_as_good_nothing_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "night.db"
    invent(path, content)
    folder = folder_beside(path)
    write_learned(fit([]), Card(EXTRACTOR, 0), folder)
    assert train(path) == 0
    said = capsys.readouterr().out
    assert "used" not in said.replace("is used", "")
    assert said.count("no better than the rules") >= 4
    assert said.endswith("The rules stay alone: nothing that was learnt is used.\n")
    assert not folder.exists(), "what was of use before is no more"
    db = open_database(path)
    assert learned_beside(db) is None
    before = db.execute("SELECT * FROM stances").fetchall()
    extract_stored(db, 1, at=AT)
    assert db.execute("SELECT * FROM stances").fetchall() == before
    db.close()


def test_the_same_decisions_give_the_same_weights(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again" / "night.db"
    again.parent.mkdir()
    shutil.copy(path, again)
    train(path)
    train(again)
    one, other = (sorted(folder_beside(it).iterdir()) for it in (path, again))
    assert [it.name for it in one] == ["config.cfg", "polarity.msgpack.gz", "stances.json", "topic.msgpack.gz"]
    assert [it.read_bytes() for it in one] == [it.read_bytes() for it in other]


def test_nothing_is_learnt_from_what_is_kept_aside(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = open_database(path)
    db.execute("UPDATE articles SET text = replace(text, 'museum', 'MUSEUM')")
    known = {text for text, url in db.execute("SELECT text, url FROM articles") if not is_held_out(url)}
    db.conn.commit()
    db.close()
    learnt: list[str] = []
    monkeypatch.setattr(command, "features", lambda text, row: learnt.append(text) or features(text, row))
    monkeypatch.setattr(command, "answers", lambda pipeline, read: learnt.append("compared") or answers(pipeline, read))
    monkeypatch.setattr(command, "fit", lambda examples: learnt.append("fitted") or fit(examples))
    train(path)
    assert set(learnt[: learnt.index("fitted")]) == known


def test_too_few_decisions_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "night.db"
    invent(path, content, articles=3, aside=1)
    ran = onrecord("stances", "train", "--db", path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"onrecord: {path} has 12 decisions on stances to learn from, 100 are needed; and 4 on articles kept aside to"
        " compare on, 20 are needed.\n"
    )


@pytest.mark.parametrize(("articles", "aside"), [(24, 5), (25, 4)])
def test_both_kinds_of_decisions_are_needed(tmp_path: Path, articles: int, aside: int) -> None:
    path = tmp_path / "night.db"
    invent(path, content, articles=articles, aside=aside)
    with pytest.raises(CannotRun, match="are needed"):
        train(path)


def test_a_file_that_is_missing_is_a_sentence(tmp_path: Path) -> None:
    ran = onrecord("stances", "train", "--db", tmp_path / "none.db")
    assert (ran.returncode, ran.stderr) == (2, f"onrecord: There is no database {tmp_path / 'none.db'}.\n")


# Which row a decision is about ----------------------------------------------------------------------------------------


def test_decisions_are_told_apart_by_words_holder_and_topic(path: Path) -> None:
    db = open_database(path)
    (id,) = db.execute("SELECT id FROM articles ORDER BY id LIMIT 1").fetchone()
    (text,) = db.execute("SELECT text FROM articles WHERE id = ?", [id]).fetchone()
    rows = extract(text).stances
    decisions = dict(command._decided(db, held_out=False))[id]
    lessons = list(command.judged(db, id, decisions))
    assert [it.row for it in lessons] == list(rows)
    assert [it.right for it in lessons] == [
        {"polarity": "critical", "topic": "funding"},
        {"polarity": "supportive", "topic": "leadership"},
        {"polarity": "critical", "topic": "workforce"},
        {"polarity": NONE},
    ]
    db.execute("UPDATE articles SET text = 'News. ' || replace(text, 'condemned', 'visited') WHERE id = ?", [id])
    lessons = list(command.judged(db, id, decisions))
    assert [it.row and it.row.topic for it in lessons] == ["workforce", "leadership", None, "funding"]
    db.close()


def test_each_decision_has_a_row_of_its_own_the_most_alike(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    union = replace(ROW, organisation=Organisation("Guild of Family Social Workers"))
    rows = [
        ROW,
        replace(ROW, topic="funding"),
        union,
        replace(union, topic="funding"),
        replace(ROW, **spot(TEXT, "The council says agency staff aren’t cheap, as we know.")),
    ]
    monkeypatch.setattr(command, "load_text", lambda db, id: (TEXT, None))
    monkeypatch.setattr(command, "extract", lambda text, context: Records(stances=tuple(rows)))

    def decision(row: Stance) -> Standing:
        body = row.organisation.name if row.organisation else None
        said = {**{name: getattr(row, name) for name in ("text", "start", "topic", "polarity")}, "organisation": body}
        return Standing("stance", "accepted", said, {"record": json.dumps(said)})

    db = open_database(path)
    for order in ([3, 4, 1, 2, 0], [0, 1, 2, 3, 4], [4, 2, 3, 0, 1]):
        found = command.judged(db, 1, [decision(rows[place]) for place in order])
        assert [it.row for it in found] == [rows[place] for place in order]
    twice = list(command.judged(db, 1, [decision(union)] * 2))
    assert twice[0].row == union != twice[1].row
    db.close()


def test_a_changed_row_is_as_sure_as_such_rows_were_right() -> None:
    """In all that they say: where the topic is right and the polarity is not, the row is not right."""
    right = command.Judged({"polarity": "critical", "topic": "funding"}, TEXT, ROW)
    half = command.Judged({"polarity": "supportive", "topic": "funding"}, TEXT, ROW)
    agreed = command.Judged({"polarity": "critical", "topic": "funding"}, TEXT, replace(ROW, topic="funding"))
    missed = command.Judged({"polarity": "critical", "topic": "funding"}, TEXT, None)
    none = command.Judged({"polarity": NONE}, TEXT, ROW)
    said = {"polarity": "critical", "topic": "funding"}
    these = [right, right, half, agreed, missed, none]
    heard = [said, said, said, said, {}, {"polarity": NONE, "topic": "workforce"}]
    assert command.how_sure(these, heard, {"topic": ["funding"], "polarity": [NONE]}) == {
        "topic": {"funding": 0.6}, "polarity": {NONE: 0.67},
    }  # fmt: skip
    assert command.strict(these, heard, {}) == pytest.approx(2 * 1 / 10)
    assert command.strict(these, heard, {"topic": {"funding": 0.6}}) == pytest.approx(2 * 3 / 10)


# What is compared -----------------------------------------------------------------------------------------------------


def cases(*counted: tuple[int, str, str, str]) -> list[Case]:
    return [Case(right, rules, learned) for number, right, rules, learned in counted for _ in range(number)]


def why(these: list[Case]) -> dict[str, str]:
    return {it.answer: it.why for it in compare(these)}


def test_an_answer_is_taken_where_it_is_better() -> None:
    these = cases((8, "a", "b", "a"), (8, "b", "b", "b"), (2, "a", "a", "b"))
    (a, b) = compare(these)
    assert (a.answer, a.decisions, a.taken) == ("a", 10, True)
    assert a.rules == pytest.approx(2 * 2 / 12)
    assert a.learned == pytest.approx(2 * 8 / 18)
    assert (b.answer, b.decisions) == ("b", 8)


def test_a_few_decisions_prove_nothing() -> None:
    assert why(cases((4, "a", "b", "a"), (9, "b", "b", "b")))["a"] == ("4 of 5 decisions needed on articles kept aside")
    assert why(cases((5, "a", "b", "a"), (9, "b", "b", "b")))["a"] == ""


def test_as_good_is_not_better() -> None:
    assert why(cases((9, "a", "a", "a"), (9, "b", "b", "b"))) == {
        "a": "no better than the rules", "b": "no better than the rules",
    }  # fmt: skip


def test_better_alone_may_be_worse_in_company() -> None:
    """Taken for what is right in `a`, it would say `a` of what the rules rightly call `b`, and is not heard on that."""
    these = cases((6, "a", "b", "a"), (7, "b", "b", "a"), (10, "a", "a", "c"), (9, "c", "b", "c"))
    assert why(these) == {
        "a": "no better than the rules",
        "c": "no better beside the rules",
        "b": "no better than the rules",
    }
    assert heard(these, {"c"}).count("c") == 19


def test_more_right_rows_do_not_make_up_for_a_worse_answer() -> None:
    """Heard on `a`, it adds one right row and five wrong ones to those that the rules have wrong already."""
    these = cases((5, "a", "a", "a"), (1, "a", "b", "a"), (4, "a", "b", "c"), (5, "d", "a", "c"), (5, "d", "b", "a"))
    rules, together = heard(these, ()), heard(these, {"a"})
    right = [it.right for it in these]
    assert overall(right, together) > overall(right, rules)
    assert f1(right, [it.learned for it in these], "a") > f1(right, rules, "a") > f1(right, together, "a")
    assert why(these)["a"] == "no better beside the rules"


def test_leaving_a_row_out_is_an_answer_like_others() -> None:
    good = cases((6, NONE, "a", NONE), (9, "a", "a", "a"))
    assert why(good)[NONE] == ""
    bad = cases((6, NONE, "a", NONE), (9, "a", "a", NONE))
    assert why(bad)[NONE] == "no better beside the rules"


def test_scores() -> None:
    assert f1(["a", "a", "b"], ["a", "b", "b"], "a") == pytest.approx(2 / 3)
    assert f1(["b"], ["b"], "a") == 0
    assert overall(["a", "b", NONE, NONE], ["a", NONE, "b", NONE]) == pytest.approx(2 / 4)
    assert overall([NONE], [NONE]) == 0


# What is learnt -------------------------------------------------------------------------------------------------------

TEXT = "Before this.\n\nThe council says agency staff aren’t cheap, as we know.\n\nAfter that."
ROW = Stance(
    **spot(TEXT, "agency staff aren’t cheap"),  # type: ignore[arg-type]
    topic="workforce",
    polarity="critical",
    organisation=Organisation("Marlbury Council"),
    confidence=0.8,
    rule="deficit/reported",
)


def taught(**taken: dict[str, float]) -> Learned:
    """It says of whatever is about agency staff that it is a critical stance on funding."""
    examples = [
        (["topic=workforce", "agency"], {"polarity": "critical", "topic": "funding"}),
        (["topic=workforce", "museum"], {"polarity": NONE}),
        (["topic=workforce"], {"polarity": "supportive", "topic": "workforce"}),
    ] * 12
    return Learned(fit(examples), Card("rules", 36, taken))  # type: ignore[arg-type]


def test_it_reads_the_words_those_around_them_and_what_the_rules_say() -> None:
    assert features(TEXT, ROW) == [
        "polarity=critical", "topic=workforce", "rule=deficit/reported", "agency", "staff", "aren't", "cheap",
        "~the", "~council", "~says", "~as", "~we", "~know",
    ]  # fmt: skip


def test_a_row_that_is_read_again_says_so() -> None:
    (row,) = taught(topic={"funding": 0.7}).reread(TEXT, [ROW])
    assert (row.topic, row.polarity, row.rules_topic) == ("funding", "critical", "workforce")
    assert (row.rule, row.confidence) == ("learned/deficit/reported", 0.7)
    assert (row.start, row.text, row.holder) == (ROW.start, ROW.text, ROW.holder)


def test_it_is_not_heard_in_other_classes_nor_where_it_agrees() -> None:
    assert taught(topic={"workforce": 0.9}, polarity={"critical": 0.9}).reread(TEXT, [ROW]) == [ROW]
    assert listen(ROW, {"topic": "funding", "polarity": NONE}, {"polarity": {"critical"}}) == {}


def test_what_it_takes_for_no_stance_is_left_out() -> None:
    text = TEXT.replace("agency", "museum")
    row = Stance(**spot(text, "museum staff aren’t cheap"), topic="workforce", polarity="critical")  # type: ignore[arg-type]
    assert taught(polarity={NONE: 0.9}).reread(text, [row]) == []
    assert taught(topic={"funding": 0.9}).reread(text, [row]) == [row]


def test_nothing_is_said_twice() -> None:
    again = Stance(**{name: getattr(ROW, name) for name in Stance.__dataclass_fields__} | {"topic": "funding"})
    assert taught(topic={"funding": 0.7}).reread(TEXT, [ROW, again]) == [again]
    other = Stance(**{name: getattr(ROW, name) for name in Stance.__dataclass_fields__} | {"organisation": None})
    assert len(taught(topic={"funding": 0.7}).reread(TEXT, [ROW, other])) == 2


def test_a_question_with_one_answer_is_not_asked() -> None:
    pipeline = fit([(["a"], {"polarity": "critical", "topic": "funding"}), (["b"], {"polarity": NONE})])
    assert pipeline.pipe_names == ["polarity"]
    assert [it.keys() for it in answers(pipeline, [["a"]])] == [{"polarity"}]
    assert answers(fit([]), [["a"]]) == [{}]
    assert answers(pipeline, []) == []


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    learned = taught(topic={"funding": 0.7})
    write_learned(learned.pipeline, learned.card, tmp_path / "night.stances")
    kept = read_learned(tmp_path / "night.stances", "rules")
    assert kept.reread(TEXT, [ROW]) == learned.reread(TEXT, [ROW])
    assert kept.card == learned.card
    for (_, before), (_, after) in zip(learned.pipeline.pipeline, kept.pipeline.pipeline, strict=True):
        weights = [pipe.to_bytes(exclude=["vocab"]) for pipe in (before, after)]  # type: ignore[attr-defined]
        assert weights[0] == weights[1], "what was compared is what is used"
    assert len(kept.name) == 8


# What is broken -------------------------------------------------------------------------------------------------------


def break_card(folder: Path) -> None:
    (folder / "stances.json").write_text("{", encoding="utf-8")


def break_weights(folder: Path) -> None:
    (folder / "topic.msgpack.gz").write_bytes(b"no weights")


def take_away_the_card(folder: Path) -> None:
    (folder / "stances.json").unlink()


def promise_too_much(folder: Path) -> None:
    card = json.loads((folder / "stances.json").read_text(encoding="utf-8"))
    card["taken"] = {"topic": {"weather": 1.0}}
    (folder / "stances.json").write_text(json.dumps(card), encoding="utf-8")


def put_a_file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("nothing", encoding="utf-8")


@pytest.mark.parametrize(
    "harm", [break_card, break_weights, take_away_the_card, promise_too_much, put_a_file_in_its_place]
)
def test_what_is_broken_is_a_sentence_and_rules_go_on(
    path: Path, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    folder = folder_beside(path)
    write_learned(taught().pipeline, Card(EXTRACTOR, 36, {"topic": {"funding": 0.7}}), folder)
    harm(folder)
    db = open_database(path)
    changes = extract_stored(db, 1, at=AT)
    extract_stored(db, 2, at=AT)
    db.close()
    assert changes is not None
    assert changes["stances"].changed == changes["stances"].gone == 0
    assert caplog.messages == [
        f"What was learnt of stances in {folder} can't be read: `onrecord stances train` makes it anew."
        " Rules read stances alone."
    ], "once"


def test_what_was_compared_with_other_rules_is_not_used(tmp_path: Path) -> None:
    learned = taught(topic={"funding": 0.7})
    write_learned(learned.pipeline, learned.card, tmp_path / "night.stances")
    with pytest.raises(LearnedError, match=r"compared with other rules \(rules\) than today's"):
        read_learned(tmp_path / "night.stances", "other rules")


def test_a_broken_one_is_said_by_the_commands(path: Path) -> None:
    folder = folder_beside(path)
    folder.mkdir()
    ran = onrecord("reextract", "--db", path)
    assert ran.returncode == 0
    assert ran.stderr == (
        f"What was learnt of stances in {folder} can't be read: `onrecord stances train` makes it anew."
        " Rules read stances alone.\n"
    )
