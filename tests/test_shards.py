"""A night on several machines: whose share each source is, files that stand side by side, and what becomes of both."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from onrecord.check import check
from onrecord.crawl import groups_by_host
from onrecord.errors import CannotRun
from onrecord.newsroom.server import Newsroom, Request
from onrecord.shards import Shard
from pipelines.archive import Archive, read_archive
from pipelines.page import Page
from pipelines.schema import open_database
from pipelines.urls import canonical_url
from spiders.registry import Listing, Source, read_registry
from tests.command import LOCAL, onrecord
from tests.faults.named_rows import named_rows
from tests.test_health import add_night, judge, tonight

# Of the newsroom: enough for two shards.
SITES = ("council-newsroom", "trade-weekly", "charity-press", "local-paper")


def source(id: str, *hosts: str, **more: Any) -> Source:
    return Source(id, id.title(), hosts or (f"{id}.example",), **more)


REGISTRY = [source(f"paper-{number}") for number in range(60)]


def shares(registry: list[Source], of: int = 3) -> dict[str, int]:
    """The shard of each source."""
    told = {id: number for number in range(1, of + 1) for id in Shard(number, of).share(registry)}
    assert len(told) == sum(len(Shard(number, of).share(registry)) for number in range(1, of + 1))
    return told


def test_each_source_is_in_one_shard() -> None:
    told = shares(REGISTRY)
    assert told.keys() == {it.id for it in REGISTRY}
    assert all(10 < list(told.values()).count(number) < 30 for number in (1, 2, 3))
    assert set(shares(REGISTRY, 1).values()) == {1}


def test_the_registry_of_ours_is_shared_out_by_host() -> None:
    registry = list(read_registry().values())
    told = shares(registry)
    assert len(told) == len(registry)
    assert len(set(told.values())) == 3
    groups = groups_by_host(registry)
    assert any(len(group) > 1 for group in groups)
    assert all(len({told[it.id] for it in group}) == 1 for group in groups)


def test_shares_are_the_same_on_every_machine() -> None:
    """Of a hash that no process draws by lot, and that does not depend on the order of the registry."""
    told = shares(REGISTRY)
    assert shares(REGISTRY[::-1]) == told
    assert [told[f"paper-{number}"] for number in range(8)] == [1, 2, 1, 3, 2, 1, 3, 3]


def test_sources_that_share_a_host_stay_together() -> None:
    chain = [source("a", "a.example", "b.example"), source("c", "c.example"), source("b", "b.example", "c.example")]
    assert len({shares([*REGISTRY, *chain], 7)[it.id] for it in chain}) == 1


def test_a_source_that_is_added_or_disabled_moves_no_other() -> None:
    before = shares(REGISTRY)
    for added in (source("aardvark"), source("zebra"), source("more", "paper-7.example", "www.paper-7.example")):
        after = shares([added, *REGISTRY])
        assert {id: after[id] for id in before} == before
    disabled = [replace(it, disabled="moved") if it.id == "paper-3" else it for it in REGISTRY]
    assert shares(disabled) == before


def test_ports_of_this_machine_are_hosts() -> None:
    local = [
        Source(f"site-{port}", "Site", ("127.0.0.1",), (Listing("feed", f"http://127.0.0.1:{port}/feed"),))
        for port in range(8000, 8040)
    ]
    assert set(shares(local).values()) == {1, 2, 3}


@pytest.mark.parametrize("given", ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1.5/3", "1 / 3", "²/3"])
def test_what_is_no_shard_is_told_in_a_sentence(given: str) -> None:
    with pytest.raises(CannotRun, match="is no shard: write the second of three as 2/3"):
        Shard.parse(given)


def test_shards_are_read() -> None:
    assert Shard.parse("2/3") == (2, 3)
    assert str(Shard.parse(" 12/12 ")) == "12/12"


# Files side by side ---------------------------------------------------------------------------------------------------


def test_two_processes_of_one_number_write_two_archives(tmp_path: Path) -> None:
    """As they are called on two machines that begin in the same second."""
    page = Page(url="https://news.example/1", body=b"1")
    archives = [Archive(tmp_path) for _ in range(20)]
    for archive in archives:
        assert archive.write(page)[1] == 0
    assert len({archive.path for archive in archives}) == 20


def test_a_source_that_comes_back_to_a_file_has_not_fallen_off(db: Database) -> None:
    """For a month another shard had it: what that one brought is in its own file."""
    for ago in range(40, 90):
        add_night(db, ago, new=5)
    assert judge(db, tonight(new=5)) == ("ok", "")
    for ago in range(1, 14):  # here all the time, it has
        add_night(db, ago, new=0)
    assert judge(db, tonight(new=5))[0] == "suspicious"


def test_nights_once_a_week_are_no_gap(db: Database) -> None:
    for ago in range(21, 98, 7):
        add_night(db, ago, new=30)
    for ago in (7, 14):
        add_night(db, ago, new=0)
    assert judge(db, tonight(new=0))[0] == "suspicious"


# Nights ---------------------------------------------------------------------------------------------------------------


@dataclass
class Nights:
    """A night of two shards at once, in one folder, merged; and the same night without shards."""

    room: Newsroom
    registry: Path
    shards: dict[Shard, Path]
    all: Path
    alone: Path
    requests: list[Request]  # of the shards


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A file that knows the source of test_health.py."""
    db = open_database(tmp_path / "file.db")
    db.table("sources").insert({"id": "marlbury", "name": "Marlbury", "kind": "article"})
    yield db
    db.close()


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("shards")
    registry = folder / "sources.toml"
    (folder / "alone").mkdir()
    (folder / "all").mkdir()
    with Newsroom() as room:
        registry.write_text(room.registry, encoding="utf-8")
        files = {shard: folder / f"shard-{shard.number}.db" for shard in two_shards(registry)}
        result = Nights(room, registry, files, folder / "all/all.db", folder / "alone/alone.db", [])
        only = [word for site in SITES for word in ("--source", site)]

        def night(file: Path, *more: object) -> None:
            done = onrecord("nightly", *only, *more, "--registry", registry, "--db", file, **LOCAL)
            assert (done.returncode, done.stderr) == (0, "")

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda shard: night(files[shard], "--shard", shard), files))
        result.requests += room.requests
        night(result.alone)
        merged = onrecord("merge", *files.values(), "--db", result.all)
        assert merged.returncode == 0, merged.stderr
        yield result


