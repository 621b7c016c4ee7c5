"""The worker process: what a task gives comes back, and what it does to the process costs that task alone."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import pipelines.extract
import pipelines.stages
import pipelines.tasks
from nlp.build import EXTRACTOR
from pipelines.extract import extract_stored
from pipelines.page import Article, Page
from pipelines.reading import NotAnArticle
from pipelines.schema import open_database
from pipelines.store import store_article
from pipelines.task_loop import ROOM
from pipelines.tasks import read, seconds_to_extract, seconds_to_read
from pipelines.worker import Stopped, Worker, shared_worker
from spiders.registry import Listing
from tests.command import LOCAL, ROOT
from tests.crawling import crawl, registry_of, source_at
from tests.faults.server import Answer, FaultySite

AMPLE = 60.0  # seconds, for what is not to be stopped
BODY = "Ofsted inspectors came to see the children’s services of Marlbury council. "


@pytest.fixture(scope="module")
def ours() -> Iterator[Worker]:
    with Worker() as ours:
        yield ours


def page(words: str = BODY * 3, name: str = "1") -> Page:
    body = f"<html><h1>Ofsted in Marlbury</h1><article><p>{words}</p></article></html>"
    return Page(url=f"https://news.example/{name}", body=body.encode(), selectors={"body": "article"})


# What comes back ------------------------------------------------------------------------------------------------------


def test_what_a_task_gives_comes_back(ours: Worker) -> None:
    article = ours.submit(AMPLE, read, page(), crosscheck=False).result()
    assert article == read(page(), crosscheck=False)
    assert article.text == (BODY * 3).strip()


def test_what_a_task_raises_comes_back_as_it_is_and_says_where(ours: Worker) -> None:
    with pytest.raises(NotAnArticle) as error:
        ours.submit(AMPLE, read, Page(url="u", body=b""), crosscheck=False).result()
    assert str(error.value) == "empty body"
    assert "pipelines/article.py" in error.value.__notes__[0]
    with pytest.raises(ZeroDivisionError):
        ours.submit(AMPLE, eval, "1 / 0").result()


def test_an_error_that_does_not_bear_the_way_is_told_in_words(ours: Worker) -> None:
    unsendable = "(_ for _ in ()).throw(type('Odd', (ValueError,), {})('it was odd'))"
    with pytest.raises(RuntimeError) as error:
        ours.submit(AMPLE, eval, unsendable).result()
    assert str(error.value) == "Odd: it was odd"


def test_what_is_logged_there_is_in_our_log(ours: Worker, caplog: pytest.LogCaptureFixture) -> None:
    log = "__import__('logging').getLogger('there').{}('%s of %d', 'one', 2)"
    for level in ("debug", "warning"):
        ours.submit(AMPLE, eval, log.format(level)).result()
    assert [(record.name, record.levelno, record.getMessage()) for record in caplog.records] == [
        ("there", logging.WARNING, "one of 2")
    ]


def test_pages_are_read_without_spacy_and_without_scrapy() -> None:
    with Worker() as fresh:
        fresh.submit(AMPLE, read, page(), crosscheck=True).result()
        for heavy in ("spacy", "scrapy", "sqlite_utils"):
            assert not fresh.submit(AMPLE, eval, f"{heavy!r} in __import__('sys').modules").result()


# What goes wrong ------------------------------------------------------------------------------------------------------


def test_a_task_that_takes_too_long_is_stopped_even_inside_a_library(ours: Worker) -> None:
    """The second one holds Python's lock: nothing in that process can interrupt it."""
    for task in ((time.sleep, 60), (re.fullmatch, r"(\w+\s?)+", "a" * 60 + "!")):
        begun = time.monotonic()
        with pytest.raises(Stopped, match=r"^took longer than 0.3 s$"):
            ours.submit(0.3, *task).result()  # type: ignore[arg-type]
        assert time.monotonic() - begun < 30
    assert ours.submit(AMPLE, abs, -1).result() == 1


def test_time_begins_when_the_process_is_ready(ours: Worker) -> None:
    ours.end()
    assert ours.submit(0.2, abs, -1).result() == 1
    assert ours.submit(AMPLE, time.sleep, 0.4).result() is None  # and ends with the task


