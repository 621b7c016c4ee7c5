"""The back catalogue: every page of a listing is read, known or not, as far back as was asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onrecord.backfill import backfill
from onrecord.crawl import crawl_settings
from onrecord.errors import CannotRun
from onrecord.lock import only_one
from onrecord.newsroom import Newsroom
from tests.command import LOCAL, onrecord
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite


def article(name: str) -> Answer:
    return Answer(f"<article><h1>{name}</h1><p>Inspectors found children’s services in {name} improved.</p></article>")


def listing(number: int, *items: tuple[str, str], last: bool = False) -> Answer:
    """A page of the list; each item has a name and the day it is printed with."""
    rows = "".join(f"<li class=item><a href='/{name}'>{name}</a><time>{day}</time></li>" for name, day in items)
    more = "" if last else f"<a rel=next href='/news?page={number + 1}'>Older</a>"
    return Answer(f"<ul>{rows}</ul>{more}", etag=f'"{number}"')


NAMES = ("one", "two", "three", "four")


@pytest.fixture
def site() -> Iterator[FaultySite]:
    days = ("3 May 2026", "2 May 2025", "1 May 2024", "30 April 2023")
    pages = {
        f"/news?page={i}": listing(i, (name, day), last=i == 4)
        for i, (name, day) in enumerate(zip(NAMES, days, strict=True), 1)
    }
    with FaultySite({**pages, **{f"/{name}": article(name) for name in NAMES}}) as site:
        yield site


def run(site: FaultySite, file: Path, **settings: Any) -> tuple[dict[str, Any], list[str]]:
    site.asked.clear()
    selectors = {"item": "li.item", "date": "time", "next": "a[rel=next]"}
    stats = crawl(source_at(site.address, "html", "/news?page=1", **selectors), file, **settings)
    return dict(stats), site.paths


def back(site: FaultySite, file: Path, since: str) -> tuple[dict[str, Any], list[str]]:
    return run(site, file, ONRECORD_BACKFILL=True, ONRECORD_SINCE=since)


def test_pages_further_on_are_read_though_the_first_is_known(site: FaultySite, tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    later = {f"/news?page={i}": site.answers.pop(f"/news?page={i}") for i in (2, 3, 4)}
    site.answers["/news?page=2"] = Answer("<li class=item><a href='/one'>one</a><time>3 May 2026</time></li>")
    assert run(site, file)[0]["new"] == 1
    site.answers |= later
    assert run(site, file)[1] == ["/news?page=1"]  # 304
    stats, asked = back(site, file, "2000-01-01")
    assert sorted(asked) == ["/four", *(f"/news?page={i}" for i in (1, 2, 3, 4)), "/three", "/two"]
    assert stats["new"] == 3
    assert run(site, file)[1] == ["/news?page=1"]


def test_what_is_known_is_not_fetched_again(site: FaultySite, tmp_path: Path) -> None:
    back(site, tmp_path / "x.db", "2000-01-01")
    stats, asked = back(site, tmp_path / "x.db", "2000-01-01")
    assert asked == [f"/news?page={i}" for i in (1, 2, 3, 4)]
    assert (stats["unchanged"], stats.get("new", 0)) == (4, 0)


def test_it_ends_where_a_page_lists_nothing_but_what_is_older(site: FaultySite, tmp_path: Path) -> None:
    stats, asked = back(site, tmp_path / "x.db", "2025-05-02")
    assert sorted(asked) == ["/news?page=1", "/news?page=2", "/news?page=3", "/one", "/two"]
    assert (stats["listed"], stats["new"]) == (3, 2)


def test_an_item_without_a_day_and_a_page_without_an_item_do_not_end_it(site: FaultySite, tmp_path: Path) -> None:
    site.answers["/news?page=1"] = listing(1, ("one", ""), ("two", "long ago"))
    more = "<li class=item><a href='mailto:x'>x</a></li><a rel=next href='/news?page=3'>Older</a>"
    site.answers["/news?page=2"] = Answer(more)
    stats, _ = back(site, tmp_path / "x.db", "2024-05-01")
    assert stats["new"] == 3


def test_a_night_does_not_ask_how_old_an_item_is(site: FaultySite, tmp_path: Path) -> None:
    """Unless the listing's address says since when; see tests/test_ofsted_register.py."""
    assert run(site, tmp_path / "x.db", ONRECORD_SINCE="2026-05-04")[0]["new"] == 4


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Path]]:
    with Newsroom() as room:
        registry = tmp_path_factory.mktemp("backfill") / "sources.toml"
        registry.write_text(room.registry, encoding="utf-8")
        yield room, registry


