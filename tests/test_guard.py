"""What may be fetched: nothing but the source's own hosts, at public addresses, whatever names and redirects say."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.extensions.closespider import CloseSpider
from scrapy.extensions.corestats import CoreStats
from scrapy.settings import Settings
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import load_object

from onrecord.crawl import crawl_settings
from spiders.guard import Guard, Refused
from spiders.registry import Source
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite, leads_to

PRIVATE = (
    "127.0.0.1",
    "127.255.255.254",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00::1]",
)


def guard(*hosts: str, loopback: bool = False) -> Guard:
    source = Source(id="s", name="S", hosts=hosts)
    settings = Settings({"ONRECORD_LOOPBACK": loopback})
    return Guard(cast(Crawler, SimpleNamespace(settings=settings, spider=SimpleNamespace(source=source))))


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_even_where_the_registry_names_it(host: str) -> None:
    request = Request(f"http://{host}/")
    with pytest.raises(Refused, match="private address"):
        guard(host, host.strip("[]")).process_request(request)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/hostname", "file: is not fetched"),
        ("ftp://marlbury.example/a", "ftp: is not fetched"),
        ("data:text/html,<p>x", "data: is not fetched"),
        ("javascript://marlbury.example/%0aalert(1)", "javascript: is not fetched"),
        ("s3://marlbury.example/a", "s3: is not fetched"),
        ("https://user@marlbury.example/", "user name"),
        ("https://user:secret@marlbury.example/", "user name"),
        ("https://elsewhere.example/", "elsewhere.example is not one of the source's hosts"),
        ("https://marlbury.example.elsewhere.example/", "not one of the source's hosts"),
        ("https://marlbury.example@elsewhere.example/", "user name"),
        ("https://www.marlbury.example/", "not one of the source's hosts"),
    ],
)
def test_what_is_not_the_sources_own_is_refused(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        guard("marlbury.example").process_request(Request(url))


@pytest.mark.parametrize("url", ["https://marlbury.example/", "http://MARLBURY.example:8080/a?b", "http://8.8.8.8/"])
def test_a_sources_own_public_address_is_let_through(url: str) -> None:
    guard("marlbury.example", "8.8.8.8").process_request(Request(url))


def test_loopback_alone_is_let_through_for_tests_and_the_demo() -> None:
    guard("127.0.0.1", loopback=True).process_request(Request("http://127.0.0.1:8080/"))
    with pytest.raises(Refused):
        guard("169.254.169.254", loopback=True).process_request(Request("http://169.254.169.254/"))


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite({"/feed": feed("/a")}) as site:
        yield site


def feed(*links: str) -> Answer:
    items = "".join(f"<item><title>{link}</title><link>{link}</link></item>" for link in links)
    return Answer(f"<rss version='2.0'><channel>{items}</channel></rss>", type="application/rss+xml")


ARTICLE = Answer("<h1>Marlbury</h1><article><p>Inspectors praised children’s services.</p></article>")


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254 is a private address"),
        ("http://10.0.0.1/", "10.0.0.1 is a private address"),
        ("http://[::1]/", "::1 is not one of the source's hosts"),
        ("http://elsewhere.example/", "elsewhere.example is not one of the source's hosts"),
        ("http://user:secret@127.0.0.1/", "user name"),
        ("file:///etc/hostname", "HTTP 302"),
    ],
)
def test_a_redirect_leads_nowhere_else(site: FaultySite, tmp_path: Path, target: str, why: str) -> None:
    site.answers["/a"] = leads_to(target)
    source = source_at(site.address)
    if "169" in target or "10." in target:  # even if the registry names it
        source = Source(**{**fields_of(source), "hosts": (*source.hosts, "169.254.169.254", "10.0.0.1")})
    stats = crawl(source, tmp_path / "onrecord.db")
    assert (stats["failed"], stats.get("fetched", 0)) == (1, 0)
    assert why in stats["note"]
    assert stats["note"].startswith(f"{site.address}/a: ")


def fields_of(source: Source) -> dict[str, Any]:
    return {name: getattr(source, name) for name in Source.__slots__}


def test_a_redirect_inside_the_host_is_followed(site: FaultySite, tmp_path: Path) -> None:
    site.answers |= {"/a": leads_to("/b"), "/b": leads_to(site.address + "/c"), "/c": ARTICLE}
    stats = crawl(source_at(site.address), tmp_path / "onrecord.db")
    assert (stats["new"], site.paths) == (1, ["/feed", "/a", "/b", "/c"])


def test_a_redirect_that_goes_round_ends(site: FaultySite, tmp_path: Path) -> None:
    site.answers["/a"] = leads_to("/a")
    stats = crawl(source_at(site.address), tmp_path / "onrecord.db")
    assert stats["note"].endswith("/a: max redirections reached")
    assert len(site.paths) == 7


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "0.0.0.0", "127.0.0.1"])
def test_a_name_that_leads_to_a_private_address_is_not_found(
    site: FaultySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    monkeypatch.setattr(socket, "gethostbyname", lambda name: address)
    name = f"{address.replace('.', '-')}.example"
    source = source_at(site.address.replace("127.0.0.1", name))
    source = Source(**{**fields_of(source), "hosts": (name,)})
    stats = crawl(source, tmp_path / "onrecord.db", ONRECORD_LOOPBACK=False)
    assert site.asked == []
    assert f"refused: {name} leads to the private address {address}" in caplog.messages
    assert stats["listings_robots"] == 1  # robots.txt is asked for first
    assert "robots.txt can't be had: CannotResolveHostError" in stats["note"]


@pytest.mark.parametrize("loopback", [True, False])
def test_this_machines_name_needs_the_setting(site: FaultySite, tmp_path: Path, loopback: bool) -> None:
    source = source_at(site.address.replace("127.0.0.1", "localhost"))
    source = Source(**{**fields_of(source), "hosts": ("localhost",)})
    site.answers["/a"] = ARTICLE
    stats = crawl(source, tmp_path / "onrecord.db", ONRECORD_LOOPBACK=loopback)
    assert bool(site.asked) == loopback
    assert stats.get("new", 0) == int(loopback)


def test_bad_links_cost_their_items_alone(site: FaultySite, tmp_path: Path) -> None:
    links = (
        "javascript:alert(1)",
        "mailto:press@marlbury.example",
        "tel:+441632960000",
        "data:text/html,x",
        "file:///etc/hostname",
        "http://[broken",
        "http://127.0.0.1:0/x",
        "http://127.0.0.1:99999/x",
        "http://",
        "#main",
        "",
        "/" + "x" * 3000,
    )
    items = "".join(f"<li><a href='{link}'>x</a></li>" for link in (*links, "/a"))
    site.answers |= {"/news": Answer(f"<ul>{items}</ul>"), "/a": ARTICLE}
    stats = crawl(source_at(site.address, "html", "/news", item="li", link="a"), tmp_path / "onrecord.db")
    assert site.paths == ["/news", "/a"]
    assert (stats["listed"], stats["new"], stats.get("failed", 0)) == (1, 1, 0)


def test_what_fails_for_a_while_is_asked_for_again_in_the_night(site: FaultySite, tmp_path: Path) -> None:
    site.answers["/a"] = [Answer(status=503), ARTICLE]
    stats = crawl(source_at(site.address), tmp_path / "onrecord.db", RETRY_TIMES=2)
    assert (stats["new"], site.paths) == (1, ["/feed", "/a", "/a"])


@pytest.mark.parametrize("status", [401, 403, 429, 451])
def test_who_is_sent_away_does_not_ask_again(site: FaultySite, tmp_path: Path, status: int) -> None:
    site.answers["/a"] = Answer(status=status)
    stats = crawl(source_at(site.address), tmp_path / "onrecord.db", RETRY_TIMES=2)
    assert (stats["blocked"], stats["note"], site.paths) == (1, f"{site.address}/a: HTTP {status}", ["/feed", "/a"])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(ARTICLE.body, breaks_after=20), "ResponseDataLossError"),
        (Answer(wait=3), "imeout"),
        (Answer(b"x" * 50_000), "Cancelled"),
        (Answer(status=404), "HTTP 404"),
    ],
    ids=["cut", "late", "large", "gone"],
)
def test_half_an_answer_is_no_page(site: FaultySite, tmp_path: Path, answer: Answer, why: str) -> None:
    site.answers["/a"] = answer
    stats = crawl(source_at(site.address), tmp_path / "onrecord.db", DOWNLOAD_TIMEOUT=0.5, DOWNLOAD_MAXSIZE=40_000)
    assert (stats["failed"], stats.get("fetched", 0)) == (1, 0)
    assert why in stats["note"]


def test_a_crawl_listens_for_no_commands(tmp_path: Path) -> None:
    """Neither Scrapy's console nor its remote control is loaded, whatever Scrapy's own defaults are."""
    loaded = build_component_list(crawl_settings(tmp_path / "onrecord.db", None).getwithbase("EXTENSIONS"))
    assert {one if isinstance(one, type) else load_object(one) for one in loaded} == {CoreStats, CloseSpider}
