"""Bodies that a listing carries: read from it, whatever becomes of the night."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from tests.crawling import crawl, registry_of, source_at
from tests.faults.server import Answer, FaultySite

CHECKOUT = Path(__file__).parents[1]
BODY = "<p>Inspectors found children’s services in Marlbury much improved, as the feed has it.</p>"
PAGE = Answer(
    "<article><h1>Two</h1><p>Inspectors of children’s services stand on the page in other words.</p></article>"
)


def feed(carried: str = BODY, word: str = "") -> Answer:
    """Three items; the second carries its body, if it has one."""
    bodies = {"one": "", "two": carried, "three": ""}
    items = "".join(
        f"<item><title>{word}{name}</title><link>/{name}</link><content:encoded><![CDATA[{body}]]></content:encoded></item>"
        for name, body in bodies.items()
    )
    space = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    body = f"<rss version='2.0' {space}><channel><title>M</title>{items}</channel></rss>"
    return Answer(body, type="text/xml", etag=f'"{word}{len(carried)}"')


@pytest.fixture
def site() -> Iterator[FaultySite]:
    other = "<article><h1>X</h1><p>Inspectors of children’s services were in {} as well.</p></article>"
    pages = {f"/{name}": Answer(other.format(name)) for name in ("one", "three")}
    with FaultySite({"/feed": feed(), "/two": PAGE, **pages}) as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


def night(site: FaultySite, file: Path, **settings: Any) -> list[str]:
    site.asked.clear()
    crawl(source_at(site.address), file, **settings)
    return sorted(site.paths)


def stored(file: Path) -> tuple[str, Any]:
    """The second item's text, "" where it has none, and what is kept of the body that its listing carried."""
    db = Database(file)
    (page,) = db.query(
        "SELECT text, carried FROM pages LEFT JOIN articles ON articles.id = article_id WHERE pages.url LIKE '%/two'"
    )
    db.close()
    return page["text"] or "", page["carried"]


def killed_night(site: FaultySite, file: Path, registry: Path) -> None:
    """Kills a crawl between the listing and the second item's article, as the first or the third keeps it waiting."""
    registry.write_text(registry_of(source_at(site.address)), encoding="utf-8")
    answers = {path: site.answers[path] for path in ("/one", "/three")}
    site.answers |= dict.fromkeys(answers, Answer(wait=30))
    ours = {"SOURCES": str(registry), "DB": str(file), "LOOPBACK": "1", "DELAY": "0"}
    crawling = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "marlbury"],
        cwd=CHECKOUT,
        env={**os.environ, **{f"ONRECORD_{name}": value for name, value in ours.items()}},
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 30
        while len(site.paths) < 2 and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        crawling.send_signal(signal.SIGKILL)
        crawling.wait()
    assert site.paths[0] == "/feed"
    site.answers |= answers


def test_a_carried_body_outlives_a_killed_night(site: FaultySite, file: Path, tmp_path: Path) -> None:
    killed_night(site, file, tmp_path / "sources.toml")
    assert stored(file) == ("", BODY.encode())
    assert night(site, file) == ["/feed", "/one", "/three"]
    assert stored(file) == ("Inspectors found children’s services in Marlbury much improved, as the feed has it.", b"")


def test_what_is_carried_is_kept_no_longer_than_it_takes(site: FaultySite, file: Path) -> None:
    night(site, file)
    text, kept = stored(file)
    assert text.endswith("as the feed has it.")
    assert kept == b""
    site.answers["/feed"] = feed(BODY.replace("much", "very much"))
    assert night(site, file) == ["/feed"]
    text, kept = stored(file)
    assert "very much improved" in text
    assert kept == b""


def test_a_listing_that_carries_it_no_longer_leads_to_the_page(site: FaultySite, file: Path) -> None:
    night(site, file)
    site.answers["/feed"] = feed("", word="Corrected: ")
    assert "/two" in night(site, file)
    text, kept = stored(file)
    assert text.endswith("in other words.")
    assert kept is None


def test_half_a_letter_in_a_carried_body_costs_nothing(site: FaultySite, file: Path) -> None:
    """As JSON can have it, and no file."""
    path = "/wp-json/wp/v2/posts"
    said = BODY.replace("much", "much \\ud83d")
    post = f'[{{"link": "{site.address}/two", "title": {{"rendered": "Two"}}, "content": {{"rendered": "{said}"}}}}]'
    site.answers[path] = Answer(post, type="application/json")
    crawl(source_at(site.address, "wordpress", path), file)
    text, kept = stored(file)
    assert "much ? improved" in text
    assert kept == b""
