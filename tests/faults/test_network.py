"""Faults 1 to 27: servers that misbehave, each of which costs its page or its source and nothing beside it.

One night reads them all, each as a source of its own, and one good source. `held_elsewhere.toml` has the rest.
"""

from __future__ import annotations

import gzip
import itertools
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import HtmlResponse, Response

import spiders.settings
from spiders.patience import MOST_FAILURES, retry_after
from spiders.registry import Source
from spiders.true_status import true_status
from spiders.unpack import MOST_MEMBERS, unpacked
from tests.crawling import crawl, source_at
from tests.faults.night import Night, night
from tests.faults.server import Answer, FaultySite, drips, leads_to, resets
from tests.faults.tls import Authority

TIMEOUT = 3  # seconds
STAGES = {stage: order for stage, order in spiders.settings.ITEM_PIPELINES.items() if not stage.endswith(".Extract")}
# Without extraction while pages come: the night makes up for it at its end, and no time-out is the model's fault.
SETTINGS = {
    "DOWNLOAD_TIMEOUT": TIMEOUT,
    "ONRECORD_LONGEST_DELAY": 1,
    "DNSCACHE_ENABLED": False,
    "ITEM_PIPELINES": STAGES,
}

ON_TOPIC = (
    "<html><title>Marlbury</title><h1>Children’s services in Marlbury</h1><article><p>Ofsted’s inspectors found the"
    " council’s children’s services much improved.</p><p>“We are proud of our social workers,” said the director.</p>"
)
BINS = Answer("<h1>Bins</h1><article><p>Bins are emptied on Mondays, and on no other day of the week.</p></article>")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def feed(*links: str) -> Answer:
    items = "".join(f"<item><title>{link}</title><link>{link}</link></item>" for link in links)
    return Answer(f"<rss version='2.0'><channel>{items}</channel></rss>", type="application/rss+xml")


def told(length: int) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % length


def hangs(first: bytes) -> Answer:
    return drips(first, b"", TIMEOUT * 3, times=1)


def packed(body: bytes, coding: str) -> Answer:
    return Answer(body, headers={"Content-Encoding": coding})


def endless(connection: socket.socket) -> None:
    """A page on topic that does not end, of no length."""
    connection.sendall(HEAD + b"\r\n" + ON_TOPIC.encode())
    while True:
        connection.sendall("<p>“We are proud,” said the director.</p>".encode() * 1_000)


@dataclass
class Street:
    """The sites of a night; a source is called by its fault, and lists the bad page before a good one."""

    stack: ExitStack
    sites: dict[str, FaultySite] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def open(self, id: str, bad: Answer | list[Answer], *more: str, tls: Any = None, **other: Any) -> FaultySite:
        site = self.stack.enter_context(FaultySite(tls=tls))
        site.answers |= {"/feed": feed("/bad", *more, "/good"), "/bad": bad, "/good": BINS}
        site.answers |= dict.fromkeys(more, bad)
        self.sites[id] = site
        self.add(replace(source_at(site.address), id=id, **other))
        return site

    def add(self, source: Source) -> None:
        self.sources.append(source)


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with ExitStack() as stack:
        yield Street(stack)


