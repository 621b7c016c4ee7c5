"""The archive gives back what came, byte for byte, however the night ended."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipelines.archive import Archive, archive_in, read_archive
from pipelines.page import Page

AT = "2026-11-18T02:10:00Z"


def page(name: str, body: bytes = b"<p>Marlbury</p>", **more: object) -> Page:
    headers = {"content-type": "text/html; charset=utf-8", "etag": '"a"'}
    given: dict[str, object] = {"headers": headers, "fetched_at": AT, **more}
    return Page(url=f"https://marlbury.example/{name}", body=body, **given)  # type: ignore[arg-type]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<p>Marlbury</p>",
        bytes(range(256)) * 40,
        "“Łódź” – \r\n\r\nWARC/1.0\r\nWARC-Type: response\r\n\r\n".encode(),
        gzip.compress(b"a page that is a gzip file itself"),
        b"x" * 3_000_000,
    ],
    ids=["empty", "page", "bytes", "warc-like", "gzip", "large"],
)
def test_a_page_is_read_back_byte_for_byte(archive: Archive, body: bytes) -> None:
    written = page("a?b=c", body, status=203)
    archive.write(written)
    (read,) = read_archive(archive.path)
    assert read == Page(url=written.url, body=body, status=203, headers=written.headers, fetched_at=AT)


def test_each_page_stands_where_it_is_said_to_stand(archive: Archive) -> None:
    places = [archive.write(page(name, name.encode() * 500)) for name in ("a", "b", "c")]
    assert [name for name, _ in places] == [archive.path.name] * 3
    for (_, offset), name in zip(places, ("a", "b", "c"), strict=True):
        with archive.path.open("rb") as stream:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream)))
            assert record.rec_headers.get_header("WARC-Target-URI") == f"https://marlbury.example/{name}"
            assert record.content_stream().read() == name.encode() * 500


def test_a_file_that_is_cut_short_is_read_to_its_last_whole_record(archive: Archive) -> None:
    offsets = [archive.write(page(name, name.encode() * 500))[1] for name in ("a", "b", "c")]
    whole = archive.path.read_bytes()
    for length in (len(whole) - 40, offsets[2] + 60, offsets[2] + 1, offsets[2]):
        archive.path.write_bytes(whole[:length])
        assert [read.url[-1] for read in read_archive(archive.path)] == ["a", "b"], length


def test_what_is_no_archive_holds_no_page(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    for content in (b"", b"not one", gzip.compress(b"not one either")):
        path.write_bytes(content)
        assert list(read_archive(path)) == []
    with pytest.raises(OSError, match="missing"):
        list(read_archive(tmp_path / "missing.warc.gz"))


def test_headers_cannot_forge_a_record(archive: Archive) -> None:
    forged = "x\r\nX-Forged: 1\r\n\r\nHTTP/1.1 200 OK\r\n"
    written = page("a", headers={"content-type": "text/html", "x-name": forged, "x-“curly”": "Łódź “a”"})
    written.url += "\r\nWARC-Type: metadata\r\n\r\nforged"
    archive.write(written)
    archive.write(page("b"))
    first, second = read_archive(archive.path)
    assert first.body == written.body
    assert "x-forged" not in first.headers
    assert "X-Forged: 1" in first.headers["x-name"]
    assert (first.status, second.url) == (200, "https://marlbury.example/b")


def test_headers_that_lie_about_the_body_are_left_out(archive: Archive) -> None:
    coded = {"content-encoding": "gzip", "content-length": "7", "transfer-encoding": "chunked", "etag": '"a"'}
    archive.write(page("a", b"longer than seven", headers=coded))
    (read,) = read_archive(archive.path)
    assert (read.body, read.headers) == (b"longer than seven", {"etag": '"a"'})


def test_nothing_is_made_before_the_first_page(tmp_path: Path) -> None:
    archive = archive_in(tmp_path / "archive")
    assert not archive.folder.exists()
    assert archive_in(tmp_path / "archive") is archive
    archive.write(page("a"))
    assert list(archive.folder.iterdir()) == [archive.path]


def test_other_tools_read_it(archive: Archive) -> None:
    """Every record is a gzip member of its own, with an id, a date and a digest."""
    archive.write(page("a"))
    archive.write(page("b"))
    members = gzip.decompress(archive.path.read_bytes())
    assert members.count(b"WARC/1.0\r\n") == 2
    for record in ArchiveIterator(io.BytesIO(archive.path.read_bytes()), check_digests="raise"):
        record.content_stream().read()
        assert record.rec_headers.get_header("WARC-Date") == AT
        assert record.rec_headers.get_header("WARC-Record-ID").startswith("<urn:uuid:")
