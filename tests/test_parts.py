"""Parts of a listing: asked for when the listing says so, and now and then where it says nothing."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from onrecord.ledger import judged
from pipelines import schema
from pipelines.intervals import LONGEST, is_due
from pipelines.memory import MOST_ATTEMPTS
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite

FIRST = datetime(2026, 1, 1, 1, 30, tzinfo=UTC)


def written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


# The rule -------------------------------------------------------------------------------------------------------------


def nights_due(url: str, until: int) -> list[int]:
    """The nights after the first on which a page that stays the same is asked for."""
    times = [written(FIRST + timedelta(days=n)) for n in range(until)]
    return [n for n in range(1, until) if is_due(url, times[0], times[n - 1], times[n])]


@pytest.mark.parametrize("url", [f"https://marlbury.example/{n}.xml" for n in range(5)])
def test_the_longer_it_stays_the_same_the_more_seldom_it_is_asked_for(url: str) -> None:
    nights = nights_due(url, 500)
    assert nights[:4] == [1, 2, 3, 4]
    gaps = {before: after - before for before, after in itertools.pairwise(nights)}
    for night, gap in gaps.items():
        # The quarter grows while the interval lasts, and nights are whole.
        assert max(1, min(night // 4, LONGEST)) <= gap <= min(night / 4 * 1.3 + 1, LONGEST), (night, gap)
    assert max(gaps.values()) == LONGEST


def test_the_nights_of_many_are_spread() -> None:
    due = [nights_due(f"https://marlbury.example/{n}.xml", 160) for n in range(300)]
    counts = [sum(night in nights for nights in due) for night in range(125, 155)]
    assert sum(counts) == 300
    assert max(counts) < 30


def test_nights_left_out_are_made_up_for_and_two_in_one_night_are_one() -> None:
    url = "https://marlbury.example/1.xml"

    def due(last: float, now: float) -> bool:
        return is_due(url, *(written(FIRST + timedelta(days=days)) for days in (0, last, now)))

    assert all(due(last, last + LONGEST) for last in range(200, 240))
    assert not any(due(last, last + 0.1) for last in range(20))
    assert due(0.02, 0.98)  # the hour of a night is not to the minute
    assert not due(-0.001, 0.001)


def test_an_older_file_reads_its_listings_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "schema"
    shutil.copytree(schema._FOLDER, folder)
    later = folder / "0007_parts_and_revisits.sql"
    later.rename(later.with_suffix(".later"))
    monkeypatch.setattr(schema, "_FOLDER", folder)
    at = written(FIRST)
    db = schema.open_database(tmp_path / "x.db")
    for id, method in ((1, "feed"), (2, "selectors")):
        article = {"id": id, "url": f"https://marlbury.example/{id}", "kind": "article", "body_method": method}
        seen = {"text": "x", "text_hash": "x", "words": 1, "first_seen": at, "seen_from": at}
        db.table("articles").insert({**article, **seen})
    page = {"first_seen": at, "last_seen": at, "status": 200, "etag": '"a"', "body_hash": "x"}
    for url, role, article_id in (("index", "listing", None), ("1", "article", 1), ("2", "article", 2)):
        db.table("pages").insert({"url": url, "role": role, "article_id": article_id, **page})
    db.close()
    later.with_suffix(".later").rename(later)
    db = schema.open_database(tmp_path / "x.db")
    found = db.execute("SELECT url, etag, body_hash, carried FROM pages ORDER BY id").fetchall()
    db.close()
    assert found == [("index", None, None, None), ("1", '"a"', "x", b""), ("2", '"a"', "x", None)]


# Nights ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite() as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


Night = Callable[..., tuple[Mapping[str, Any], list[str]]]


@pytest.fixture
def night(site: FaultySite, file: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """Crawls on the n-th night; gives our stats, and what was asked for, in order of address."""

    def run(n: float, kind: str = "sitemap", path: str = "/sitemap.xml", **settings: Any) -> Any:
        monkeypatch.setattr("pipelines.memory.now", lambda: written(FIRST + timedelta(days=n)))
        site.asked.clear()
        stats = crawl(source_at(site.address, kind, path), file, **settings)
        return stats, sorted(site.paths)

    return run


def page(name: str) -> Answer:
    return Answer(f"<article><h1>{name}</h1><p>Inspectors found children’s services in {name} improved.</p></article>")


def index(site: FaultySite, *parts: str, note: str = "", etag: str | None = None) -> Answer:
    """A sitemap index; a part may have its date behind a space."""
    entries = ""
    for part in parts:
        name, _, lastmod = part.partition(" ")
        dated = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
        entries += f"<sitemap><loc>{site.address}/{name}.xml</loc>{dated}</sitemap>"
    return Answer(f"<sitemapindex>{entries}</sitemapindex><!-- {note} -->", type="text/xml", etag=etag)


def sitemap(site: FaultySite, *names: str, note: str = "") -> Answer:
    entries = "".join(f"<url><loc>{site.address}/{name}</loc></url>" for name in names)
    return Answer(f"<urlset>{entries}</urlset><!-- {note} -->", type="text/xml")


def serve(site: FaultySite, **parts: tuple[str, ...]) -> None:
    """Sitemaps by name, and the pages that they list."""
    for name, pages in parts.items():
        site.answers[f"/{name}.xml"] = sitemap(site, *pages)
        site.answers |= {f"/{page_}": page(page_) for page_ in pages}


def dump(file: Path) -> list[str]:
    db = Database(file)
    lines = list(db.conn.iterdump())
    db.close()
    return lines


@pytest.mark.parametrize("etag", ['"a"', None])
def test_news_in_a_part_of_an_index_without_dates_is_found_the_next_night(
    site: FaultySite, file: Path, night: Night, etag: str | None
) -> None:
    site.answers["/sitemap.xml"] = index(site, "a", "b", etag=etag)
    serve(site, a=("one",), b=("two",))
    assert night(0)[0]["new"] == 2
    before = dump(file)
    stats, asked = night(1)
    assert asked == ["/a.xml", "/b.xml", "/sitemap.xml"]
    assert dump(file) == before  # asking writes nothing
    assert (stats["listings_unchanged"], stats.get("listings_read", 0)) == (3, 0)
    serve(site, b=("two", "three"))
    stats, asked = night(2)
    assert asked == ["/a.xml", "/b.xml", "/sitemap.xml", "/three"]
    assert stats["new"] == 1


def test_a_part_is_asked_for_on_the_condition_that_it_has_changed(site: FaultySite, night: Night) -> None:
    site.answers["/sitemap.xml"] = index(site, "a", etag='"index"')
    site.answers["/a.xml"] = Answer(sitemap(site).body, type="text/xml", etag='"a"')
    night(0)
    night(1)
    assert [asked.headers.get("If-None-Match") for asked in site.asked[-2:]] == ['"index"', '"a"']


def test_an_unchanged_night_within_the_night_asks_for_the_listing_alone(site: FaultySite, night: Night) -> None:
    site.answers["/sitemap.xml"] = index(site, "a", "b")
    serve(site, a=("one",), b=("two",))
    night(0)
    assert night(0.01)[1] == ["/sitemap.xml"]


MEETINGS, MEETING = "/ieListMeetings.aspx?CId=1", "/ieListDocuments.aspx?CId=1&MId=2"


def test_minutes_that_come_weeks_after_the_meeting_are_found(site: FaultySite, night: Night) -> None:
    title = (
        '<table class="mgItemTable"><tr><td><a name="AI3"></a><p class="mgAiTitleTxt">Ofsted inspection</p>{}</table>'
    )
    site.answers[MEETINGS] = Answer(f"<a href='{MEETING}'>5 Mar 2026</a>", etag='"a"')
    site.answers[MEETING] = Answer(title.format(""))
    site.answers["/mgAi.aspx?ID=3"] = page("Minutes")
    for n in range(20):
        stats, asked = night(n, "moderngov", MEETINGS)
        assert stats.get("listed", 0) == 0
    site.answers[MEETING] = Answer(title.format('<p class="mgSubItemTitleTxt">Minutes:</p>'))
    for n in range(20, 27):
        stats, asked = night(n, "moderngov", MEETINGS)
        assert MEETINGS in asked
        if stats.get("new"):
            break
    assert stats["new"] == 1
    assert night(n + 1, "moderngov", MEETINGS)[1] == [MEETING, MEETINGS]  # it has just changed


def test_a_part_is_asked_for_about_once_in_its_interval(site: FaultySite, night: Night) -> None:
    serve(site, a=("one",), b=("two",), c=("three",))
    asked: list[str] = []
    for n in range(41):
        # The index has other bytes on some nights, and one part at each visit: neither is news.
        site.answers["/sitemap.xml"] = index(site, "a", "b", "c 2025-12-01", note=str(n // 10))
        site.answers["/b.xml"] = sitemap(site, "two", note=str(n))
        asked += night(n)[1]
    counts = {path: asked.count(path) for path in ("/sitemap.xml", "/a.xml", "/b.xml", "/c.xml", "/one", "/two")}
    # The first time, four nights, then 4 × ln(40 ÷ 4) = 9.2 times.
    assert counts.pop("/a.xml") in (14, 15)
    assert counts.pop("/b.xml") in (14, 15)
    assert counts == {"/sitemap.xml": 41, "/c.xml": 1, "/one": 1, "/two": 1}


def test_a_part_with_a_date_is_asked_for_when_its_date_changes(site: FaultySite, file: Path, night: Night) -> None:
    site.answers["/sitemap.xml"] = index(site, "a 2025-12-01", "b 2025-12-02")
    serve(site, a=("one",), b=("two", "three"))
    night(0)
    for n in range(1, 6):
        assert night(n)[1] == ["/sitemap.xml"]
    site.answers["/sitemap.xml"] = index(site, "a 2025-12-03", "b 2025-12-02")
    serve(site, a=("one", "four"))
    stats, asked = night(6)
    assert asked == ["/a.xml", "/four", "/sitemap.xml"]
    assert stats["new"] == 1
    # Of what the index lists, not all was looked at: so nothing is said of how much that is.
    told = judged(source_at(site.address), {f"onrecord/{name}": value for name, value in stats.items()})
    assert (told.verdict, told.listed_all) == ("ok", False)


def test_a_backfill_asks_for_every_part(site: FaultySite, night: Night) -> None:
    site.answers["/sitemap.xml"] = index(site, "a 2025-12-01", "b")
    serve(site, a=("one",), b=("two",))
    night(0)
    assert night(50, ONRECORD_BACKFILL=True)[1] == ["/a.xml", "/b.xml", "/sitemap.xml"]


def test_a_part_that_could_not_be_had_is_asked_for_on_the_next_nights(site: FaultySite, night: Night) -> None:
    site.answers["/sitemap.xml"] = index(site, "a", etag='"a"')
    serve(site, a=("one",))
    for n in (0, 1, 2, 3, 4):
        night(n)
    since = 100
    while "/a.xml" not in night(since)[1]:
        since += 1
    site.answers["/a.xml"] = Answer(status=503)
    while "/a.xml" not in night(since)[1]:
        since += 1
    for n in range(1, MOST_ATTEMPTS):
        stats, asked = night(since + n)
        assert "/a.xml" in asked
        assert stats["listings_failed"] == 1
    assert night(since + MOST_ATTEMPTS)[1] == ["/sitemap.xml"]


def test_a_part_that_is_listed_no_longer_is_not_asked_for(site: FaultySite, night: Night) -> None:
    site.answers["/sitemap.xml"] = index(site, "a", "b")
    serve(site, a=("one",), b=("two",))
    night(0)
    site.answers["/sitemap.xml"] = index(site, "b")
    assert night(1)[1] == ["/b.xml", "/sitemap.xml"]
    assert night(2)[1] == ["/b.xml", "/sitemap.xml"]


def test_what_an_index_that_is_cut_short_does_not_list_stays_a_part(site: FaultySite, night: Night) -> None:
    site.answers["/sitemap.xml"] = index(site, "a", "b")
    serve(site, a=("one",), b=("two",))
    night(0)
    whole = str(site.answers["/sitemap.xml"].body)  # type: ignore[union-attr]
    site.answers["/sitemap.xml"] = Answer(whole[: whole.index("/b.xml")], type="text/xml")
    assert night(1)[1] == ["/sitemap.xml"]
    site.answers["/sitemap.xml"] = index(site, "a", "b")
    assert night(2)[1] == ["/a.xml", "/b.xml", "/sitemap.xml"]


def test_parts_of_a_part_that_is_as_it_was_have_nights_of_their_own(site: FaultySite, night: Night) -> None:
    site.answers["/sitemap.xml"] = index(site, "more 2025-12-01")
    site.answers["/more.xml"] = index(site, "a", "more", "sitemap")  # round and round
    serve(site, a=("one",))
    night(0)
    serve(site, a=("one", "two"))
    stats, asked = night(1)
    assert asked == ["/a.xml", "/sitemap.xml", "/two"]
    assert stats["new"] == 1


@pytest.mark.parametrize(
    ("verdict", "of_source", "asks"),
    [("ok", "ok", False), ("partial", "budget", False), ("interrupted", "ok", True), ("ok", "failed", True)],
)
@pytest.mark.parametrize("ahead", [False, True], ids=["", "after a night whose clock was years ahead"])
def test_the_night_before_is_the_last_one_that_went_to_the_end(
    site: FaultySite, file: Path, night: Night, verdict: str, of_source: str, asks: bool, ahead: bool
) -> None:
    site.answers["/sitemap.xml"] = index(site, "a")
    serve(site, a=("one",))
    night(0)
    db = Database(file)
    [(url,)] = db.execute("SELECT url FROM pages WHERE url LIKE '%/a.xml'").fetchall()
    # A whole interval after the first of them it is due; in the one night since the second it is not, by its address.
    tonight = next(n for n in range(130, 170) if n not in nights_due(url, 170))
    nights = [(1, tonight - LONGEST, "ok", "ok"), (2, tonight - 1, verdict, of_source), (3, 1000, "ok", "ok")]
    for id, days, *verdicts in nights if ahead else nights[:2]:
        run = {"id": id, "started": written(FIRST + timedelta(days=days)), "version": "0", "verdict": verdicts[0]}
        db.table("runs").insert(run)
        db.table("run_sources").insert({"run_id": id, "source_id": "marlbury", "verdict": verdicts[1]})
    db.close()
    assert ("/a.xml" in night(tonight)[1]) is asks
