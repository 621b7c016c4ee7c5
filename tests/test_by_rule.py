"""Accepting a rule's records unread: only after a random sample of them was read, and as what it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from onrecord.check import check
from onrecord.review import by_rule
from onrecord.review.by_rule import NotSampled, Sample, accept_rule, sample_of_rule
from onrecord.review.decisions import Decision, decide, undo
from tests.sample_file import AT, build


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Seven quotes by the rule `test`, of which three have to be read."""
    monkeypatch.setattr(by_rule, "SAMPLE", 3)
    build(tmp_path / "file.db").close()
    connection = sqlite3.connect(tmp_path / "file.db")
    yield connection
    connection.close()
    assert check(tmp_path / "file.db") == []


def keys(file: sqlite3.Connection) -> list[str]:
    return [key for (key,) in file.execute("SELECT quote_key FROM quotes ORDER BY quote_key")]


def read(file: sqlite3.Connection, key: str, verdict: str = "accepted") -> None:
    decide(file, Decision("quote", key, verdict, "ann"), AT)  # type: ignore[arg-type]


def accept(file: sqlite3.Connection, read: int = 3, right: int = 3, rule: str = "test") -> int:
    return accept_rule(file, "quote", rule, "bo", AT, read=read, right=right)


def test_the_sample_is_the_same_for_everybody_until_it_is_read(file: sqlite3.Connection) -> None:
    first = keys(file)
    assert sample_of_rule(file, "quote", "test") == Sample(0, 0, tuple(first[:3]), 7)
    read(file, first[1], "rejected")
    read(file, first[5])  # no part of the sample
    assert sample_of_rule(file, "quote", "test") == Sample(1, 0, (first[0], first[2]), 5)
    assert sample_of_rule(file, "quote", "another rule") == Sample(0, 0, (), 0)
    assert sample_of_rule(file, "stance", "test").waiting == 5


def test_nothing_is_accepted_before_the_sample_is_read(file: sqlite3.Connection) -> None:
    for n, key in enumerate(keys(file)[:3]):
        with pytest.raises(NotSampled, match=f"Read {3 - n} more"):
            accept(file, n, n)
        read(file, key)
    assert accept(file) == 4


def test_nothing_is_accepted_on_a_share_that_is_not_the_true_one(file: sqlite3.Connection) -> None:
    first, second, third, *_ = keys(file)
    read(file, first)
    read(file, second, "rejected")
    read(file, third)
    with pytest.raises(NotSampled, match="Of 3 records that were read, 2 were right"):
        accept(file, 3, 3)
    assert accept(file, 3, 2) == 4


def test_what_is_accepted_unread_says_so(file: sqlite3.Connection) -> None:
    for key in keys(file)[:3]:
        read(file, key)
    assert accept(file) == 4
    assert accept(file) == 0
    rows = file.execute(
        "SELECT reviewer, decision, rule, confidence > 0, url IS NOT NULL, text <> '', context"
        " FROM reviews WHERE how = 'rule'"
    ).fetchall()
    assert rows == [("bo", "accepted", "test", 1, 1, 1, None)] * 4
    assert file.execute("SELECT DISTINCT review_status FROM quotes").fetchall() == [("accepted",)]


def test_what_was_accepted_unread_is_no_sample(file: sqlite3.Connection) -> None:
    for key in keys(file)[:3]:
        read(file, key)
    accept(file)
    assert sample_of_rule(file, "quote", "test") == Sample(3, 3, (), 0)
    last = file.execute("SELECT max(id) FROM reviews").fetchone()[0]
    undo(file, last, "bo", AT)
    undo(file, 1, "ann", AT)
    [opened] = file.execute("SELECT item_key FROM reviews WHERE undoes = 1").fetchone()
    # Of three that have to be read, two were; the one left over from accepting is further back than the one undone.
    assert sample_of_rule(file, "quote", "test").to_read == (opened,)


def test_only_what_was_read_counts_however_large_the_sample(
    file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in keys(file)[:3]:
        read(file, key)
    accept(file)
    monkeypatch.setattr(by_rule, "SAMPLE", 6)
    assert sample_of_rule(file, "quote", "test") == Sample(3, 3, (), 0)


def test_what_another_rule_finds_now_is_no_sample_of_it(file: sqlite3.Connection) -> None:
    first = keys(file)[0]
    read(file, first)
    file.execute("UPDATE quotes SET rule = 'newer' WHERE quote_key = ?", [first])
    file.commit()
    assert sample_of_rule(file, "quote", "test").read == 0
    assert sample_of_rule(file, "quote", "newer").read == 0


def test_it_goes_portion_by_portion(file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_rule, "_AT_ONCE", 3)
    for key in keys(file)[:3]:
        read(file, key)
    assert [accept(file), accept(file), accept(file)] == [3, 1, 0]
