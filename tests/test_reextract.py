"""Extraction on as many cores as there are: the same rows in the same order, and a bad text costs itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import onrecord.nightly
import onrecord.reextract
import pipelines.extract
from nlp.records import Records
from onrecord.nightly import extract_left_open
from onrecord.reextract import reextract
from pipelines.extract import extract_many
from pipelines.page import Article
from pipelines.schema import open_database
from pipelines.store import store_article
from pipelines.tasks import seconds_to_extract
from pipelines.worker import Worker, cores

AT = "2026-11-22T02:00:00Z"
PEOPLE = ("Ruth Okafor", "Peter Lamb", "Helen Marsh", "Joel Birch", "Ruth Okafor", "Imogen Wren")
BODIES = ("Ofsted", "Westmere Council", "Marlbury Children's Society")
IDS = list(range(1, len(PEOPLE) + 1))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines.extract, "now", lambda: AT)


@pytest.fixture(scope="module")
def two() -> Iterator[Worker]:
    with Worker(2) as two:
        yield two


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of articles that name each other's people and bodies, the first one being by far the longest."""
    path = tmp_path / "onrecord.db"
    fill(path)
    return path


def fill(path: Path) -> None:
    db = open_database(path)
    for number, person in enumerate(PEOPLE):
        text = f"“We saw {number + 2} homes,” said {person}, director of {BODIES[number % len(BODIES)]}."
        text += "\n\nOfsted came to see the children’s services of Westmere." * (0 if number else 60)
        store_article(db, Article(url=f"https://news.example/{number}", title=None, text=text), seen_at=AT)
    db.close()


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that extraction writes, ids included."""
    tables = ("articles", "organisations", "people", "appointments", "mentions", "quotes", "figures", "stances")
    db = open_database(path)
    found = {table: db.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in tables}
    db.close()
    return found


def extract_all(path: Path, workers: Worker) -> list[int | None]:
    """How many quotes came of each article, None where extraction failed."""
    db = open_database(path)
    given = [changes["quotes"].new if changes else None for changes in extract_many(db, IDS, workers)]
    db.close()
    return given


def test_several_processes_give_the_rows_that_one_gives(two: Worker, path: Path, tmp_path: Path) -> None:
    assert extract_all(path, two) == [1] * len(IDS)
    fill(tmp_path / "alone.db")
    with Worker() as one:
        extract_all(tmp_path / "alone.db", one)
    found = rows(path)
    assert found == rows(tmp_path / "alone.db")
    names = [name for _, name, *_ in found["people"]]
    assert names == list(PEOPLE), "in the order of the articles, however long they take"


def test_a_text_that_takes_too_long_costs_itself(two: Worker, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        pipelines.extract, "seconds_to_extract", lambda text: 1e-6 if len(text) > 1_000 else seconds_to_extract(text)
    )
    assert extract_all(path, two) == [None, 1, 1, 1, 1, 1]
    db = open_database(path)
    errors = db.execute("SELECT extraction_error FROM articles ORDER BY id").fetchall()
    assert errors == [("Stopped: took longer than 1e-06 s",), *[(None,)] * 5]
    db.close()


def meet(place: Path, name: str, other: str) -> None:
    """Says that it is there, and ends when the other is."""
    (place / name).touch()
    while not (place / other).exists():
        time.sleep(0.01)


def test_tasks_are_done_side_by_side(two: Worker, tmp_path: Path) -> None:
    for meeting in [two.submit(60, meet, tmp_path, "a", "b"), two.submit(60, meet, tmp_path, "b", "a")]:
        meeting.result()


def test_one_task_after_the_other_needs_one_process() -> None:
    with Worker(3) as three:
        assert len({three.submit(30, os.getpid).result() for _ in range(4)}) == 1


def test_all_processes_end(two: Worker) -> None:
    with Worker(2) as busy:
        naps = [busy.submit(30, time.sleep, 60) for _ in range(2)]
        while len(begun := [place._process for place in busy._places if place._process]) < 2:
            time.sleep(0.01)
    assert [process.wait() for process in begun] == [-signal.SIGKILL] * 2
    assert all(nap.exception(5) for nap in naps)


class Slow(Worker):
    """Does nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__(2)
        self.given: list[Future[Any]] = []

    def submit(self, seconds: float, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        self.given.append(Future())
        return self.given[-1]


def test_texts_are_given_out_ahead_but_not_all_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines.extract, "_AHEAD", 2)
    db = open_database(path)
    slow = Slow()
    going = extract_many(db, IDS, slow)

    def done(number: int) -> None:
        slow.given[number].set_result((Records(), "test"))

    done_first = slow.submit  # the first text is done as soon as the fourth is given out

    def submit(*task: Any) -> Future[Any]:
        given = done_first(*task)
        if len(slow.given) == 4:
            done(0)
        return given

    monkeypatch.setattr(slow, "submit", submit)
    assert next(going) is not None
    assert len(slow.given) == 4
    for number in (3, 2, 1):
        done(number)
    assert next(going) is not None
    assert len(slow.given) == 5
    going.close()
    assert [future.cancelled() for future in slow.given] == [False] * 4 + [True], "what nobody waits for is not begun"
    extracted = db.execute("SELECT id FROM articles WHERE extractor = 'test' ORDER BY id").fetchall()
    assert extracted == [(1,), (2,)]
    db.close()


@pytest.fixture
def asked(two: Worker, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many processes commands ask for; they are given those that are there."""
    asked: list[int] = []

    def given(processes: int) -> Any:
        asked.append(processes)
        return nullcontext(two)

    for module in (onrecord.reextract, onrecord.nightly):
        monkeypatch.setattr(module, "Worker", given)
        monkeypatch.setattr(module, "cores", lambda: 7)
    return asked


def test_the_command_and_the_end_of_a_night_use_all_cores(
    path: Path, asked: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    db = open_database(path)
    left = extract_left_open(db)
    assert (left["articles"], left["failed"], left["quotes"]) == (6, 0, 6)
    db.close()
    before = rows(path)["quotes"]
    assert asked == [7]
    assert reextract(path, everything=True) == 0
    assert "6 articles read, 0 failed." in capsys.readouterr().out
    assert asked == [7, 7]
    assert rows(path)["quotes"] == before
    assert reextract(path) == 0
    assert "0 articles read, 0 failed." in capsys.readouterr().out


def test_where_nothing_is_left_no_process_begins(tmp_path: Path) -> None:
    db = open_database(tmp_path / "onrecord.db")
    slow = Slow()
    assert list(extract_many(db, [], slow)) == []
    assert slow.given == []
    db.close()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not tell")
def test_cores_are_those_that_this_process_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:1])
    try:
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert cores() == len(allowed)
