"""Faults 62 to 81: the store, the night job and the machine under it, each against the program as it is run."""

from __future__ import annotations

import asyncio
import ctypes
import functools
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from onrecord.check import check
from onrecord.crawl import crawl_settings
from onrecord.newsroom import Newsroom
from onrecord.review.decisions import Decision, decide
from onrecord.serve import datasette
from pipelines import archive as archives
from pipelines import schema
from pipelines.archive import Archive, read_archive
from pipelines.page import Page
from pipelines.schema import DatabaseError, open_database
from pipelines.who import load_organisations
from tests.command import LOCAL, ROOT, onrecord
from tests.crawling import registry_of, source_at
from tests.faults.forked import Forked
from tests.faults.kills import Kills, Moment
from tests.faults.named_rows import named_rows
from tests.faults.server import Answer, FaultySite
from tests.sample_file import SAID, build
from tests.serving import served

Preparing = Callable[[], None]
INSIDE = {"PYTHONPATH": str(Path(__file__).with_name("inside"))}
# Three sites that are listed in three ways, and share a story.
FEW = ("council-newsroom", "trade-weekly", "charity-press")


def release(number: int, wait: float = 0.0, published: str = "2026-11-18T10:00:00Z", text: str = "") -> Answer:
    """The page of a press release."""
    return Answer(
        f"<html><h1>Release {number}</h1><article><time datetime='{published}'></time>"
        "<p>Ofsted inspectors have praised children’s services at Marlbury Council.</p>"
        f"<p>“We closed {number} cases,” said Ada Quillfeather, director of children’s services. {text}</p>"
        "</article></html>",
        wait=wait,
    )


def notice(number: int, wait: float = 0.0, text: str = "") -> Answer:
    """A page of theirs that is off topic: it is read, and done with."""
    return Answer(
        f"<html><h1>Notice {number}</h1><article><p>The road is up until May. {text}</p></article></html>", wait=wait
    )


def press(pages: dict[str, Answer]) -> dict[str, Answer | list[Answer]]:
    """A site whose feed lists these pages."""
    items = "".join(f"<item><title>Release{path}</title><link>{path}</link></item>" for path in pages)
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>M</title>{items}</channel></rss>'
    return {"/feed": Answer(feed, type="application/rss+xml", etag=f'"{len(pages)}"'), **pages}


def registry(site: FaultySite, folder: Path) -> Path:
    path = folder / "sources.toml"
    path.write_text(registry_of(source_at(site.address)), encoding="utf-8")
    return path


def begin(folder: Path, *arguments: object, **given: Any) -> subprocess.Popen[str]:
    """A night over the folder's registry into its file, as a process that goes on."""
    environment = {**({} if given.pop("bare", False) else _inherited()), **LOCAL, **given.pop("env", {})}
    command = ["nightly", "--registry", folder / "sources.toml", "--db", folder / "onrecord.db", *arguments]
    return subprocess.Popen(
        [sys.executable, "-m", "onrecord", *map(str, command)],
        **{"env": environment, "cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | given,
    )


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}