def test_a_task_that_fills_the_memory_is_stopped(ours: Worker) -> None:
    with pytest.raises(Stopped, match=r"^took more than 2,000 MB of memory$"):
        ours.submit(AMPLE, bytes, ROOM * 11 // 10).result()


def test_what_is_loaded_does_not_count_as_the_task_s_memory(ours: Worker) -> None:
    most = ROOM * 3 // 4  # zeros that nobody looks at take no memory but on paper
    for name in ("one", "other"):
        ours.submit(AMPLE, eval, f"globals().update({name}=bytes({most}))").result()
    ours.end()


@pytest.mark.parametrize(
    ("task", "why"),
    [((os.abort,), "SIGABRT"), ((os._exit, 3), "exit code 3"), ((signal.raise_signal, signal.SIGKILL), "SIGKILL")],
    ids=["crash", "exit", "kill"],
)
def test_a_process_that_dies_costs_its_task(ours: Worker, task: Any, why: str) -> None:
    with pytest.raises(Stopped, match=f"^ended its process: {why}$"):
        ours.submit(AMPLE, *task).result()
    assert ours.submit(AMPLE, abs, -1).result() == 1


def test_one_that_died_between_tasks_is_replaced(ours: Worker) -> None:
    pid = ours.submit(AMPLE, os.getpid).result()
    os.kill(pid, signal.SIGKILL)
    while is_there(pid):
        time.sleep(0.01)
    assert ours.submit(AMPLE, os.getpid).result() != pid


# Beginning and end ----------------------------------------------------------------------------------------------------


def test_a_signal_for_the_program_is_none_for_its_worker(ours: Worker) -> None:
    """A service manager may send SIGTERM to both: what is in the works is finished."""
    pid = ours.submit(AMPLE, os.getpid).result()
    assert os.getsid(pid) != os.getsid(0)  # a Ctrl-C does not reach it
    os.kill(pid, signal.SIGTERM)
    assert ours.submit(AMPLE, os.getpid).result() == pid


def test_nothing_is_begun_before_there_is_something_to_do() -> None:
    with Worker() as idle:
        assert not begun(idle)


def test_it_ends_in_the_middle_of_a_task(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    with Worker() as busy:
        pid = busy.submit(AMPLE, os.getpid).result()
        waiting = busy.submit(AMPLE, eval, f"open({str(begun)!r}, 'w').close() or __import__('time').sleep(60)")
        while not begun.exists():
            time.sleep(0.01)
    assert not is_there(pid)
    with pytest.raises(Stopped):
        waiting.result(AMPLE / 2)


@pytest.mark.parametrize("task", ["0, abs, -1", "2, time.sleep, 60"], ids=["idle", "busy"])
def test_it_ends_with_a_program_that_is_killed(task: str) -> None:
    """At once, or when its task has had its time."""
    script = (
        "import os, time; from pipelines.worker import Worker; ours = Worker();"
        " print(ours.submit(60, os.getpid).result(), flush=True);"
        f" ours.submit({task}); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        assert is_there(pid)
        program.kill()
    until = time.monotonic() + 20
    while is_there(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_there(pid)


def begun(worker: Worker) -> int:
    """How many processes it has begun."""
    return sum(place._process is not None for place in worker._places)


def is_there(pid: int) -> bool:
    """Whether a process is alive; one that has ended, and that nobody has looked after yet, is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# In a night -----------------------------------------------------------------------------------------------------------

ITEM = "<item><title>Ofsted in {0}</title><link>/{0}/</link></item>"


def feed(*names: str, word: str = "") -> Answer:
    items = "".join(map(ITEM.format, names)).replace("<title>", f"<title>{word}")
    return Answer(f"<rss version='2.0'><channel>{items}</channel></rss>", type="application/rss+xml", etag=f'"{word}"')


def html(name: str) -> Answer:
    return Answer(page(f"{name}. {BODY * 20}").body, etag=f'"{name}"')


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite({"/feed": feed("one", "two"), "/one/": html("One"), "/two/": html("Two")}) as site:
        yield site


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    db = open_database(file)
    found = db.execute(sql).fetchall()
    db.close()
    return found


def test_a_page_that_stalls_its_reader_costs_itself_and_is_tried_again(
    site: FaultySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "onrecord.db"
    with monkeypatch.context() as hurried:
        in_time = seconds_to_read
        hurried.setattr(
            pipelines.stages, "seconds_to_read", lambda page: 1e-6 if "/two/" in page.url else in_time(page)
        )
        stats = crawl(source_at(site.address), file)
    assert (stats["new"], stats["failed"], stats["unread"]) == (1, 1, 1)
    why = f"{site.address}/two/: reading it took longer than 1e-06 s"
    assert stats["note"] == why
    (note,) = rows(file, "SELECT pending, attempts, note FROM pages WHERE url LIKE '%/two'")
    assert note == (1, 1, "reading it took longer than 1e-06 s")
    assert crawl(source_at(site.address), file)["new"] == 1
    assert rows(file, "SELECT count(*) FROM pages WHERE pending") == [(0,)]


def test_a_listing_that_stalls_its_reader_costs_itself(
    site: FaultySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines.tasks, "PAGE_SECONDS", 1e-6)
    stats = crawl(source_at(site.address), tmp_path / "onrecord.db")
    assert (stats["failed"], stats["listings_failed"]) == (1, 1)
    assert stats["note"] == f"{site.address}/feed: reading it took longer than 1e-06 s"
    assert not stats["listings_read"]


def test_a_night_without_news_begins_no_process(
    site: FaultySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "onrecord.db"
    crawl(source_at(site.address), file)
    with Worker() as idle:
        for module in (pipelines.stages, pipelines.tasks, pipelines.extract):
            monkeypatch.setattr(module, "shared_worker", lambda: idle)
        pipelines.tasks.expect_records.cache_clear()
        assert crawl(source_at(site.address), file)["listings_unchanged"] == 1
        assert not begun(idle)


def test_the_pipeline_is_loaded_while_the_first_page_is_read(
    site: FaultySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipelines.tasks.expect_records.cache_clear()
    with Worker() as expecting, Worker() as reading:
        monkeypatch.setattr(pipelines.tasks, "shared_worker", lambda: expecting)
        for module in (pipelines.stages, pipelines.extract):
            monkeypatch.setattr(module, "shared_worker", lambda: reading)
        crawl(source_at(site.address), tmp_path / "onrecord.db")
        expecting._beside.shutdown()
        assert expecting._template
        assert expecting._template._loaded == {pipelines.tasks.load}


async def more_comes_late(function: Any, reader: Any, response: Any, listing: Any) -> Any:
    """What may be set as ONRECORD_BESIDE: the second listing takes its time to be read."""
    await asyncio.sleep(0.5 if response.url.endswith("/more") else 0)
    return function(reader, response, listing), None


def test_a_page_that_is_answered_while_another_listing_is_being_read_is_not_open_for_that(
    site: FaultySite, tmp_path: Path
) -> None:
    file = tmp_path / "onrecord.db"
    one = source_at(site.address)
    source = replace(one, listing=(*one.listing, Listing("feed", f"{site.address}/more")))
    for word in ("News: ", "Corrected: "):
        site.asked.clear()
        site.answers |= {"/feed": feed("one", word=word), "/more": feed("one", word=f"Our {word}")}
        crawl(source, file, ONRECORD_BESIDE="tests.test_worker.more_comes_late")
        assert sorted(site.paths) == ["/feed", "/more", "/one/"]
    assert rows(file, "SELECT count(*) FROM pages WHERE pending") == [(0,)]


def test_extraction_that_is_stopped_costs_the_records_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = open_database(tmp_path / "onrecord.db")
    article = Article(url="https://news.example/1", title="One", text="“We are late,” said Ruth Okafor of Ofsted.")
    stored = store_article(db, article, seen_at="2026-11-22T02:00:00Z")
    with monkeypatch.context() as hurried:
        hurried.setattr(pipelines.extract, "seconds_to_extract", lambda text: 1e-6)
        assert extract_stored(db, stored.id, at="2026-11-22T02:00:00Z") is None
    reason = "SELECT extraction_error, extractor FROM articles"
    assert db.execute(reason).fetchall() == [("Stopped: took longer than 1e-06 s", None)]
    changes = extract_stored(db, stored.id, at="2026-11-22T02:00:00Z")
    assert changes is not None
    assert changes["quotes"].new == 1
    assert db.execute(reason).fetchall() == [(None, EXTRACTOR)]
    db.close()


def test_what_is_long_by_right_has_longer() -> None:
    short, long = page(), Page(url="u", body=b"%PDF-1.7" + b" " * 2_000_000)
    assert seconds_to_read(replace(short, body=short.body * 100)) == seconds_to_read(short) == 10
    assert 40 < seconds_to_read(long) < 60
    assert seconds_to_extract("a" * 1_000_000) > 5 * seconds_to_extract("a" * 1_000)
    # A text as long as a report has many times as long as it takes.
    text = BODY * 400
    seconds = shared_worker().submit(AMPLE, eval, _TIMED.format(text=text)).result()
    assert seconds_to_extract(text) > 5 * seconds


_TIMED = "[t := __import__('time').monotonic, b := t(), __import__('nlp.build').build.extract({text!r}), t() - b][-1]"


def test_a_night_that_is_told_to_stop_leaves_no_process_behind(site: FaultySite, tmp_path: Path) -> None:
    """A page that is on its way when the signal comes is read and extracted; one that is not stays open."""
    site.answers |= {f"/{name}/": replace(html(name), wait=1.5) for name in ("one", "two")}
    registry = tmp_path / "sources.toml"
    registry.write_text(registry_of(source_at(site.address)), encoding="utf-8")
    command = [sys.executable, "-m", "onrecord", "nightly", "--registry", registry, "--db", tmp_path / "onrecord.db"]
    environment = {**os.environ, **LOCAL, "ONRECORD_CONTACT": "tests"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as program:
        while len(site.paths) < 2:
            time.sleep(0.01)
        begun = children(program.pid)
        assert len(begun) > 1
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 130
    assert not any(map(is_there, begun))
    file = tmp_path / "onrecord.db"
    assert rows(file, "SELECT count(*) FROM articles WHERE extracted_at AND extraction_error IS NULL") == [(1,)]
    assert rows(file, "SELECT count(*) FROM pages WHERE pending") == [(1,)]


def children(parent: int) -> list[int]:
    """The processes that a process began."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, _, rest = status.read_text(encoding="ascii", errors="replace").partition(" ")
            if int(rest.rpartition(")")[2].split()[1]) == parent:
                found.append(int(pid))
    return found
