"""robots.txt is obeyed, and what can't be asked is not crawled tonight."""

from __future__ import annotations

import gzip
import itertools
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from onrecord.ledger import judged
from spiders.robots import _beginning
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite, leads_to

FEED = Answer(
    "<rss version='2.0'><channel>"
    + "".join(f"<item><title>{name}</title><link>/{name}</link></item>" for name in ("a", "b", "private/c"))
    + "</channel></rss>",
    type="application/rss+xml",
)
ALLOWED = ["/a", "/b", "/feed", "/private/c"]


@pytest.fixture
def site() -> Iterator[FaultySite]:
    page = Answer("<h1>Marlbury</h1><article><p>Inspectors praised children’s services.</p></article>")
    with FaultySite({"/feed": FEED, "/a": page, "/b": page, "/private/c": page}) as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


def night(site: FaultySite, file: Path, **settings: Any) -> tuple[Mapping[str, Any], list[str]]:
    """Our stats, and what was asked for beside robots.txt."""
    return crawl(source_at(site.address), file, **settings), sorted(site.paths)


def robots(body: bytes | str) -> Answer:
    return Answer(body, type="text/plain")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=404),
        Answer("Forbidden: User-agent: *\nDisallow: /", status=403),
        Answer(status=410),
        robots(""),
        robots(b"\xff\xfe\x00 nothing that can be read"),
        Answer("<html><p>Welcome to Marlbury</p></html>"),
        robots("User-agent: *\nDisallow: /search\n"),
        robots("User-agent: otherbot\nDisallow: /\n"),
        robots("User-agent: *\nDisallow: /\n\nUser-agent: onrecord\nAllow: /\n"),
    ],
    ids=["404", "403", "410", "empty", "garbage", "html", "elsewhere", "other-bot", "us-alone"],
)
def test_allowed(site: FaultySite, file: Path, answer: Answer) -> None:
    site.answers["/robots.txt"] = answer
    stats, asked = night(site, file)
    assert asked == ALLOWED
    assert "robots" not in stats


def test_robots_is_asked_for_once_and_first(site: FaultySite, file: Path) -> None:
    night(site, file)
    assert [asked.path for asked in site.asked].count("/robots.txt") == 1
    assert site.asked[0].path == "/robots.txt"


def test_a_disallowed_page_is_not_asked_for(site: FaultySite, file: Path) -> None:
    site.answers["/robots.txt"] = robots("\ufeffUser-agent: *\nDisallow: /private/\n")
    stats, asked = night(site, file)
    assert asked == ["/a", "/b", "/feed"]
    assert (stats["robots"], stats.get("listings_robots"), stats["new"]) == (1, None, 2)
    assert stats["note"] == f"{site.address}/private/c: robots.txt forbids it"


def test_a_disallowed_listing_is_told_from_a_disallowed_page(site: FaultySite, file: Path) -> None:
    site.answers["/robots.txt"] = robots("User-agent: *\nDisallow: /feed\n")
    stats, asked = night(site, file)
    assert asked == []
    assert (stats["robots"], stats["listings_robots"]) == (1, 1)
    told = judged(source_at(site.address), {f"onrecord/{name}": value for name, value in stats.items()})
    assert (told.verdict, told.note) == ("robots", f"{site.address}/feed: robots.txt forbids it")


@pytest.mark.parametrize(
    ("answer", "why", "times"),
    [
        (Answer(status=500), "HTTP 500", 3),
        (Answer(status=503), "HTTP 503", 3),
        (Answer(status=429), "HTTP 429", 1),
        (Answer(wait=3), "DownloadTimeoutError", 2),
        (Answer("User-agent: *\nAllow: /\n", breaks_after=5), "ResponseDataLossError", 3),
        (leads_to("http://elsewhere.example/robots.txt"), "refused: elsewhere.example is not one", 1),
        (leads_to("http://169.254.169.254/robots.txt"), "refused: 169.254.169.254 is not one", 1),
        (leads_to("/robots.txt"), "max redirections reached", 6),
    ],
    ids=["500", "503", "429", "late", "cut", "elsewhere", "private", "round"],
)
def test_what_cannot_be_asked_is_not_crawled(
    site: FaultySite, file: Path, answer: Answer, why: str, times: int
) -> None:
    site.answers["/robots.txt"] = answer
    stats, asked = night(site, file, RETRY_TIMES=2, DOWNLOAD_TIMEOUT=0.3)
    assert asked == []
    assert len(site.asked) == times
    assert (stats["listings_robots"], stats.get("listings_failed")) == (1, None)
    assert why in stats["note"]
    assert stats["note"].startswith(f"{site.address}/feed: robots.txt can't be had: ")


