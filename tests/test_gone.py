"""A page that its site takes down: the article is kept and marked, and comes back with the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite, leads_to

PAGE = Answer(
    "<h1>Inspectors praise Marlbury</h1><article><p>Inspectors found children’s services in Marlbury much improved.</p>"
    "<p>“We are proud,” said Ada Quillfeather, director of children’s services.</p></article>",
    etag='"page"',
)


def feed(*items: tuple[str, str]) -> Answer:
    """A feed of (path, title)."""
    listed = "".join(f"<item><title>{title}</title><link>{path}</link></item>" for path, title in items)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>M</title>{listed}</channel></rss>'
    return Answer(body, type="application/rss+xml")


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite({"/feed": feed(("/one", "One")), "/one": PAGE}) as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


def night(site: FaultySite, file: Path, *items: tuple[str, str]) -> dict[str, Any]:
    site.answers["/feed"] = feed(*items)
    stages = {f"pipelines.stages.{name}": n for n, name in enumerate(("Arrive", "Archive", "Read", "Relevance"))}
    all_of_them = {**stages, "pipelines.stages.Store": 5, "pipelines.stages.Extract": 6}
    return dict(crawl(source_at(site.address), file, ITEM_PIPELINES=all_of_them))


def stored(file: Path) -> tuple[list[str | None], int]:
    """When each article was gone, and how many quotes there are."""
    db = Database(file)
    gone, quotes = [row["gone_at"] for row in db["articles"].rows], db["quotes"].count
    db.close()
    return gone, quotes


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_marked_and_kept_with_its_quotes(site: FaultySite, file: Path, status: int) -> None:
    night(site, file, ("/one", "One"))
    assert stored(file) == ([None], 1)
    site.answers["/one"] = Answer(status=status)
    stats = night(site, file, ("/one", "One again"))
    assert (stats["gone"], stats.get("failed", 0), stats.get("note")) == (1, 0, None)
    (at,), quotes = stored(file)
    assert at
    assert quotes == 1
    # On later nights it is still gone since then.
    db = Database(file)
    db["articles"].update(1, {"gone_at": "2026-05-01T01:30:00Z"})
    db.close()
    assert night(site, file, ("/one", "One more time"))["gone"] == 1
    assert stored(file) == (["2026-05-01T01:30:00Z"], 1)


@pytest.mark.parametrize("etag", ['"page"', None, '"another"'])
def test_it_comes_back_when_it_answers_again(site: FaultySite, file: Path, etag: str | None) -> None:
    night(site, file, ("/one", "One"))
    site.answers["/one"] = Answer(status=404)
    night(site, file, ("/one", "One again"))
    body = str(PAGE.body).replace("proud", "very proud") if etag == '"another"' else PAGE.body
    site.answers["/one"] = Answer(body, etag=etag)
    stats = night(site, file, ("/one", "One again"))  # still open, it is asked for
    assert stats["changed" if etag == '"another"' else "unchanged"] >= 1
    assert stored(file) == ([None], 1)


def test_a_page_that_was_never_stored_has_failed(site: FaultySite, file: Path) -> None:
    stats = night(site, file, ("/two", "Two"))
    assert (stats["failed"], stats.get("gone", 0)) == (1, 0)
    assert stored(file) == ([], 0)


def test_an_error_is_no_farewell(site: FaultySite, file: Path) -> None:
    night(site, file, ("/one", "One"))
    site.answers["/one"] = Answer(status=503)
    stats = night(site, file, ("/one", "One again"))
    assert (stats["failed"], stats.get("gone", 0)) == (1, 0)
    assert stored(file) == ([None], 1)


def test_an_article_stands_as_long_as_one_of_its_addresses(site: FaultySite, file: Path) -> None:
    site.answers["/old"] = leads_to("/one")
    night(site, file, ("/one", "One"), ("/old", "Old"))
    site.answers["/old"] = Answer(status=410)
    assert night(site, file, ("/one", "One"), ("/old", "Older"))["gone"] == 1
    assert stored(file)[0] == [None]
    site.answers["/one"] = Answer(status=410)
    night(site, file, ("/one", "One again"), ("/old", "Older"))
    assert stored(file)[0] != [None]