@pytest.fixture(scope="module")
def bad_night(street: Street, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A night over all of them."""
    text = ON_TOPIC.encode()
    street.open("slow-body", drips(HEAD + b"\r\n" + text, b"<p>more", 0.1))
    street.open("slow-headers", drips(b"HTTP/1.1 200 OK\r\n", b"X-More: to come\r\n", 0.1))
    street.open("long-length", hangs(HEAD + told(len(text) + 100_000) + text))
    street.open("reset", resets(HEAD + told(len(text) + 100) + text))
    street.open("cut-gzip", packed(gzip.compress(text * 3)[:-40], "gzip"))
    street.open("loop", leads_to("/bad"))

    elsewhere = street.stack.enter_context(FaultySite({"/page": Answer(ON_TOPIC)}, host="127.0.0.2"))
    street.sites["elsewhere"] = elsewhere
    authority = Authority(tmp_path_factory.mktemp("tls"))
    other = Authority(tmp_path_factory.mktemp("other"))
    street.open("tls", leads_to(f"{elsewhere.address}/page"), tls=authority.context("tls"))
    street.open("chain", leads_to(f"{street.sites['tls'].address}/bad"))
    for id, context in {
        "tls-expired": authority.context("expired", days=-1),
        "tls-of-another": authority.context("another", "127.0.0.9"),
        "tls-unknown": other.context("unknown"),
        "tls-insecure": authority.context("insecure", "127.0.0.9", days=-1),
    }.items():
        reason = "It ran out in 2026, and nobody answers." if id == "tls-insecure" else None
        street.open(id, Answer(ON_TOPIC + id), tls=context, insecure=reason)

    rebound = street.open("rebound", Answer(ON_TOPIC))
    rebound.answers["/robots.txt"] = Answer(status=404, headers={"Connection": "close"})
    at = rebound.address.replace("127.0.0.1", "rebound.example")
    street.sources[-1] = replace(source_at(at), id="rebound", hosts=("rebound.example",))
    street.add(replace(source_at("http://nobody.example"), id="no-name", hosts=("nobody.example",)))
    with FaultySite() as gone:
        street.add(replace(source_at(gone.address), id="refused"))

    cookies = street.open("cookies", leads_to(f"{elsewhere.address}/other"), hosts=("127.0.0.1", "127.0.0.2"))
    cookies.answers["/feed"] = replace(feed("/bad", "/good"), headers={"Set-Cookie": "id=marlbury; Path=/"})
    elsewhere.answers["/other"] = BINS
    street.open("storm", Answer(status=503), *(f"/{number}" for number in range(MOST_FAILURES + 5)))
    street.open("wall", Answer(ON_TOPIC.replace("Marlbury<", "Just a moment...<")))
    street.open("soft-404", Answer(ON_TOPIC.replace("<title>Marlbury", "<title>Page not found | Marlbury")))
    street.open("good", Answer(ON_TOPIC))
    street.add(replace(street.sources[-1], id="broken", listing=source_at("http://127.0.0.1:1", "moderngov").listing))
    broken = street.stack.enter_context(FaultySite({"/feed": BINS}))
    street.sources[-1] = replace(source_at(broken.address, "moderngov"), id="broken")
    return night(
        street.sources,
        tmp_path_factory.mktemp("night"),
        SETTINGS,
        {"rebound.example": ["127.0.0.1", "169.254.169.254"]},
        SSL_CERT_FILE=str(authority.path),
    )


def cost_its_page(bad_night: Night, id: str, why: str) -> None:
    """The page was not had, which the ledger says, and the one beside it was."""
    row = bad_night.source(id)
    assert (row["verdict"], row["failed"], row["off_topic"]) == ("partial", 1, 1), row
    assert why in row["note"]
    assert bad_night.stored(id) == []


def said_of_its_page(bad_night: Night, site: FaultySite) -> list[str]:
    """The lines of the log about it; Scrapy's statistics, which repeat the ledger's note, are none."""
    return [line for line in bad_night.log.splitlines() if f"{site.address}/bad" in line and "Dumping" not in line]


def test_01_a_body_that_drips_is_dropped_in_time_and_asked_for_once_more(street: Street, bad_night: Night) -> None:
    cost_its_page(bad_night, "slow-body", "/bad: DownloadTimeoutError")
    assert street.sites["slow-body"].paths.count("/bad") == 2
    assert len(said_of_its_page(bad_night, street.sites["slow-body"])) == 1


def test_02_so_are_headers_that_drip(street: Street, bad_night: Night) -> None:
    cost_its_page(bad_night, "slow-headers", "/bad: DownloadTimeoutError")
    assert street.sites["slow-headers"].paths.count("/bad") == 2


def test_07_a_body_that_is_promised_longer_is_not_stored_as_it_is(bad_night: Night) -> None:
    cost_its_page(bad_night, "long-length", "/bad: DownloadTimeoutError")


def test_08_half_an_article_is_none(street: Street, bad_night: Night) -> None:
    cost_its_page(bad_night, "reset", "/bad: ")
    assert street.sites["reset"].paths.count("/bad") == 3
    cost_its_page(bad_night, "cut-gzip", "/bad: ResponseDataLossError: gzip that breaks off")


def test_09_a_redirect_that_goes_round_ends_after_five_hops(street: Street, bad_night: Night) -> None:
    cost_its_page(bad_night, "loop", "/bad: max redirections reached")
    assert street.sites["loop"].paths.count("/bad") == 1 + 5
    assert len(said_of_its_page(bad_night, street.sites["loop"])) == 1


def test_10_a_chain_of_redirects_ends_where_it_leaves_the_hosts(street: Street, bad_night: Night) -> None:
    cost_its_page(bad_night, "chain", "/bad: refused: 127.0.0.2 is not one of the source's hosts")
    assert street.sites["tls"].paths.count("/bad") == 2  # its own, and the chain's
    assert "/page" not in street.sites["elsewhere"].paths


def test_13_a_name_that_leads_elsewhere_the_second_time_is_judged_again(street: Street, bad_night: Night) -> None:
    assert [asked.path for asked in street.sites["rebound"].asked] == ["/robots.txt"]
    assert "refused: rebound.example leads to the private address 169.254.169.254" in bad_night.log
    row = bad_night.source("rebound")
    assert (row["verdict"], row["fetched"]) == ("failed", 0)
    assert "CannotResolveHostError" in row["note"]


def test_14_no_cookie_is_kept_and_nothing_personal_sent_elsewhere(street: Street, bad_night: Night) -> None:
    assert bad_night.source("cookies")["off_topic"] == 2
    asked = [*street.sites["cookies"].asked, *street.sites["elsewhere"].asked]
    assert {"/other", "/bad", "/good"} <= {it.path for it in asked}
    assert not any({"cookie", "authorization"} & {name.lower() for name in it.headers} for it in asked)


def test_15_a_site_that_is_down_costs_itself(bad_night: Night) -> None:
    for id, why in (("refused", "DownloadConnectionRefusedError"), ("no-name", "CannotResolveHostError")):
        row = bad_night.source(id)
        assert row["verdict"] == "robots", row
        assert f"robots.txt can't be had: {why}" in row["note"]
    assert bad_night.source("good")["new"] == 1
    [article] = bad_night.stored("good")
    assert article["extracted_at"]
    [run] = bad_night.rows("SELECT * FROM runs")
    assert (run["verdict"], run["exit_code"], bad_night.code) == ("partial", 1, 1)
    assert "refused: robots: " in bad_night.said
    assert "good: " not in bad_night.said.replace("/good: ", "")


def test_16_a_site_that_fails_page_after_page_is_left_alone(street: Street, bad_night: Night) -> None:
    row = bad_night.source("storm")
    asked = [(path, len(list(same))) for path, same in itertools.groupby(street.sites["storm"].paths[1:])]
    before = asked.index(("/good", 1))  # those do not count: it begins anew with a page that can be had
    assert (row["verdict"], row["failed"]) == ("partial", before + MOST_FAILURES)
    assert row["note"].startswith(f"left alone for tonight: {MOST_FAILURES} pages in a row could not be had, the last:")
    assert row["note"].endswith("HTTP 503")
    assert [times for path, times in asked if path != "/good"] == [3] * (before + MOST_FAILURES)
    [left] = bad_night.rows("SELECT count(*) AS n FROM pages WHERE source_id = 'storm' AND pending")
    assert left["n"] == MOST_FAILURES + 5 + 1  # those that failed, too: they are asked for tomorrow


def test_18_a_wall_with_200_is_counted_as_blocked(bad_night: Night) -> None:
    row = bad_night.source("wall")
    assert (row["verdict"], row["blocked"], row["failed"], row["off_topic"]) == ("partial", 1, 0, 1)
    assert row["note"].endswith("/bad: a wall in the place of the page: 'Just a moment...'")
    assert bad_night.stored("wall") == []


def test_19_a_page_that_says_that_there_is_none_is_none(bad_night: Night) -> None:
    cost_its_page(bad_night, "soft-404", "/bad: no page, though sent as one: 'Page not found | Marlbury'")
    [page] = bad_night.rows("SELECT status FROM pages WHERE source_id = 'soft-404' AND url LIKE '%/bad'")
    assert page["status"] == 404


@pytest.mark.parametrize("id", ["tls-expired", "tls-of-another", "tls-unknown"])
def test_21_a_certificate_that_is_not_valid_is_refused(street: Street, bad_night: Night, id: str) -> None:
    assert street.sites[id].asked == []
    row = bad_night.source(id)
    assert (row["verdict"], row["fetched"]) == ("robots", 0)
    assert "robots.txt can't be had" in row["note"]


def test_21_unless_the_registry_says_why_not(bad_night: Night) -> None:
    assert bad_night.source("tls-insecure")["new"] == 1
    assert "tls-insecure: its certificate is not checked: It ran out in 2026, and nobody answers." in bad_night.log
    assert bad_night.source("tls")["verdict"] == "partial"  # a valid one is accepted: its page alone leads elsewhere


def test_39_a_reader_with_a_fault_costs_its_source_and_leaves_its_traceback(bad_night: Night) -> None:
    row = bad_night.source("broken")
    assert (row["verdict"], row["note"]) == ("failed", "ZeroDivisionError: a reader with a fault of its own")
    assert "Traceback (most recent call last)" in bad_night.log
    assert "in broken" in bad_night.log
    assert bad_night.code == 1


# Bombs ---------------------------------------------------------------------------------------------------------------

MEGABYTES = 200
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda body: brotli.compress(body, quality=1),
    "zstd": zstd.compress,
}


@pytest.fixture(scope="module")
def bomb_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night over a page without end and a bomb of each coding."""
    with ExitStack() as stack:
        bombs = Street(stack)
        bombs.open("endless", Answer(sends=endless))
        text = ON_TOPIC.encode() + b"<p>and more</p>" * (MEGABYTES * 1024 * 1024 // 15)
        for coding, pack in PACKERS.items():
            bombs.open(coding, packed(pack(text), coding))
        bombs.open("twice", packed(gzip.compress(gzip.compress(text)), "gzip, gzip"))
        yield night(bombs.sources, tmp_path_factory.mktemp("bombs"), {**SETTINGS, "DOWNLOAD_TIMEOUT": 20})


def test_03_a_body_without_end_is_cut_off(bomb_night: Night) -> None:
    cost_its_page(bomb_night, "endless", "/bad: ")
    assert "DownloadTimeoutError" not in bomb_night.source("endless")["note"]
    assert bomb_night.peak < 150


def test_04_a_gzip_bomb_is_refused_while_it_is_unpacked(bomb_night: Night) -> None:
    cost_its_page(bomb_night, "gzip", "/bad: gzip that unpacks to more than 8,388,608 bytes")
    assert bomb_night.peak < 150


@pytest.mark.parametrize("coding", ["deflate", "br", "zstd", "twice"])
def test_06_so_is_one_of_any_other_coding(bomb_night: Night, coding: str) -> None:
    said = {"twice": "gzip"}.get(coding, coding)
    cost_its_page(bomb_night, coding, f"/bad: {said} that unpacks to more than 8,388,608 bytes")


def bare(body: bytes) -> bytes:
    """Deflate as some servers send it, without zlib's header and sum."""
    return zlib.compress(body)[2:-4]


@pytest.mark.parametrize(("coding", "pack"), [*PACKERS.items(), ("deflate", bare)])
def test_06_what_is_whole_and_small_is_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    body = ON_TOPIC.encode() * 50
    sent = pack(body)
    assert unpacked(sent, coding, len(body)) == body
    with pytest.raises(IgnoreRequest, match="more than"):
        unpacked(sent, coding, len(body) - 1)
    for end in (1, len(sent) // 2, len(sent) - 1):
        with pytest.raises(ResponseDataLossError, match="breaks off"):
            unpacked(sent[:end], coding, len(body))
    with pytest.raises(ResponseDataLossError):
        unpacked(ON_TOPIC.encode(), coding, len(body))


def test_06_members_behind_each_other_are_one_body_as_long_as_they_are_few() -> None:
    for pack, coding in ((gzip.compress, "gzip"), (zstd.compress, "zstd")):
        assert unpacked(pack(b"one, ") + pack(b"two"), coding, 8) == b"one, two"
        with pytest.raises(IgnoreRequest, match="more than 7 bytes"):
            unpacked(pack(b"one, ") + pack(b"two"), coding, 7)
        with pytest.raises(IgnoreRequest, match="members"):
            unpacked(pack(b"") * (MOST_MEMBERS + 1), coding, 8)
    assert unpacked(gzip.compress(b"one") + b"\0\0", "gzip", 8) == b"one"


def test_06_a_zstd_that_wants_more_memory_than_any_browser_gives_is_refused() -> None:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    frame = packer.compress(b"one") + packer.compress(b"two") + packer.flush()
    assert zstd.decompress(frame) == b"onetwo"
    with pytest.raises(ResponseDataLossError):
        unpacked(frame, "zstd", 8)


# Patience ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[FaultySite]:
    """Lists three good pages and a bad one, which Scrapy asks for first."""
    good = ("/best", "/better", "/good")
    with FaultySite({"/feed": feed(*good, "/bad"), **dict.fromkeys(good, BINS)}) as site:
        yield site


def gaps(site: FaultySite, *paths: str) -> list[float]:
    """Seconds between requests for these paths, in order."""
    times = [asked.at for asked in site.asked if asked.path in paths]
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def patient(site: FaultySite, folder: Path, **settings: Any) -> dict[str, Any]:
    ours = {"DOWNLOAD_DELAY": 0.02, "RETRY_TIMES": 2, "ONRECORD_LONGEST_DELAY": 1.5}
    return dict(crawl(source_at(site.address), folder / "onrecord.db", **{**ours, **settings}))


def test_16_each_retry_waits_twice_as_long_until_the_site_answers(site: FaultySite, tmp_path: Path) -> None:
    site.answers["/bad"] = [Answer(status=500), Answer(status=503), BINS]
    assert patient(site, tmp_path, DOWNLOAD_DELAY=0.05)["off_topic"] == 4
    first, second = gaps(site, "/bad")
    assert first >= 0.23
    assert second >= 0.48
    assert gaps(site, "/better", "/best")[0] < second / 2  # as usual again


def test_16_what_the_site_asks_for_is_kept(site: FaultySite, tmp_path: Path) -> None:
    site.answers["/bad"] = [Answer(status=503, headers={"Retry-After": "1"}), BINS]
    assert patient(site, tmp_path)["off_topic"] == 4
    assert gaps(site, "/bad")[0] >= 1


@pytest.mark.parametrize("status", [429, 503])
def test_16_a_site_that_asks_for_more_is_left_alone(site: FaultySite, tmp_path: Path, status: int) -> None:
    site.answers["/bad"] = Answer(status=status, headers={"Retry-After": "3600"})
    stats = patient(site, tmp_path)
    assert site.paths == ["/feed", "/bad"]
    assert stats["note"].startswith("left alone for tonight: it asks to be left alone for 3600 seconds: ")
    assert stats["blocked" if status == 429 else "failed"] == 1


@pytest.mark.parametrize("carried", [False, True])
def test_16_pages_that_fail_here_and_there_are_no_storm(tmp_path: Path, carried: bool) -> None:
    """But what the feed carried says nothing of how its site is."""
    names = [f"/{kind}/{number}" for number in range(MOST_FAILURES + 2) for kind in ("bad", "good")]
    given = f"<content:encoded>&lt;p>{'Bins are emptied on Mondays. ' * 5}&lt;/p></content:encoded>"
    items = "".join(f"<item><link>{it}</link>{given if carried and 'good' in it else ''}</item>" for it in names)
    space = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    body = f"<rss version='2.0' {space}><channel>{items}</channel></rss>"
    with FaultySite({name: Answer(status=500) if "bad" in name else BINS for name in names}) as site:
        site.answers["/feed"] = Answer(body, type="application/rss+xml")
        stats = patient(site, tmp_path, DOWNLOAD_DELAY=0, RETRY_TIMES=0)
    assert stats["failed"] == MOST_FAILURES + (0 if carried else 2)
    assert stats["note"].startswith("left alone") is carried


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("9" * 5_000, 999_999_999),
        *((nothing, 0) for nothing in ("", "soon", "-5", "1.5", "²", "Sun, 99 Foo 2026 99:00:00 GMT")),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
    ],
)
def test_16_what_the_site_asks_for_may_be_anything(said: str, seconds: float) -> None:
    assert asks_for(said) == seconds


@pytest.mark.parametrize("zone", ["GMT", "-0000"])
def test_16_the_site_may_name_an_hour(zone: str) -> None:
    in_two_hours = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    assert 7_190 <= asks_for(in_two_hours.replace("GMT", zone)) <= 7_200


def asks_for(said: str) -> float:
    """For how long a site asks to be left alone, in its own words."""
    return retry_after(Response("https://marlbury.example/", headers={"Retry-After": said.encode("latin-1")}))


def test_17_not_now_means_not_tonight_and_more_slowly(site: FaultySite, tmp_path: Path) -> None:
    site.answers["/bad"] = Answer(status=429)
    stats = patient(site, tmp_path, DOWNLOAD_DELAY=0.1)
    assert site.paths.count("/bad") == 1
    assert (stats["blocked"], stats["off_topic"]) == (1, 3)
    # For the rest of the night; two requests may be some milliseconds longer or shorter on their way.
    assert min(gaps(site, "/bad", "/good", "/better", "/best")) >= 0.48


# What 200 means ------------------------------------------------------------------------------------------------------


def meant(markup: str, kind: str = "text/html") -> int:
    response = HtmlResponse("https://marlbury.example/", body=markup.encode(), headers={"Content-Type": kind})
    return true_status(response)[0]


@pytest.mark.parametrize(
    "markup",
    [
        "<title>Attention Required! | Shield</title><h1>Sorry</h1>",
        "<title>marlbury.example</title><p>Checking if you are human. This may take a few seconds.</p>",
        "<h1>Access Denied</h1><p>You don’t have permission.</p>",
        "<p>Please complete the captcha to go on.</p><script>" + "word " * 5_000 + "</script>",
        "<p>Our systems have detected unusual traffic from your network.</p>",
        "<noscript>Enable JavaScript and cookies to continue</noscript>",
    ],
)
def test_18_walls(markup: str) -> None:
    assert meant(markup) == 403


@pytest.mark.parametrize(
    "markup",
    [
        "<title>404 Not Found</title>",
        "<title>Page not found - Marlbury Council</title>" + "<a>Menu</a> " * 300,
        "<title>Marlbury</title><h1 class=big>\nSorry, the page you were looking for can&rsquo;t be found</h1>",
        "<h1>This page is no longer available</h1>",
        "<h1>Error: 404</h1>",
        "<h1>Oops! We couldn’t find that page</h1>",
        "<h1>The requested page does not exist</h1>",
    ],
)
def test_19_pages_that_say_that_there_is_none(markup: str) -> None:
    assert meant(markup) == 404


@pytest.mark.parametrize(
    "markup",
    [
        ON_TOPIC,
        "<h1>Denied</h1><p>Inspectors said that access denied to records was a concern.</p>",
        "<h1>404 children wait for a home</h1><p>More than last year.</p>",
        "<h1>Page after page, not found: the missing files</h1>",
        "<title>Page not found</title>" + "<p>Inspectors praised children’s services.</p>" * 100,
        "<h1>Are you human?</h1>" + "<p>Inspectors praised children’s services.</p>" * 50,
        "<script>document.title = '<title>404</title>'</script><h1>Marlbury</h1>",
        "",
    ],
)
def test_18_and_19_pages_are_pages(markup: str) -> None:
    assert meant(markup) == 200


def test_18_and_19_only_what_people_read_is_looked_at() -> None:
    assert meant("<title>404</title>", "application/rss+xml") == 200
    assert meant("<title>404</title>" + " " * 300_000) == 200
    assert meant("<script><style>" * 10_000 + "< a <a" * 5_000) == 200  # and soon