def test_a_redirect_to_another_port_of_the_host_is_another_site(site: FaultySite, file: Path) -> None:
    with FaultySite({"/robots.txt": robots("User-agent: *\nAllow: /\n")}) as other:
        site.answers["/robots.txt"] = leads_to(f"{other.address}/robots.txt")
        stats, asked = night(site, file)
        assert (asked, stats["listings_robots"], len(other.asked)) == ([], 1, 1)


def test_a_failure_that_passes_is_no_failure(site: FaultySite, file: Path) -> None:
    site.answers["/robots.txt"] = [Answer(status=502), robots("User-agent: *\nDisallow: /private\n")]
    assert night(site, file, RETRY_TIMES=2)[1] == ["/a", "/b", "/feed"]


def test_half_a_megabyte_of_robots_is_read(site: FaultySite, file: Path) -> None:
    filler = "# marlbury\n" * 60_000
    assert len(filler) > 600 * 1024
    site.answers["/robots.txt"] = robots("User-agent: *\nDisallow: /b\n" + filler + "Disallow: /a\n")
    assert night(site, file)[1] == ["/a", "/feed", "/private/c"]


def test_the_beginning_of_a_huge_robots_is_read(site: FaultySite, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    had: list[int] = []

    def beginning(body: bytes) -> bytes:
        had.append(len(body))
        return _beginning(body)

    monkeypatch.setattr("spiders.robots._beginning", beginning)
    site.answers["/robots.txt"] = robots("User-agent: *\nDisallow: /b\n" + "# marlbury\n" * 900_000 + "Disallow: /a\n")
    assert night(site, file)[1] == ["/a", "/feed", "/private/c"]
    assert 500 * 1024 < had[0] < 1024 * 1024  # the rest was never had


class Endless(BaseHTTPRequestHandler):
    """Serves a robots.txt that does not end, and forbids everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(b"User-agent: *\nDisallow: /\n")
            for _ in range(64):  # MiB: nobody should have as many
                self.wfile.write(b"# marlbury\n" * 95_325)
            self.server.ended = True  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_a_robots_that_does_not_end_is_heeded(file: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        server.ended = False  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        stats = crawl(source_at(f"http://127.0.0.1:{server.server_port}"), file, DOWNLOAD_TIMEOUT=20)
        server.shutdown()
    assert stats["note"].endswith("/feed: robots.txt forbids it")
    assert not server.ended  # type: ignore[attr-defined]


def test_half_a_rule_is_none(site: FaultySite, file: Path) -> None:
    until = "User-agent: *\nDisallow: /b\n#"
    rule = "\nDisallow: /about\n"
    filler = "." * (500 * 1024 - len(until) - len("\nDisallow: /a"))
    site.answers["/robots.txt"] = robots(until + filler + rule)
    assert night(site, file)[1] == ["/a", "/feed", "/private/c"]


def test_a_robots_that_unpacks_to_more_than_any_page_is_not_had(site: FaultySite, file: Path) -> None:
    packed = gzip.compress(b"User-agent: *\nAllow: /\n" + bytes(50_000_000))
    site.answers["/robots.txt"] = Answer(packed, type="text/plain", headers={"Content-Encoding": "gzip"})
    stats, asked = night(site, file)
    assert asked == []
    assert "robots.txt can't be had" in stats["note"]


def test_robots_is_asked_for_unpacked(site: FaultySite, file: Path) -> None:
    night(site, file)
    assert [asked.headers.get("Accept-Encoding") == "identity" for asked in site.asked] == [True] + [False] * 4


def gaps(site: FaultySite) -> list[float]:
    times = [asked.at for asked in site.asked if asked.path != "/robots.txt"]
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def test_a_crawl_delay_is_kept(site: FaultySite, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda least, most: least)  # Scrapy likes to vary a delay
    site.answers["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 0.2\n")
    stats, _ = night(site, file)
    assert len(gaps(site)) == 3
    assert min(gaps(site)) > 0.18
    assert "delay_capped" not in stats


def test_a_crawl_delay_that_nobody_could_keep_is_cut_and_told(
    site: FaultySite, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site.answers["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 86400\n")
    stats, _ = night(site, file, ONRECORD_LONGEST_DELAY=0.2)
    assert min(gaps(site)) > 0.18
    assert stats["delay_capped"] == 86400
    assert any("86400" in message for message in caplog.messages)


def test_our_own_delay_stands_where_robots_asks_for_less(site: FaultySite, file: Path) -> None:
    site.answers["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 0.01\n")
    night(site, file, DOWNLOAD_DELAY=0.2)
    assert min(gaps(site)) > 0.18


def test_a_source_is_asked_one_question_at_a_time(site: FaultySite, file: Path) -> None:
    for path in ("/a", "/b", "/private/c"):
        site.answers[path] = Answer(FEED.body, wait=0.2)
    night(site, file)
    assert min(gaps(site)[1:]) > 0.18