def test_a_backfill_is_a_night_of_one_source(room: tuple[Newsroom, Path], tmp_path: Path) -> None:
    newsroom, registry = room
    newsroom.requests.clear()
    file = tmp_path / "onrecord.db"
    given = ("--registry", registry, "--db", file)
    done = onrecord("backfill", "inspection-register", "--since", "2026-11-01", *given, **LOCAL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    reports = newsroom.expected("inspection-register")
    asked = [request.path for request in newsroom.requests if "/v1/file/" in request.path]
    assert asked == ["/v1/file/" + report.url.split("/")[-1] for report in reports if report.published >= "2026-11-01"]
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT source_id, listed, new, verdict FROM run_sources").fetchall() == [
            ("inspection-register", 2, 1, "ok")
        ]
        assert db.execute("SELECT verdict, exit_code FROM runs").fetchall() == [("ok", 0)]
        assert db.execute("SELECT title, text, published, body_method FROM articles").fetchall() == [
            (report.title, report.text, report.published, "pdf")
            for report in reports
            if report.published >= "2026-11-01"
        ]
    with only_one(file):
        busy = onrecord("backfill", "inspection-register", "--since", "2026-11-01", *given, **LOCAL)
    assert busy.returncode == 75


def test_it_may_go_deeper_and_take_more_than_a_night(
    room: tuple[Newsroom, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr("onrecord.backfill.run_night", lambda *args, verbose: given.extend(args) or 0)
    assert backfill(tmp_path / "x.db", room[1], "council-newsroom", "2025-01-01") == 0
    settings = given[-1]
    night = crawl_settings(tmp_path / "x.db", None)
    assert settings.getint("DEPTH_LIMIT") == 0 < night.getint("DEPTH_LIMIT")
    assert settings.getint("CLOSESPIDER_PAGECOUNT") > night.getint("CLOSESPIDER_PAGECOUNT") > 0
    assert settings.getfloat("CLOSESPIDER_TIMEOUT") == 0 < night.getfloat("CLOSESPIDER_TIMEOUT")


def test_trouble_is_exit_1(room: tuple[Newsroom, Path], tmp_path: Path) -> None:
    _, registry = room
    broken = tmp_path / "sources.toml"
    broken.write_text(registry.read_text(encoding="utf-8").replace("/search?q=&", "/gone?q=&"), encoding="utf-8")
    given = ("--registry", broken, "--db", tmp_path / "onrecord.db")
    done = onrecord("backfill", "inspection-register", "--since", "2026-01-01", *given, **LOCAL)
    assert done.returncode == 1
    assert "HTTP 404" in done.stderr


@pytest.mark.parametrize(
    ("source", "since", "said"),
    [
        ("dcs-association", "2025-01-01", "'dcs-association' has no back catalogue"),
        ("charity-press", "2025-01-01", "'charity-press' has no back catalogue"),  # one page, without a next
        ("nobody", "2025-01-01", "no source 'nobody'"),
        ("inspection-register", "31/01/2025", "'31/01/2025' is no day"),
        ("inspection-register", "2025-02-30", "'2025-02-30' is no day"),
        ("inspection-register", "", "'' is no day"),
        ("inspection-register", "9999-01-01", "9999-01-01 has not come yet"),
        ("national-paper", "2025-01-01", "needs a key"),
    ],
)
def test_what_cannot_be_walked_is_said(
    room: tuple[Newsroom, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    since: str,
    said: str,
) -> None:
    monkeypatch.delenv("NEWSROOM_API_KEY", raising=False)
    with pytest.raises(CannotRun, match=said):
        backfill(tmp_path / "x.db", room[1], source, since)
    assert not (tmp_path / "x.db").exists()


def test_a_day_that_is_none_is_one_sentence_and_exit_2(room: tuple[Newsroom, Path], tmp_path: Path) -> None:
    given = ("--registry", room[1], "--db", tmp_path / "x.db")
    done = onrecord("backfill", "inspection-register", "--since", "yesterday", *given, **LOCAL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "onrecord: 'yesterday' is no day: write it as 2025-01-31.\n"


def test_a_live_site_is_not_asked_without_a_contact(tmp_path: Path) -> None:
    done = onrecord("backfill", "ofsted", "--since", "2025-01-01", "--db", tmp_path / "x.db")
    assert done.returncode == 2
    assert "ONRECORD_CONTACT" in done.stderr
    assert not (tmp_path / "x.db").exists()