def two_shards(registry: Path) -> list[Shard]:
    """Two shards to which the sites fall; their ports, which a run draws by lot, say of how many."""
    sources = list(read_registry(registry).values())
    for of in range(2, 1000):
        found = [shard for number in range(1, of + 1) if (shard := Shard(number, of)).share(sources) & set(SITES)]
        if len(found) == 2:
            return found
    raise AssertionError("the sites have one host")


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


def test_each_site_is_asked_by_one_shard(nights: Nights) -> None:
    listed = [request for request in nights.requests if request.path == "/robots.txt"]
    assert len(listed) == len({request.site for request in listed}) == len(SITES)
    asked = [
        {id for (id,) in ask(file, "SELECT DISTINCT source_id FROM run_sources")} for file in nights.shards.values()
    ]
    assert sorted(id for ids in asked for id in ids) == sorted(SITES)


def test_merged_they_hold_what_one_machine_holds(nights: Nights) -> None:
    merged, alone = named_rows(nights.all), named_rows(nights.alone)
    assert len(alone["articles"]) > 10
    for table in alone:
        assert merged[table] == alone[table], table
    ledger = "SELECT source_id, listed, fetched, new, changed, run_sources.verdict FROM run_sources ORDER BY 1"
    assert ask(nights.all, ledger) == ask(nights.alone, ledger)
    assert len(ask(nights.all, ledger)) == len(SITES)
    assert check(nights.all) == []


def test_the_archive_of_all_is_replayed_from_the_merged_file(nights: Nights) -> None:
    places = ask(nights.all, "SELECT url, archive_file, archive_offset FROM pages WHERE archive_file IS NOT NULL")
    assert len(places) > 10
    for url, file, offset in places:
        page = next(read_archive(nights.all.parent / "archive" / file, offset))
        assert canonical_url(page.url) == url


def test_each_shard_has_its_own_log(nights: Nights) -> None:
    folder = nights.all.parent.parent
    assert sorted(path.name for path in folder.glob("*.log")) == sorted(
        f"{path.name}.log" for path in nights.shards.values()
    )
    assert (nights.alone.parent / "nightly.log").exists()


def test_a_shard_without_a_source_is_a_night_with_nothing_to_do(nights: Nights, tmp_path: Path) -> None:
    """Nor does `--source` move one to another shard."""
    registry = read_registry(nights.registry).values()
    shard, site = next((it, site) for it in nights.shards for site in SITES if site not in it.share(registry))
    file = tmp_path / "empty.db"
    given = ("--source", site, "--registry", nights.registry, "--db", file)
    done = onrecord("nightly", "--shard", shard, *given, **LOCAL)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"onrecord: no source falls to shard {shard}: nothing is crawled.\n"
    assert ask(file, "SELECT verdict, exit_code, ended IS NOT NULL FROM runs") == [("ok", 0, 1)]
    assert ask(file, "SELECT * FROM run_sources") == []


def test_a_wrong_shard_is_one_sentence(tmp_path: Path) -> None:
    done = onrecord("nightly", "--shard", "4/3", "--db", tmp_path / "file.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "onrecord: '4/3' is no shard: write the second of three as 2/3.\n"
    assert not list(tmp_path.iterdir())