def finish(night: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a night, and what it printed."""
    printed = "".join(filter(None, night.communicate(timeout=60)))
    return night.returncode, printed


def until(true: Callable[[], object]) -> None:
    """Waits for something that is sure to come."""
    latest = time.monotonic() + 30
    while not true():
        assert time.monotonic() < latest
        time.sleep(0.005)


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


# 62, 63: killed, and without power ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kills]:
    folder = tmp_path_factory.mktemp("kills")
    with Newsroom() as room, Forked(folder / "printed") as program:
        yield Kills(folder, room, program, FEW)


def test_62_nights_killed_one_after_another_lose_nothing_and_the_next_completes_them(scene: Kills) -> None:
    """More of them, drawn by lot, over all sites: python -m tests.faults.kills 50"""
    moments = (Moment(1, "answers", 0, 1), Moment(8, "commits", 0.002, 1), Moment(4, "answers", 0.01, 1))
    assert scene.kill(*moments, Moment(5, "commits", 0.05, 1), Moment(1, "commits", 0.1, 1)) == []


@pytest.fixture(scope="module")
def in_flight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a log that nothing has taken over yet, as a night has it that is under way."""
    folder = tmp_path_factory.mktemp("in-flight")
    db = open_database(folder / "live.db")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    build(folder / "live.db").close()  # while `db` is open, what is written stays in the log
    for name in ("live.db", "live.db-wal"):
        shutil.copy(folder / name, folder / name.replace("live", "cut"))
    db.close()
    return folder / "cut.db"


@pytest.mark.parametrize("torn", [False, True], ids=["cut", "torn"])
def test_63_without_power_the_last_transactions_may_be_lost_and_no_half_of_one(
    in_flight: Path, tmp_path: Path, torn: bool
) -> None:
    log = in_flight.with_name("cut.db-wal").read_bytes()
    lots = random.Random(63)
    found = []
    for end in sorted(lots.sample(range(len(log)), 7)):
        left = bytearray(log if torn else log[:end])
        if torn:  # the disk wrote what came later first
            left[end : end + 4096] = lots.randbytes(len(log[end : end + 4096]))
        path = tmp_path / f"{end}.db"
        shutil.copy(in_flight, path)
        Path(f"{path}-wal").write_bytes(left)
        assert check(path) == []
        found.append(tuple(rows(path, f"SELECT count(*) FROM {table}")[0][0] for table in ("articles", "quotes")))
    assert found == sorted(found)
    assert {articles for articles, _ in found} > {0}
    # Whole articles: three quotes, three quotes, one.
    assert {quotes for _, quotes in found} <= {0, 3, 6, 7}


def test_63_a_page_is_on_the_disk_before_any_row_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    monkeypatch.setattr(archives.os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    archive = Archive(tmp_path)
    archive.write(Page(url="https://marlbury.example/", body=b"Marlbury"))
    assert synced == [archive.path.stat().st_size]


def test_63_a_decision_is_on_the_disk_before_the_reviewer_is_told(tmp_path: Path) -> None:
    build(tmp_path / "file.db").close()
    application = datasette(tmp_path / "file.db")

    async def told() -> Any:
        await application.refresh_schemas()
        database = application.get_database()
        return await database.execute_write_fn(lambda db: db.execute("PRAGMA synchronous").fetchone()[0])

    assert asyncio.run(told()) == 2  # FULL
    application.executor.shutdown()


# 64, 65, 68, 69: stopped, and beside another one ----------------------------------------------------------------------


def test_64_no_queue_is_kept_on_the_disk_for_a_killed_night_to_lose(scene: Kills) -> None:
    """What was listed and not read is open in the file: the kills of fault 62 show that the next night has it."""
    assert crawl_settings(Path("file.db"), None)["JOBDIR"] is None
    kept = {path.name.split("-")[0] for path in scene.before[2].rglob("*")}
    assert kept == {"archive", "file.db", "file.db.lock", "nightly.log", "onrecord"}


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_65_a_night_that_is_told_to_stop_writes_its_ledger(tmp_path: Path, times: int) -> None:
    with FaultySite(press({f"/{n}": notice(n, wait=0.5 if times == 1 else 20) for n in range(9)})) as site:
        registry(site, tmp_path)
        night = begin(tmp_path)
        until(lambda: len(site.paths) == 3 or (times == 2 and len(site.paths) == 2))
        for _ in range(times):
            night.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        code, printed = finish(night)
        asked = len(site.paths) - 1
    assert code == 130
    assert "marlbury" in printed
    path = tmp_path / "onrecord.db"
    assert rows(path, "SELECT verdict, exit_code, ended >= started FROM runs") == [("interrupted", 130, 1)]
    # The page on its way is finished, where there is time for it; nothing else is asked for.
    assert rows(path, "SELECT count(*) FROM pages WHERE note LIKE 'off topic%'") == [(asked * (times == 1),)]
    assert rows(path, "SELECT count(*) FROM pages WHERE role = 'article' AND pending") == [(9 - asked * (times == 1),)]
    assert check(path) == []


def test_65_it_stops_while_it_makes_up_for_an_earlier_night_too(tmp_path: Path) -> None:
    path = tmp_path / "onrecord.db"
    db = build(path)
    db.table("articles").update(1, {"text": db.table("articles").get(1)["text"] * 2_000, "extracted_at": None})
    db.close()
    with FaultySite(press({})) as site:
        registry(site, tmp_path)
        night = begin(tmp_path)
        log = path.with_name("nightly.log")
        until(lambda: log.exists() and "Spider closed" in log.read_text(encoding="utf-8"))
        time.sleep(0.5)
        night.send_signal(signal.SIGTERM)
        code, _ = finish(night)
    assert code == 130
    assert rows(path, "SELECT verdict, exit_code FROM runs") == [("interrupted", 130)]
    assert rows(path, "SELECT extracted_at FROM articles WHERE id = 1") == [(None,)]


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A night while another one runs, and one after that was killed."""
    folder = tmp_path_factory.mktemp("beside")
    with FaultySite(press({"/1": notice(1, wait=20)})) as site:
        registry(site, folder)
        first = begin(folder)
        until(lambda: len(site.paths) == 2)
        asked = len(site.asked)
        result: dict[str, Any] = {"second": finish(begin(folder)), "asked": len(site.asked) - asked}
        first.kill()
        finish(first)
        site.answers["/1"] = notice(1)
        result["third"] = finish(begin(folder))
    return result


def test_68_a_second_night_at_the_same_time_is_refused_at_once(beside: dict[str, Any]) -> None:
    code, printed = beside["second"]
    assert code == 75
    assert "another night is running" in printed
    assert printed.count("\n") == 1
    assert beside["asked"] == 0


def test_69_the_lock_of_a_killed_night_is_free_at_once(beside: dict[str, Any]) -> None:
    assert beside["third"] == (0, "")


# 66, 67: a disk that takes nothing more -------------------------------------------------------------------------------


def in_a_small_world(mount: str, folder: Path, command: str) -> list[str]:
    """A command that sees a file system of its own over a folder, and nobody else does."""
    script = f"mount {mount} {folder} && {command}"
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]


def can_mount() -> bool:
    """Whether we are let."""
    command = in_a_small_world("-t tmpfs none", Path("/mnt"), "true")
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True).returncode == 0


def test_66_a_full_disk_stops_the_night_and_the_next_one_goes_on(scene: Kills, tmp_path: Path) -> None:
    """A tmpfs with hardly any room; where nobody may mount one, files that must not grow."""
    disk = "small" if can_mount() else "limited"
    before, folder, kept = (tmp_path / name for name in ("before", "disk", "kept"))
    for path in (before, folder, kept):
        path.mkdir()
    db = open_database(before / "file.db")
    load_organisations(db)
    db.close()
    scene.room.night = 1
    scene.room.requests.clear()
    night = f"{sys.executable} -m onrecord nightly --registry {scene.registry} --db {folder}/file.db"
    script = (
        f"cp {before}/file.db {folder} && {night} {' '.join(scene.only)}; code=$?; cp -r {folder}/. {kept}; exit $code"
    )
    if disk == "small":
        command = in_a_small_world("-t tmpfs -o size=1600k none", folder, script)
    else:
        command = ["sh", "-c", f"ulimit -f 1600; {script}"]  # blocks of half a kilobyte
    done = subprocess.run(command, env={**_inherited(), **LOCAL}, cwd=ROOT, capture_output=True, text=True, timeout=60)
    reason = "the disk is full" if disk == "small" else "reading or writing it failed"
    assert (done.returncode, done.stderr) == (2, f"onrecord: {folder}/file.db can't be used: {reason}.\n")
    path = kept / "file.db"
    stored = rows(path, "SELECT count(*), count(extraction_error) FROM articles")
    assert 0 < stored[0][0] < len(scene.rows[1]["articles"])
    assert stored[0][1] == 0
    assert check(path) == []
    for file in kept.glob("archive/*"):
        assert all(page.body for page in read_archive(file))
    again = onrecord("nightly", "--registry", scene.registry, "--db", path, *scene.only, **LOCAL)
    assert (again.returncode, again.stderr) == (0, "")
    assert named_rows(path) == scene.rows[1]


def test_66_with_no_room_for_pages_no_more_are_asked_for(tmp_path: Path) -> None:
    noise = random.Random(66).randbytes(150_000).hex()  # which can't be made smaller than half
    pages = {f"/{n}": notice(n, wait=0.02, text=f"<!-- {noise} -->") for n in range(40)}
    with FaultySite(press(pages)) as site:
        registry(site, tmp_path)
        no_room = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        code, printed = finish(begin(tmp_path, preexec_fn=no_room))
        asked = len(site.paths)
    assert code == 2
    assert printed.startswith("onrecord: ")
    assert printed.count("\n") == 1
    assert asked < 20
    assert rows(tmp_path / "onrecord.db", "SELECT verdict, exit_code FROM runs") == [("failed", 2)]
    [file] = (tmp_path / "archive").iterdir()
    assert 4 <= len(list(read_archive(file))) <= 6


def test_66_half_a_record_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive(tmp_path)
    one, two, three = (Page(url=f"https://marlbury.example/{n}", body=b"Marlbury" * 999) for n in range(3))
    archive.write(one)

    def full(file: int) -> None:
        os.truncate(archive.path, os.fstat(file).st_size - 40)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as then:
        then.setattr(archives.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            archive.write(two)
    archive.write(three)
    assert [page.url[-1] for page in read_archive(archive.path)] == ["0", "2"]


def as_nobody() -> None:
    """In a child: takes from root what lets it write anywhere; for others, there is nothing to take."""
    drop_from_bounding_set, may_override, may_search = 24, 1, 2
    for capability in (may_override, may_search) if os.geteuid() == 0 else ():
        assert ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0) == 0


@pytest.mark.parametrize("case", ["folder", "file", "archive", "log", "nowhere", "read-only"])
def test_67_what_cannot_be_written_is_one_sentence_before_anything_is_asked(tmp_path: Path, case: str) -> None:
    if case == "read-only" and not can_mount():
        pytest.skip("nobody may mount a file system here")
    folder = tmp_path / "night"
    folder.mkdir()
    database = folder / "onrecord.db" if case != "nowhere" else Path("/proc/nowhere/onrecord.db")
    open_database(folder / "onrecord.db").close()
    (folder / "archive").mkdir()
    (folder / "nightly.log").touch()
    with FaultySite(press({"/1": release(1)})) as site:
        command = [
            sys.executable,
            "-m",
            "onrecord",
            "nightly",
            "--registry",
            registry(site, tmp_path),
            "--db",
            database,
        ]
        if case == "read-only":
            words = " ".join(map(str, command))
            command = in_a_small_world("-t tmpfs none", folder, f"mount -o remount,ro {folder} && {words}")
        refusing = {"folder": folder, "file": database, "archive": folder / "archive", "log": folder / "nightly.log"}
        if path := refusing.get(case):
            path.chmod(0o500 if path.is_dir() else 0o400)
        done = subprocess.run(
            list(map(str, command)),
            env={**_inherited(), **LOCAL},
            cwd=ROOT,
            preexec_fn=as_nobody,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert site.asked == []
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"onrecord: {refusing.get(case, database.parent) if case != 'folder' else folder}")
    assert done.stdout == ""


# 70, 71, 72: the file -------------------------------------------------------------------------------------------------


def test_70_pages_are_read_and_decisions_made_while_a_night_writes(tmp_path: Path) -> None:
    path = tmp_path / "onrecord.db"
    build(path).close()
    (key,) = rows(path, f"SELECT quote_key FROM quotes WHERE text = '{SAID}' LIMIT 1")[0]
    answers: list[int] = []
    decided = 0
    with FaultySite(press({f"/{n}": release(n) for n in range(5)})) as site, served(datasette(path)) as client:
        registry(site, tmp_path)
        night = begin(tmp_path)
        with closing(sqlite3.connect(path, timeout=10)) as reviewer:
            while night.poll() is None:
                answers += [client.get(page).status_code for page in ("/", "/review/quote", "/search?q=inspectors")]
                verdict: Any = ("accepted", "rejected")[decided % 2]
                seen = reviewer.execute("SELECT max(id) FROM reviews").fetchone()[0]
                decide(reviewer, Decision("quote", key, verdict, "Jo", seen=seen), "2026-11-18T02:10:00Z")
                decided += 1
        assert finish(night) == (0, "")
    assert len(answers) >= 9
    assert set(answers) == {200}
    assert rows(path, "SELECT count(*) FROM reviews") == [(decided,)]
    assert rows(path, "SELECT count(*) FROM articles WHERE source_id = 'marlbury'") == [(5,)]
    assert check(path) == []


@pytest.mark.parametrize(
    "script", sorted(path.stem for path in Path(schema.__file__).with_name("schema").glob("*.sql"))
)
def test_71_a_file_of_any_older_version_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    (tmp_path / "schema").mkdir()
    for file in Path(schema.__file__).with_name("schema").glob("*.sql"):
        if file.stem <= script:
            shutil.copy(file, tmp_path / "schema")
    with monkeypatch.context() as then:
        then.setattr(schema, "_FOLDER", tmp_path / "schema")
        db = open_database(tmp_path / "file.db")
        at = "2026-05-01T01:30:00Z"
        db.table("sources").insert({"id": "herald", "name": "The Herald", "kind": "newspaper"})
        db.table("pages").insert({"url": "https://h.example/", "role": "listing", "first_seen": at, "last_seen": at})
        db.table("runs").insert({"started": at, "ended": at, "version": "0", "verdict": "ok", "exit_code": 0})
        db.close()
    open_database(tmp_path / "file.db").close()
    assert check(tmp_path / "file.db") == []
    assert rows(tmp_path / "file.db", "SELECT name FROM sources") == [("The Herald",)]
    assert rows(tmp_path / "file.db", "SELECT url, part_of FROM pages") == [("https://h.example/", None)]


def test_71_a_newer_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    build(tmp_path / "onrecord.db").close()
    with closing(sqlite3.connect(tmp_path / "onrecord.db")) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('onrecord', '9001_tomorrow')")
        db.commit()
    before = (tmp_path / "onrecord.db").read_bytes()
    with FaultySite(press({"/1": release(1)})) as site:
        registry(site, tmp_path)
        code, printed = finish(begin(tmp_path))
        assert site.asked == []
    assert code == 2
    assert printed.endswith("was written by a newer onrecord (it has 9001_tomorrow): update this one.\n")
    assert printed.count("\n") == 1
    assert (tmp_path / "onrecord.db").read_bytes() == before


def test_72_whatever_is_overwritten_check_says_so_or_it_was_nothing(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    build(whole).close()
    pristine, said = whole.read_bytes(), named_rows(whole)
    lots = random.Random(72)
    told = 0
    for number in range(40):
        spoilt = bytearray(pristine)
        at, length = lots.randrange(len(spoilt)), lots.choice((1, 16, 512, 4096))
        spoilt[at : at + length] = lots.randbytes(len(spoilt[at : at + length]))
        path = tmp_path / f"{number}.db"
        path.write_bytes(spoilt)
        try:
            problems = check(path)
        except DatabaseError as error:
            problems = [str(error)]
        assert all(problem.endswith(".") and "\n" not in problem for problem in problems)
        told += bool(problems)
        assert problems or named_rows(path) == said or length <= 16
        path.unlink()
    assert told > 10


def test_72_a_night_on_a_damaged_file_ends_with_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "onrecord.db"
    build(path).close()
    (root,) = rows(path, "SELECT rootpage FROM sqlite_master WHERE name = 'pages'")[0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with FaultySite(press({"/1": release(1)})) as site:
        registry(site, tmp_path)
        code, printed = finish(begin(tmp_path))
    assert (code, printed) == (2, f"onrecord: {path} can't be used: it is damaged.\n")


# 73, 74, 75: clocks ---------------------------------------------------------------------------------------------------

NIGHTS = (
    "2026-10-25T00:30:00+00:00",  # British Summer Time ends: half past one,
    "2026-10-25T01:30:00+00:00",  # and again
    "2026-11-18T01:30:00+00:00",  # in the midst of it, the clock is put back by a day
    "2026-11-17T02:00:00+00:00",
    "2027-03-28T00:59:59+00:00",  # Summer Time begins: over the hour that is left out
)
PUT_BACK = NIGHTS[2]


@dataclass
class ByClocks:
    """Nights by these clocks, in London: what each printed and asked for, and what they left."""

    path: Path
    ends: list[tuple[int, str]]
    asked: list[list[str]]


@pytest.fixture(scope="module")
def by_clocks(tmp_path_factory: pytest.TempPathFactory) -> ByClocks:
    folder = tmp_path_factory.mktemp("clocks")
    result = ByClocks(folder / "onrecord.db", [], [])
    jump = folder / "jump"
    # Half past midnight in British Summer Time; and later, a release of the day that the clock has yet to come to.
    summer = {"/summer": release(1, published="2026-06-30T23:30:00Z")}
    today = {"/today": release(2, wait=0.5, published="2026-11-18T00:10:00+00:00")}
    with FaultySite(press(summer)) as site:
        registry(site, folder)
        for clock in NIGHTS:
            site.asked.clear()
            jump.unlink(missing_ok=True)
            if clock == PUT_BACK:
                site.answers |= press(summer | today)
            night = begin(folder, env={**INSIDE, "CLOCK": clock, "JUMP": str(jump), "TZ": "Europe/London"})
            if clock == PUT_BACK:
                until(lambda: "/today" in site.paths)
                jump.touch()
            result.ends.append(finish(night))
            result.asked.append(sorted(site.paths))
    return result


def test_73_on_nights_on_which_the_hour_changes_times_are_utc_and_each_night_runs_once(by_clocks: ByClocks) -> None:
    assert by_clocks.ends == [(0, "")] * 5
    assert by_clocks.asked[:2] == [["/feed", "/summer"], ["/feed"]]
    ledger = rows(by_clocks.path, "SELECT started, ended FROM runs ORDER BY id")
    # The last one begins at the second before, or behind, the hour.
    assert [started[:15] for started, _ in ledger][:4] == [clock[:15] for clock in NIGHTS][:4]
    assert ledger[4][0][:14] in ("2027-03-28T00:", "2027-03-28T01:")
    assert all(started.endswith("Z") and started <= ended for started, ended in ledger), "no age is negative"
    assert all(at.endswith("Z") for (at,) in rows(by_clocks.path, "SELECT first_seen FROM pages"))
    log = by_clocks.path.with_name("nightly.log").read_text(encoding="utf-8")
    assert "2026-10-25T00:30:" in log
    assert check(by_clocks.path) == []


def test_74_a_clock_that_is_put_back_asks_for_nothing_twice_and_drops_no_article(by_clocks: ByClocks) -> None:
    assert by_clocks.asked[2:4] == [["/feed", "/today"], ["/feed"]]
    stored = rows(by_clocks.path, "SELECT published, first_seen < '2026-11-18' FROM articles WHERE url LIKE '%/today'")
    assert stored == [("2026-11-18", 1)]


def test_75_half_past_midnight_in_summer_is_the_day_in_london(by_clocks: ByClocks) -> None:
    stored = rows(by_clocks.path, "SELECT published, date_method FROM articles WHERE url LIKE '%/summer'")
    assert stored == [("2026-07-01", "meta")]


# 76, 77, 78, 79: by cron, every night ---------------------------------------------------------------------------------


def closed() -> None:
    """In a child: no input, no output, nowhere to complain to."""
    for file in (0, 1, 2):
        os.close(file)


@pytest.fixture(scope="module")
def by_cron(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A night as cron runs it, with a log that has grown for long, and a rule that fails on one of its texts."""
    folder = tmp_path_factory.mktemp("cron")
    for number, name in enumerate(("nightly.log", "nightly.log.1", "nightly.log.2", "nightly.log.3")):
        (folder / name).write_bytes(b"%d\n" % number * 2_500_000)
    with FaultySite(press({f"/{n}": release(n, text="Łódź." if n == 2 else "") for n in range(3)})) as site:
        registry(site, folder)
        night = begin(folder, bare=True, env=INSIDE | {"FAILING": "Łódź"}, stdout=None, stderr=None, preexec_fn=closed)
        code = night.wait(60)
        # The next one has a pipe.
        silent = finish(begin(folder, bare=True, env={"LANG": "C"}))
        reason = rows(
            folder / "onrecord.db", "SELECT url, extraction_error FROM articles WHERE extraction_error NOT NULL"
        )
    return {"code": code, "silent": silent, "folder": folder, "failed": reason}


def test_76_without_an_environment_or_any_output_a_night_writes_utf_8(by_cron: dict[str, Any]) -> None:
    texts = [text for (text,) in rows(by_cron["folder"] / "onrecord.db", "SELECT text FROM articles")]
    assert len(texts) == 3
    assert all("“We closed" in text and "children’s" in text for text in texts)
    assert sum("Łódź" in text for text in texts) == 1
    assert "listening" not in (by_cron["folder"] / "nightly.log").read_text(encoding="utf-8")
    assert check(by_cron["folder"] / "onrecord.db") == []


def test_77_with_nothing_to_say_a_night_is_silent(by_cron: dict[str, Any]) -> None:
    assert by_cron["silent"] == (0, "")


def test_78_the_log_of_a_year_stays_as_long_as_that_of_a_month(by_cron: dict[str, Any]) -> None:
    logs = sorted(by_cron["folder"].glob("nightly.log*"))
    assert [log.name for log in logs] == ["nightly.log", "nightly.log.1", "nightly.log.2", "nightly.log.3"]
    assert [log.read_bytes()[:2] for log in logs[1:]] == [b"0\n", b"1\n", b"2\n"]  # the oldest is gone
    assert logs[0].stat().st_size < 1_000_000


def test_79_a_rule_that_fails_costs_the_records_of_one_article(by_cron: dict[str, Any]) -> None:
    path = by_cron["folder"] / "onrecord.db"
    assert by_cron["code"] == 1
    [(url, reason)] = by_cron["failed"]
    assert url.endswith("/2")
    assert reason == "ZeroDivisionError: a rule failed"
    assert rows(path, "SELECT count(DISTINCT article_id) FROM quotes") == [(2,)]
    assert rows(path, "SELECT verdict, exit_code FROM runs WHERE id = 1") == [("partial", 1)]
    [(verdict, note)] = rows(path, "SELECT verdict, note FROM run_sources WHERE run_id = 1")
    assert verdict == "partial"
    assert "extraction failed" in note


# 80, 81: rules and lexicons -------------------------------------------------------------------------------------------


def test_80_better_rules_read_stored_texts_and_decisions_stand(scene: Kills, tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    shutil.copy(scene.before[2] / "file.db", path)
    before = named_rows(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        undecided = "review_status IS NULL AND cue NOT NULL AND person_id NOT NULL"
        keys = [key for (key,) in db.execute(f"SELECT quote_key FROM quotes WHERE {undecided} ORDER BY id LIMIT 3")]
        kept, lost, otherwise = keys
        (id,) = db.execute("SELECT id FROM quotes WHERE quote_key = ?", [kept]).fetchone()
        for key in keys:
            decide(db, Decision("quote", key, "accepted", "Jo"), "2026-11-18T02:10:00Z")
        # As older rules had it: they missed a quote, and heard another one from nobody.
        for table in ("figures", "stances"):
            db.execute(f"DELETE FROM {table} WHERE quote_id = (SELECT id FROM quotes WHERE quote_key = ?)", [lost])
        db.execute("DELETE FROM quotes WHERE quote_key = ?", [lost])
        db.execute("UPDATE quotes SET person_id = NULL, cue = 'sighed' WHERE quote_key = ?", [otherwise])
        db.execute("UPDATE articles SET extractor = 'older'")
        db.commit()
    scene.room.requests.clear()
    done = onrecord("reextract", "--db", path, **LOCAL)  # the site is no more
    assert done.returncode == 0, done.stderr
    assert scene.room.requests == []
    assert named_rows(path) | {"stories_due": []} == before  # stories are the next night's
    accepted = "SELECT quote_key FROM quotes WHERE review_status = 'accepted'"
    assert {key for (key,) in rows(path, accepted)} >= set(keys)
    assert rows(path, f"SELECT id FROM quotes WHERE quote_key = '{kept}'") == [(id,)]
    assert check(path) == []


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (
            lambda text: text[: text.index("\n", len(text) // 2) - 2],
            "this line does not end: is the rest of the file lost?",
        ),
        (lambda text: text + text.splitlines()[-1] + "\n", "stands in line"),
        (lambda text: text + "one,two,three,four,five,six,seven\n", "7 cells where the header has"),
    ],
    ids=["half", "doubled", "bad"],
)
def test_81_a_bad_lexicon_is_refused_by_file_and_line_before_anything_is_asked(
    tmp_path: Path, spoil: Callable[[str], str], complaint: str
) -> None:
    line = with_names(tmp_path, spoil)
    with FaultySite(press({"/1": release(1)})) as site:
        registry(site, tmp_path)
        code, printed = finish(begin(tmp_path, cwd=tmp_path, env={"PYTHONPATH": f"{tmp_path}:{ROOT}"}))
        assert site.asked == []
    assert code == 2
    assert printed.startswith(f"onrecord: data/lexicon/given_names.csv:{line}: ")
    assert complaint in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize("command", ["add", "reextract"])
def test_81_nor_is_anything_read_with_one(tmp_path: Path, command: str) -> None:
    path = tmp_path / "onrecord.db"
    page = tmp_path / "page.txt"
    page.write_text("Bins\n\n“We are late,” said Helen Marsh, its chair.\n", encoding="utf-8")
    assert onrecord("add", page, "--db", path).returncode == 0
    before = rows(path, "SELECT url, extracted_at FROM articles")
    line = with_names(tmp_path, lambda text: text + "one,two,three,four,five,six,seven\n")
    given = {"add": [page], "reextract": ["--all"]}[command]
    done = subprocess.run(
        [sys.executable, "-m", "onrecord", command, *map(str, given), "--db", str(path)],
        env={**_inherited(), "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"onrecord: data/lexicon/given_names.csv:{line}: 7 cells")
    assert rows(path, "SELECT url, extracted_at FROM articles") == before


def with_names(folder: Path, spoil: Callable[[str], str]) -> int:
    """A `data/` in the folder as a checkout has it, with a list of given names of its own; which has so many lines."""
    for inner in ("data", "data/lexicon"):
        (folder / inner).mkdir()
        for path in (ROOT / inner).iterdir():
            if path.name not in ("lexicon", "given_names.csv", "__pycache__"):
                (folder / inner / path.name).symlink_to(path)
    (folder / "data" / "__init__.py").unlink()
    shutil.copy(ROOT / "data" / "__init__.py", folder / "data")
    spoilt = spoil((ROOT / "data" / "lexicon" / "given_names.csv").read_text(encoding="utf-8"))
    (folder / "data" / "lexicon" / "given_names.csv").write_text(spoilt, encoding="utf-8")
    return len(spoilt.splitlines())
