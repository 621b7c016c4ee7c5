"""Pages given by hand: files of every type, archives, and addresses."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onrecord.errors import CannotRun
from onrecord.fetch import fetch
from onrecord.inputs import is_address, pages
from onrecord.newsroom.pdf import print_report
from pipelines.archive import Archive, read_archive
from pipelines.page import Page
from tests.command import LOCAL, onrecord
from tests.faults.server import Answer, FaultySite, leads_to

WORDS = "Ofsted found that the council’s services for children had improved since the last inspection. " * 4
HTML = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p><p>{1}</p></article></body></html>"
PDF = print_report("Inspection of Marlbury", [("paragraph", WORDS)], "Marlbury", "Page")


def page(name: str, body: bytes | None = None, media: str = "text/html; charset=utf-8") -> Page:
    return Page(
        url=f"https://marlbury.example/{name}",
        body=HTML.format(f"Inspectors return to {name}", WORDS).encode() if body is None else body,
        headers={"content-type": media},
        fetched_at="2026-11-18T02:10:00Z",
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    written = Archive(tmp_path / "archive")
    for each in (page("a"), page("report.pdf", PDF, "application/pdf"), page("b")):
        written.write(each)
    return written.path.rename(tmp_path / "night.warc.gz")


def extracted(*paths: Path) -> list[dict[str, Any]]:
    done = onrecord("extract", *paths)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_page_of_an_archive_keeps_its_address(archive: Path) -> None:
    rows = extracted(archive)
    assert [row["id"] for row in rows] == ["night#1", "night#2", "night#3"]
    assert [row["url"] for row in rows] == [f"https://marlbury.example/{name}" for name in ("a", "report.pdf", "b")]
    assert [row["title"] for row in rows] == [
        "Inspectors return to a",
        "Inspection of Marlbury",
        "Inspectors return to b",
    ]


def test_ids_are_the_files_stems(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "Report.v2.PDF").write_bytes(PDF)
    (tmp_path / "plain.warc").write_bytes(gzip.decompress(archive.read_bytes()))
    (tmp_path / "page.html").write_bytes(page("c").body)
    given = list(pages([tmp_path]))
    stems = ["Report.v2", "night#1", "night#2", "night#3", "page", "plain#1", "plain#2", "plain#3"]
    assert [each.id for each in given] == stems
    assert given[0].page.headers == {"content-type": "application/pdf"}


def test_an_archive_of_another_programs_is_read(tmp_path: Path) -> None:
    """Bodies as they were sent: in chunks, in a content coding; requests and other records among them."""
    body = HTML.format("Inspectors return", WORDS).encode()
    packed = gzip.compress(body)
    chunked = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(packed[:99]), packed[:99], len(packed[99:]), packed[99:])
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Encoding: gzip\r\n\r\n"
    )
    records = [
        record("warcinfo", b"software: other", b"application/warc-fields"),
        record("request", b"GET /a HTTP/1.1\r\n\r\n", b"application/http; msgtype=request"),
        record(
            "response",
            head + chunked + b"X-Trailer: after the last chunk\r\n\r\n",
            b"application/http; msgtype=response",
        ),
        record("response", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body, b"application/http"),
    ]
    path = tmp_path / "other.warc"
    path.write_bytes(b"".join(records))
    assert [read.body for read in read_archive(path)] == [body, body]
    path.write_bytes(b"".join(records)[:-200])
    assert [read.body for read in read_archive(path)] == [body]


def record(kind: str, content: bytes, media: bytes) -> bytes:
    return (
        b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://marlbury.example/a\r\n"
        b"WARC-Date: 2026-11-18T02:10:00Z\r\nWARC-Record-ID: <urn:uuid:0>\r\n"
        b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (kind.encode(), media, len(content), content)
    )


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"nor this", mtime=0)])
def test_an_archive_without_a_page_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.warc.gz").write_bytes(content)
    with pytest.raises(CannotRun, match=r"x\.warc\.gz holds no page"):
        list(pages([tmp_path / "x.warc.gz"]))


def test_what_is_an_address() -> None:
    assert [
        is_address(given) for given in ("http://a.example", "HTTPS://a.example/b", "a.html", "http", "ftp://a")
    ] == [*(True, True, False, False, False)]


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(file) as db:
        return db.execute(sql).fetchall()


def test_archives_and_pdfs_are_added_under_their_addresses(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "local.pdf").write_bytes(PDF.replace(b"Marlbury", b"Thornley"))
    file = tmp_path / "onrecord.db"
    assert onrecord("add", archive, tmp_path / "local.pdf", "--db", file).stdout == "4 new\n"
    assert onrecord("add", archive, "--db", file).stdout == "3 unchanged\n"
    assert rows(file, "SELECT url, first_seen FROM articles WHERE url LIKE 'https%' ORDER BY url") == [
        (f"https://marlbury.example/{name}", "2026-11-18T02:10:00Z") for name in ("a", "b", "report.pdf")
    ]
    assert rows(file, "SELECT title FROM articles WHERE url LIKE 'file:%'") == [("Inspection of Thornley",)]


# Addresses ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite({
        "/a?utm_source=mail": Answer(page("a").body),
        "/report": Answer(PDF, type="application/pdf"),
        "/closed/a": Answer(page("a").body),
        "/moved": leads_to("/report"),
        "/away": leads_to("http://elsewhere.example/a"),
        "/large": Answer(b"<p>" + b"x" * 9_000_000),
        "/robots.txt": Answer("User-agent: *\nDisallow: /closed/", type="text/plain"),
    }) as site:  # fmt: skip
        yield site


def test_addresses_are_added_as_single_pages(site: FaultySite, tmp_path: Path) -> None:
    file = tmp_path / "onrecord.db"
    addresses = [f"{site.address}{path}" for path in ("/a?utm_source=mail", "/moved")]
    done = onrecord("add", *addresses, "--db", file, **LOCAL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 new\n", "")
    stored = rows(file, "SELECT url, source_id, title FROM articles ORDER BY url")
    assert stored == [
        (f"{site.address}/a", None, "Inspectors return to a"),
        (f"{site.address}/report", None, "Inspection of Marlbury"),
    ]
    assert rows(file, "SELECT url, status, pending FROM pages ORDER BY url") == [
        (f"{site.address}/a", 200, 0),
        (f"{site.address}/moved", 200, 0),
    ]
    assert "onrecord/" in site.asked[-1].headers["User-Agent"]
    assert len(list(read_archive(next(tmp_path.glob("archive/*"))))) == 2
    assert onrecord("check", "--db", file).returncode == 0


def test_an_address_that_cannot_be_had_costs_itself_alone(site: FaultySite, tmp_path: Path) -> None:
    (tmp_path / "b.html").write_bytes(page("b").body)
    addresses = (f"{site.address}/gone", f"{site.address}/report")
    done = onrecord("add", tmp_path / "b.html", *addresses, "--db", tmp_path / "x.db", **LOCAL)
    assert (done.returncode, done.stdout) == (2, "2 new\n")
    assert done.stderr == f"onrecord: {site.address}/gone can't be had: HTTP 404.\n"


def test_each_that_is_refused_is_one_sentence(site: FaultySite, tmp_path: Path) -> None:
    refused = {
        "/closed/a": "robots.txt forbids it",
        "/away": "refused: elsewhere.example is not one of the source's hosts",
        "/large": "DownloadCancelled",
    }
    done = onrecord("add", *(f"{site.address}{path}" for path in refused), "--db", tmp_path / "x.db", **LOCAL)
    assert (done.returncode, done.stdout) == (2, "nothing added\n")
    for path, said in refused.items():
        (sentence,) = [line for line in done.stderr.splitlines() if line.startswith(f"onrecord: {site.address}{path} ")]
        assert f"can't be had: {said}" in sentence
    assert done.stderr.count("\n") == len(refused)


def test_a_private_address_is_not_asked(site: FaultySite, tmp_path: Path) -> None:
    addresses = (f"{site.address}/report", "http://10.0.0.1/a", "http://169.254.169.254/latest", "http://[::1]/")
    done = onrecord("add", *addresses, "--db", tmp_path / "x.db", ONRECORD_CONTACT="tests", ONRECORD_DELAY="0")
    assert done.returncode == 2
    assert sorted(done.stderr.splitlines()) == sorted(
        f"onrecord: {address} can't be had: refused: {host} is a private address."
        for address, host in zip(addresses, ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"), strict=True)
    )
    assert site.asked == []


@pytest.mark.parametrize("address", ["http://", "http://a b/", "http://[::1/"])
def test_what_is_no_address_is_said(tmp_path: Path, address: str) -> None:
    with pytest.raises(CannotRun, match="is no address of a page"):
        fetch([address], tmp_path / "x.db")


def test_nothing_is_asked_and_nothing_written_without_a_contact(tmp_path: Path) -> None:
    done = onrecord("add", "https://marlbury.example/a", "--db", tmp_path / "x.db")
    assert done.returncode == 2
    assert "ONRECORD_CONTACT" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "x.db").exists()
