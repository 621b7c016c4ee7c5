"""Bulk extraction: the same rows from any number of processes, whichever dies, and from archives in any state."""

from __future__ import annotations

import errno
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from rich.console import Console
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import onrecord.bulk.extract
import pipelines.tasks
from nlp.build import EXTRACTOR
from onrecord.bulk.cluster import Cluster
from onrecord.bulk.extract import extract
from onrecord.bulk.find import File, find
from onrecord.bulk.folder import Folder
from onrecord.bulk.load import load
from onrecord.bulk.pages import pages_of
from onrecord.bulk.plan import Part, is_many, parts_of, parts_of_pages
from onrecord.bulk.reading import read_page
from onrecord.bulk.shown import shown
from onrecord.bulk.tables import STORED, TABLES
from onrecord.bulk.task import extract_part
from onrecord.bulk.version import fingerprint
from onrecord.check import check
from onrecord.cli import cli
from onrecord.errors import CannotRun
from onrecord.lock import only_one
from onrecord.newsroom.pdf import print_report
from pipelines.article import NotAnArticle
from pipelines.page import Page
from pipelines.schema import open_database
from pipelines.worker import shared_worker
from spiders.registry import read_registry
from tests.command import ROOT
from tests.command import onrecord as run

BESIDE = Path(__file__).with_name("faults") / "beside"
SECONDS = "3"  # that a page may take; what hangs takes all of them
FAULTS = {"PYTHONPATH": str(BESIDE), "ONRECORD_PAGE_SECONDS": SECONDS}
AT = "2025-04-{:02}T02:10:00Z"
HTML = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p><p>{2}</p></article></body></html>"
SAID = "“The inspection was fair to town {0},” said Ruth Okafor, director of children’s services at Marlbury Council. "
WORDS = "Ofsted found that the children’s services of town {0} had improved since the last inspection of the council. "
AT_ELSE = "2025-04-01T00:02:03Z"
GARDEN = "The garden show opened in town {0} with roses, tulips and a band that played all afternoon by the river. "
PDF = print_report("Inspection of Marlbury", [("paragraph", WORDS.format(0) * 4)], "Marlbury", "Page")


def html(number: int, *, words: str = "") -> bytes:
    title = f"Ofsted and children’s services in town {number}"
    return HTML.format(title, WORDS.format(number) * 3 + words, SAID.format(number)).encode()


def garden(number: int) -> bytes:
    return HTML.format(f"Garden show {number}", GARDEN.format(number), GARDEN.format(number)).encode()


def bomb() -> bytes:
    """3 MB that unpack to 3 GB."""
    packer = zlib.compressobj(wbits=-15)
    block = packer.compress(bytes(100_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + block * 30


class Warc:
    """A WARC file as some crawler writes it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.ends: list[int] = []

    def write(self, url: str, body: bytes, *, status: str = "200 OK", at: str = AT.format(1), **headers: str) -> None:
        sent = {"Content-Type": "text/html; charset=utf-8"} | {key.replace("_", "-"): it for key, it in headers.items()}
        with self.path.open("ab") as stream:
            writer = WARCWriter(stream, gzip=self.path.name.endswith(".gz"))
            record = writer.create_warc_record(
                url,
                "response",
                payload=BytesIO(body),
                length=len(body),
                http_headers=StatusAndHeaders(status, list(sent.items()), protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": at},
            )
            writer.write_record(record)
            self.ends.append(stream.tell())


def plain_archive(path: Path, numbers: Sequence[int]) -> Warc:
    warc = Warc(path)
    for number in numbers:
        warc.write(f"https://news.example/{number}", html(number), at=AT.format(number % 28 + 1))
    return warc


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all that may come: archives in several states, single pages, a table."""
    folder = tmp_path_factory.mktemp("bulk") / "in"
    plain_archive(folder / "a.warc.gz", range(8))

    hard = Warc(folder / "hard.warc.gz")
    for name, words in (("hangs", "HANGS"), ("fills", "FILLS"), ("breaks", "BREAKS")):
        hard.write(f"https://news.example/{name}", html(50, words=words))
    hard.write("https://news.example/bomb", bomb(), Content_Encoding="gzip")
    hard.write("https://news.example/gone", b"<p>Gone", status="404 Not Found")
    hard.write("https://news.example/logo", b"\x89PNG", Content_Type="image/png")
    hard.write("https://news.example/garden", garden(51))
    hard.write("https://news.example/empty", b" ")
    hard.write("https://news.example/pdf", PDF, Content_Type="application/pdf")

    # A page that holds an archive of its own, as bytes that anybody who searches for records finds.
    inner = plain_archive(folder.parent / "inner.warc", [666]).path.read_bytes()
    trap = plain_archive(folder / "trap.warc", [60])
    trap.write("https://news.example/trap", html(61).replace(b"</body>", b"<pre>\r\n" + inner + b"</pre></body>"))
    trap.write("https://news.example/62", html(62))

    cut = plain_archive(folder / "cut.warc.gz", [70, 71])
    os.truncate(cut.path, cut.ends[0] + 200)
    (folder / "junk.warc.gz").write_bytes(b"no archive at all")
    (folder / "pages").mkdir()
    (folder / "pages" / "one.html").write_bytes(html(80))
    (folder / "pages" / "two.txt").write_text(f"Ofsted in town 81\n\n{WORDS.format(81) * 3}\n\n{SAID.format(81)}")
    (folder / "pages" / "three.pdf").write_bytes(PDF)
    urls = [f"https://news.example/{number}" for number in range(90, 94)]
    rows = {"url": urls, "html": [html(number).decode() for number in range(90, 94)], "fetched_at": [AT.format(9)] * 4}
    pq.write_table(pa.table(rows), folder / "table.parquet")
    for file in folder.rglob("*"):
        os.utime(file, (1_750_000_000, 1_750_000_000))
    return folder


def plan(folder: Path, pages: int) -> list[Part]:
    files = find([str(folder)])
    single = parts_of_pages([file for file in files if not is_many(file)], pages)
    return [*single, *(part for file in files if is_many(file) for part in parts_of(file, pages))]


@pytest.fixture(scope="module")
def alone(inputs: Path) -> Iterator[Path]:
    """What one process makes of the inputs, with no Dask at all."""
    out = inputs.with_name("alone")
    shared_worker().end()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BESIDE))
        patch.setattr(pipelines.tasks, "PAGE_SECONDS", float(SECONDS))
        Folder(str(out)).begin(EXTRACTOR, 4)
        for part in plan(inputs, 4):
            extract_part(part, str(out), fingerprint())
        yield out
    shared_worker().end()


def rows(out: Path, sql: str) -> list[tuple[Any, ...]]:
    """What DuckDB reads; a table is named as `{articles}`."""
    names = {table: f"'{out}/{table}/*.parquet'" for table in TABLES}
    return duckdb.sql(sql.format(**names)).fetchall()


def contents(out: Path) -> dict[str, bytes]:
    """Every Parquet file, byte for byte."""
    return {str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*.parquet")}


# What is in the tables ------------------------------------------------------------------------------------------------


def test_every_page_that_is_on_topic_is_an_article_once(alone: Path) -> None:
    on_topic = [*range(8), "breaks", "pdf", 60, "trap", 62, 70, *range(90, 94)]
    found = {url for (url,) in rows(alone, "SELECT url FROM {articles}")}
    files = {url for url in found if url.startswith("file:")}
    assert found - files == {f"https://news.example/{name}" for name in on_topic}
    assert {url.rpartition("/")[2] for url in files} == {"one.html", "two.txt", "three.pdf"}
    assert rows(alone, "SELECT count(*) FROM {articles}") == [(len(found),)]


def test_a_page_that_fails_is_in_the_table_with_its_reason(alone: Path) -> None:
    failed = rows(alone, "SELECT url, reason, regexp_extract(file, '[^/]*$') FROM {failures} ORDER BY url")
    assert failed == [
        ("", "the archive is damaged here: Unknown archive format, first line: ['no', 'archive', 'at', 'all']",
         "junk.warc.gz"),
        ("https://news.example/71", "the archive is cut short here", "cut.warc.gz"),
        ("https://news.example/bomb", "more than 5,000,000 bytes", "hard.warc.gz"),
        ("https://news.example/breaks", "extraction: ZeroDivisionError: a rule failed", "hard.warc.gz"),
        ("https://news.example/empty", "empty body", "hard.warc.gz"),
        ("https://news.example/fills", "reading it took more than 2,000 MB of memory", "hard.warc.gz"),
        ("https://news.example/hangs", "reading it took longer than 3 s", "hard.warc.gz"),
    ]  # fmt: skip


def test_what_is_no_page_or_off_topic_is_counted(alone: Path) -> None:
    counts: dict[str, int] = {}
    for told in Folder(str(alone)).whole().values():
        for name, count in told["counts"].items():
            counts[name] = counts.get(name, 0) + count
    assert (counts["no_page"], counts["off_topic"], counts["failed"]) == (2, 1, 7)
    assert counts["pages"] == 8 + 9 + 3 + 2 + 1 + 3 + 4
    assert (counts["articles"], counts["quotes"]) == (21, rows(alone, "SELECT count(*) FROM {quotes}")[0][0])


def test_tables_are_those_of_the_file(alone: Path, tmp_path: Path) -> None:
    """The same columns and types, so that `bulk load` and every query of the file's find their own."""
    db = open_database(tmp_path / "x.db")
    types = {"BIGINT": "INTEGER", "DOUBLE": "REAL", "VARCHAR": "TEXT", "BLOB": "BLOB"}
    for table in STORED:
        described = duckdb.sql(f"DESCRIBE SELECT * FROM '{alone}/{table}/*.parquet'").fetchall()
        found = [(name, types[kind]) for name, kind, *_ in described]
        wanted = db.execute("SELECT name, type FROM pragma_table_info(?)", [table]).fetchall()
        assert found == [("part", "TEXT"), *wanted], table
    db.close()


def test_every_id_names_a_row_of_the_same_part(alone: Path) -> None:
    """Of quotes their article, person and body; a part's bodies are those it names, not the whole list."""
    joined = (
        "SELECT count(*), count(p.name), count(o.name) FROM {quotes} q JOIN {articles} a"
        ' ON (a.part, a.id) = (q.part, q.article_id) AND substr(a.text, q.start + 1, q."end" - q.start) = q.text'
        " LEFT JOIN {people} p ON (p.part, p.id) = (q.part, q.person_id)"
        " LEFT JOIN {organisations} o ON (o.part, o.id) = (q.part, q.organisation_id)"
        " WHERE p.name = 'Ruth Okafor'"
    )
    ((quotes, people, bodies),) = rows(alone, joined)
    assert quotes == people == bodies == 18
    assert rows(alone, "SELECT count(*) FROM {organisations}")[0][0] < 5 * len(Folder(str(alone)).whole())


def test_a_page_s_row_says_where_it_lies(alone: Path, inputs: Path) -> None:
    where = (
        "SELECT archive_file, archive_offset, status, checked_at FROM {{pages}} WHERE url = 'https://news.example/{}'"
    )
    ((file, offset, status, checked),) = rows(alone, where.format(3))
    assert (file, status, checked) == ("a.warc.gz", 200, AT.format(4))
    last = Part("x", tuple(find([str(inputs / file)])), offset, offset + 1)
    assert [came.page.url for came in pages_of(last)] == ["https://news.example/3"]


def test_no_clock_is_in_the_rows(alone: Path) -> None:
    """A page is of the moment at which it was fetched; a file that is a page, of its own."""
    moments = "SELECT DISTINCT first_seen = seen_from AND seen_from = extracted_at, left(seen_from, 7) FROM {articles}"
    assert sorted(rows(alone, moments)) == [
        (True, "2025-04"),
        (True, "2025-06"),
    ]


def test_the_trained_pipeline_is_loaded_once_and_not_for_each_part(alone: Path, inputs: Path) -> None:
    (one, two) = parts_of(*find([str(inputs / "a.warc.gz")]), 4)
    pids = set()
    for part in (one, two):
        extract_part(part, str(alone), fingerprint())
        pids.add(shared_worker().submit(9, os.getpid).result())
    assert len(pids) == 1
    loaded = "__import__('nlp.build').build.pipeline.cache_info().misses"
    assert shared_worker().submit(9, eval, loaded).result() == 1


def test_a_page_of_a_registered_source_is_read_as_its_pages_are() -> None:
    sources = read_registry().values()
    source = next(it for it in sources if it.publisher and it.kind == "press-release" and "format" not in it.article)
    kind = {"content-type": "text/html; charset=utf-8"}
    read = read_page(Page(f"https://{source.hosts[0]}/1", html(1), headers=kind), packed=False, whole=True)
    assert not isinstance(read, str)
    assert (read[1].publisher, read[1].kind) == (source.publisher, "press-release")
    for other, passed in (("text/css", "no_page"), ("application/json", "no_page")):
        page = Page("https://news.example/1", html(1), headers={"content-type": other})
        assert read_page(page, packed=False, whole=True) == passed
    with pytest.raises(NotAnArticle, match=r"^more than 5,000,000 bytes$"):
        read_page(Page("https://news.example/1", html(1), headers=kind), packed=False, whole=False)


def test_a_response_is_read_in_the_coding_in_which_it_was_sent() -> None:
    packed = gzip.compress(html(1))
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (99, packed[:99], len(packed) - 99, packed[99:])
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    read = read_page(Page("https://news.example/1", head + chunks), packed=True, whole=True)
    assert not isinstance(read, str)
    assert read[0].body == html(1)
    assert read[1].title == "Ofsted and children’s services in town 1"


# The plan -------------------------------------------------------------------------------------------------------------


def names(folder: Path, pages: int = 4) -> list[str]:
    return [part.name for part in plan(folder, pages)]


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_parts_of_an_archive_are_its_pages_each_once(tmp_path: Path, name: str) -> None:
    warc = plain_archive(tmp_path / name, range(10))
    for pages, wanted in ((1, [1] * 10), (4, [4, 4, 2]), (10, [10]), (99, [10])):
        parts = plan(tmp_path, pages)
        found = [[came.page.url for came in pages_of(part)] for part in parts]
        assert [len(urls) for urls in found] == wanted
        assert [url for urls in found for url in urls] == [f"https://news.example/{number}" for number in range(10)]
        assert parts[-1].end == warc.ends[-1]
        assert [part.end for part in parts[:-1]] == [part.first for part in parts[1:]]


def test_requests_and_notes_of_a_crawler_are_no_pages(tmp_path: Path) -> None:
    with (tmp_path / "x.warc.gz").open("wb") as stream:
        writer = WARCWriter(stream)
        writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "other"}))
        for number in range(2):
            url = f"https://news.example/{number}"
            request = StatusAndHeaders("GET / HTTP/1.1", [], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "request", BytesIO(), length=0, http_headers=request))
            answer = StatusAndHeaders("200 OK", [], protocol="HTTP/1.1")
            body = html(number)
            writer.write_record(
                writer.create_warc_record(url, "response", BytesIO(body), length=len(body), http_headers=answer)
            )
    (one, two) = plan(tmp_path, 1)
    assert [came.page.url for part in (one, two) for came in pages_of(part)] == [
        "https://news.example/0",
        "https://news.example/1",
    ]


def test_names_stay_when_inputs_are_added_and_change_with_what_is_in_them(tmp_path: Path) -> None:
    warc = plain_archive(tmp_path / "b.warc", range(7))
    before = names(tmp_path)
    plain_archive(tmp_path / "a.warc.gz", range(3))
    assert names(tmp_path)[1:] == before
    os.utime(warc.path, (1, 1))  # copied by some tool
    assert names(tmp_path)[1:] == before
    plain_archive(warc.path, [9])  # it goes on growing
    assert names(tmp_path)[1:2] == before[:1]
    assert not set(before[1:]) & set(names(tmp_path))
    warc.path.unlink()
    plain_archive(warc.path, range(7))  # of the same size, with other records
    assert warc.path.stat().st_size == warc.ends[-1]
    assert not set(before) & set(names(tmp_path))


def test_of_single_pages_an_added_one_changes_one_part() -> None:
    files = [File(f"s3://pages/{number:04}.html", 9, "") for number in range(400)]
    parts = list(parts_of_pages(files, 20))
    assert [file for part in parts for file in part.files] == files
    assert 8 < len(parts) < 40
    for added in random.Random(1).sample(files, 20):
        fewer = [part.name for part in parts_of_pages([file for file in files if file != added], 20)]
        assert len({part.name for part in parts} - set(fewer)) <= 2


def test_a_table_is_cut_at_rows_whatever_its_groups(tmp_path: Path) -> None:
    urls = [f"https://news.example/{number}" for number in range(30)]
    pq.write_table(pa.table({"url": urls, "text": ["x"] * 30}), tmp_path / "t.parquet", row_group_size=7)
    found = [[came.page.url for came in pages_of(part)] for part in plan(tmp_path, 4)]
    assert [len(part) for part in found] == [4] * 7 + [2]
    assert [url for part in found for url in part] == urls


@pytest.mark.parametrize(
    ("columns", "sent"),
    [
        ({"body": b"<p>x"}, (b"<p>x", "", 200, "2025-06-15T15:06:40Z")),
        ({"body": b"%PDF", "content_type": "application/pdf"}, (b"%PDF", "application/pdf", 200, "")),
        ({"html": "<p>é"}, ("<p>é".encode(), "text/html", 200, "")),
        ({"text": "é", "status": 404}, ("é".encode(), "text/plain", 404, "")),
        ({"body": "é", "content_type": "text/html; charset=latin-1"}, ("é".encode(), "text/html", 200, "")),
        ({"text": "é", "fetched_at": "2025-04-01T01:02:03.5+01:00"}, ("é".encode(), "text/plain", 200, AT_ELSE)),
        ({"text": "é", "fetched_at": "nonsense"}, ("é".encode(), "text/plain", 200, "2025-06-15T15:06:40Z")),
    ],
)  # fmt: skip
def test_columns_of_a_table(tmp_path: Path, columns: dict[str, Any], sent: tuple[Any, ...]) -> None:
    file = tmp_path / "t.parquet"
    pq.write_table(
        pa.table({key: [value] for key, value in ({"url": "https://news.example/1"} | columns).items()}), file
    )
    os.utime(file, (1_750_000_000, 1_750_000_000))
    ((came,),) = [list(pages_of(part)) for part in plan(tmp_path, 4)]
    page = came.page
    assert (page.body, page.content_type, page.status) == sent[:3]
    assert page.fetched_at == sent[3] or not sent[3]
    if isinstance(next(iter(columns.values())), str):
        assert page.headers["content-type"].endswith("charset=utf-8")


def test_a_table_that_is_none_is_a_failure_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"no table")
    pq.write_table(pa.table({"address": ["x"]}), tmp_path / "b.parquet")
    pq.write_table(pa.table({"url": ["https://news.example/1", None], "html": [None, "x"]}), tmp_path / "c.parquet")
    came = [came for part in plan(tmp_path, 4) for came in pages_of(part)]
    assert [failed.file.rpartition("/")[2] for failed in came] == ["a.parquet", "b.parquet", "c.parquet", "c.parquet"]
    assert came[0].failure is not None
    assert came[0].failure.startswith("the table can't be read: ")
    assert came[1].failure == "the table has no column url, or none of body, html, text"
    assert {failed.failure for failed in came[2:]} == {"the row has no url, or no html"}


def test_pages_at_any_address_that_fsspec_knows(tmp_path: Path) -> None:
    import fsspec

    store = fsspec.filesystem("memory")
    warc = plain_archive(tmp_path / "a.warc.gz", range(5))
    store.pipe_file("/pages/deep/a.warc.gz", warc.path.read_bytes())
    store.pipe_file("/pages/one.html", html(9))
    try:
        files = find(["memory://pages"])
        assert [file.address for file in files] == ["memory://pages/deep/a.warc.gz", "memory://pages/one.html"]
        parts = [*parts_of_pages(files[1:], 3), *parts_of(files[0], 3)]
        assert [len(list(pages_of(part))) for part in parts] == [1, 3, 2]
        folder = Folder("memory://out")
        assert folder.begin(EXTRACTOR, 3) == 3
        told = extract_part(parts[0], "memory://out", fingerprint())
        assert told["counts"]["articles"] == 1
        assert folder.whole() == {parts[0].name: told}
        store.pipe_file("/out/articles/" + parts[0].name + ".parquet", b"half")
        assert folder.whole() == {}
    finally:
        store.store.clear()


# A text that comes in several states ----------------------------------------------------------------------------------


def test_of_two_states_of_an_article_the_later_is_its_text_in_any_order(tmp_path: Path) -> None:
    made = []
    for name, order in (("forth", (1, 2, 3)), ("back", (3, 2, 1))):
        warc = Warc(tmp_path / f"{name}.warc.gz")
        for day in order:
            warc.write("https://news.example/1", html(1 if day == 1 else 2), at=AT.format(day))
        (part,) = parts_of(*find([str(warc.path)]), 9)
        told = extract_part(part, str(tmp_path / name), fingerprint())
        assert told["counts"]["articles"] == 1
        out = tmp_path / name
        made.append((
            rows(out, "SELECT title, first_seen, seen_from FROM {articles}"),
            rows(out, "SELECT title, seen_from, replaced_at FROM {article_versions}"),
            rows(out, "SELECT text FROM {quotes}"),
        ))  # fmt: skip
    title = "Ofsted and children’s services in town {}".format
    assert made[0] == made[1]
    assert made[0][0] == [(title(2), AT.format(1), AT.format(2))]
    assert made[0][1] == [(title(1), AT.format(1), AT.format(2))]
    assert made[0][2] == [("The inspection was fair to town 2,",)]


# Many processes -------------------------------------------------------------------------------------------------------


@contextmanager
def program(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that goes on until the block ends; it leaves nothing behind."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**inherited, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(what: Any, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("dask") / "scheduler.json"
    with program(
        "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
        "--scheduler-file", str(file),
    ):  # fmt: skip
        wait_for(lambda: file.exists() and file.read_bytes().endswith(b"}"))
        yield json.loads(file.read_bytes())["address"]


def dask_worker(scheduler: str, threads: int = 1, **environment: str) -> Any:
    return program(
        "distributed.cli.dask_worker", scheduler, "--host", "127.0.0.1", "--nthreads", str(threads), "--no-nanny",
        "--no-dashboard", **environment,
    )  # fmt: skip


def done(out: Path) -> int:
    return len(list(out.glob("done/*.json")))


def test_a_cluster_of_which_a_worker_is_killed_makes_the_same_bytes(inputs: Path, alone: Path, scheduler: str) -> None:
    out = inputs.with_name("cluster")
    command = ("onrecord", "bulk", "extract", str(inputs), "--out", str(out), "--pages", "4", "--dask", scheduler)
    with ExitStack() as stack:
        first, _ = (stack.enter_context(dask_worker(scheduler, **FAULTS)) for _ in range(2))
        running = stack.enter_context(program(*command))
        wait_for(lambda: done(out) >= 2 or running.poll() is not None)
        assert done(out) < len(plan(inputs, 4))
        first.kill()
        assert running.wait(120) == 1
    assert contents(out) == contents(alone)


def test_workers_without_this_very_onrecord_are_refused(inputs: Path, tmp_path: Path, scheduler: str) -> None:
    command = ("bulk", "extract", inputs / "a.warc.gz", "--out", tmp_path / "out", "--dask", scheduler)
    lacking = {"MISSING": "onrecord", "PYTHONPATH": str(BESIDE)}
    for threads, environment, reason in (
        (1, lacking, "has no onrecord, or an old one: install this one there"),
        (1, {"ONRECORD_SPACY_MODEL": "another"}, "has another version of onrecord: install this one there"),
        (2, {}, "has 2 threads: start several with --nthreads 1"),
    ):
        with dask_worker(scheduler, threads, **environment):
            refused = run(*command)
        assert refused.returncode == 2, refused.stderr
        assert re.fullmatch(rf"onrecord: The Dask worker tcp://\S+ {reason}\.\n", refused.stderr)


def test_a_scheduler_that_is_not_there_is_told_in_one_sentence(inputs: Path, tmp_path: Path) -> None:
    address = "tcp://127.0.0.1:9"
    begun = time.monotonic()
    refused = run("bulk", "extract", inputs / "a.warc.gz", "--out", tmp_path / "out", "--dask", address)
    assert (refused.returncode, refused.stderr) == (2, f"onrecord: There is no Dask scheduler at {address}.\n")
    assert time.monotonic() - begun < 30


def test_ctrl_c_keeps_what_is_done_and_the_next_call_goes_on(inputs: Path, alone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ("bulk", "extract", inputs / "a.warc.gz", inputs / "cut.warc.gz", "--out", out, "--pages", "4")
    with subprocess.Popen(
        [sys.executable, "-m", "onrecord", *map(str, command), "--workers", "1"],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as running:  # fmt: skip
        wait_for(lambda: done(out) >= 1 or running.poll() is not None)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal sends it: to all of them
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert re.search(r"^Stopped: [12] of 3 parts are done; the same command goes on\.$", said, re.MULTILINE)
    assert "Traceback" not in said
    before = {file: file.stat().st_mtime_ns for file in out.rglob("done/*.json")}
    half = next(out.glob("done/*.json"))
    told = json.loads(half.read_bytes())
    half.write_text(json.dumps({**told, "tables": {**told["tables"], "quotes": {"bytes": 1}}}))
    (out / "articles" / "stray.parquet").write_bytes(b"half")

    again = run(*command, "--workers", "1")
    assert again.returncode == 1
    assert re.match(r"10 pages in 3 parts \([01] were done before\): 9 articles with \d+ quotes, 0 off", again.stdout)
    assert "1 failed" in again.stdout
    assert re.fullmatch(
        rf"Dask is at http://127\.0\.0\.1:\d+/\S+ \(workers: 1\)\.\n{out}/failures/ says .*\n", again.stderr
    )
    wanted = contents(alone)
    assert contents(out) == {name: wanted[name] for name in wanted if re.search(r"/(a|cut)\.0", name)}
    assert half.stat().st_mtime_ns > before[half]


# What can't be done ---------------------------------------------------------------------------------------------------


def refusal(*arguments: Any, pages: int | None = None) -> str:
    with pytest.raises(CannotRun) as error:
        extract([str(arguments[0])], str(arguments[1]), pages=pages)
    return str(error.value)


def test_what_can_t_run_says_why(inputs: Path, tmp_path: Path) -> None:
    out, archive = tmp_path / "out", inputs / "a.warc.gz"
    assert refusal(tmp_path / "none", out) == f"There is no file {tmp_path}/none."
    (tmp_path / "empty").mkdir()
    assert refusal(tmp_path / "empty", out).startswith(f"{tmp_path}/empty holds no file of .txt, .html")
    assert refusal("nowhere://x", out).startswith("nowhere://x can't be read: Protocol not known")
    assert refusal(archive, inputs) == f"{inputs} holds something else: name a new folder, or an empty one."
    Folder(str(out)).begin(EXTRACTOR, 7)
    assert refusal(archive, out, pages=8) == f"{out} is in parts of 7 pages: leave --pages out, or name a new folder."
    old = tmp_path / "old"
    Folder(str(old)).begin("onrecord-rules-1", 7)
    assert refusal(archive, old) == f"{old} is of onrecord-rules-1, and this is {EXTRACTOR}: name a new folder."
    (tmp_path / "file").write_text("x")
    assert refusal(archive, tmp_path / "file" / "out").startswith(f"{tmp_path}/file/out can't be used")


def test_workers_of_this_machine_and_a_cluster_don_t_go_together() -> None:
    done = CliRunner().invoke(cli, ["bulk", "extract", "x", "--out", "y", "--dask", "tcp://z", "--workers", "2"])
    assert done.exit_code == 2
    assert "--workers is for this machine" in done.output


def test_progress_is_shown_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for is_terminal in (True, False):
        screen = Console(file=StringIO(), force_terminal=is_terminal, width=100)
        monkeypatch.setattr("onrecord.bulk.shown.Console", lambda screen=screen, **_: screen)
        with shown("parts", 3) as tick:
            tick({"x": {"counts": {"pages": 1_500, "quotes": 7}}})
        assert ("1,500 pages, 7 quotes" in screen.file.getvalue()) == is_terminal
        assert bool(screen.file.getvalue()) == is_terminal


class Here:
    """In the place of a cluster: tasks are done in this process."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None: ...

    def results(self, tasks: dict[str, tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
        for name, (function, *arguments) in tasks.items():
            try:
                yield name, function(*arguments)
            except Exception as error:
                yield name, error


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(onrecord.bulk.extract, "Cluster", Here)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("here")
def test_parts_of_a_file_that_has_changed_go_and_others_stay(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    warc = plain_archive(tmp_path / "in" / "a.warc.gz", range(2))
    plain_archive(tmp_path / "in" / "b.warc.gz", [5])
    out = tmp_path / "out"
    assert extract([str(tmp_path / "in")], str(out)) == 0
    (before, other) = sorted(Folder(str(out)).whole())
    with pytest.MonkeyPatch.context() as patch:  # there is nothing to do, and nobody to do it
        patch.setattr(onrecord.bulk.extract, "Cluster", Cluster)
        patch.setattr("onrecord.bulk.cluster.LocalCluster", lambda **_: pytest.fail("a cluster was begun"))
        assert extract([str(tmp_path / "in")], str(out)) == 0
    assert "(2 were done before)" in capfd.readouterr().out
    plain_archive(warc.path, [3])
    (out / "articles" / "stray.parquet").write_bytes(b"half")
    capfd.readouterr()
    assert extract([str(warc.path)], str(out)) == 0  # of which b is no input
    assert capfd.readouterr() == (
        "3 pages in 1 parts (0 were done before): 3 articles with 3 quotes, 0 off topic, 0 passed over, 0 failed.\n",
        "",
    )
    assert other in Folder(str(out)).whole()
    assert before not in Folder(str(out)).whole()
    assert len(list(out.glob("articles/*"))) == 2
    assert rows(out, "SELECT count(*), count(DISTINCT url) FROM {articles}") == [(4, 4)]


@pytest.mark.usefixtures("here")
def test_a_part_that_can_t_be_read_costs_itself(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage is no page's fault: the part is not done, and the next call tries again."""
    plain_archive(tmp_path / "in" / "a.warc.gz", [1])
    gone = plain_archive(tmp_path / "in" / "b.warc.gz", [2])
    away = pytest.MonkeyPatch()
    away.setattr(onrecord.bulk.extract, "shown", lambda what, total: _hidden(gone.path, what, total))
    assert extract([str(tmp_path / "in")], str(tmp_path / "out")) == 1
    assert re.search(r"^onrecord: b\.00001\.\w+ could not be done: FileNotFoundError: ", capfd.readouterr().err)
    away.undo()
    gone.path.with_suffix(".away").rename(gone.path)
    assert extract([str(tmp_path / "in")], str(tmp_path / "out")) == 0
    assert "(1 were done before)" in capfd.readouterr().out


@contextmanager
def _hidden(path: Path, what: str, total: int) -> Iterator[Any]:
    if what == "parts":
        path.rename(path.with_suffix(".away"))
    yield lambda done: None


@pytest.mark.usefixtures("here")
def test_a_folder_that_can_t_be_written_to_any_more_ends_it(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Folder._write

    def full(folder: Folder, name: str, content: bytes) -> None:
        if name.startswith("quotes/a"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(folder, name, content)

    monkeypatch.setattr(Folder, "_write", full)
    reason = (
        f"{tmp_path}/out can't be written: No space left on device. 0 of 2 parts are done; the same command goes on."
    )
    with pytest.raises(CannotRun, match=re.escape(reason)):
        extract([str(inputs / "a.warc.gz"), str(inputs / "cut.warc.gz")], str(tmp_path / "out"))


def test_two_at_a_time_is_one_too_many(inputs: Path, tmp_path: Path) -> None:
    with only_one(tmp_path / "out"):
        reason = refusal(inputs / "a.warc.gz", tmp_path / "out")
    assert reason == f"Another extraction is writing to {tmp_path}/out."


def test_nothing_of_it_is_imported_elsewhere_and_missing_it_is_said(tmp_path: Path) -> None:
    heavy = "{'dask', 'distributed', 'pyarrow', 'duckdb'} & set(sys.modules)"  # warcio takes fsspec where it finds it
    script = f"import sys, onrecord.cli, onrecord.nightly, onrecord.add, spiders.settings; print({heavy} or 'none')"
    there = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert there.stdout == "none\n", there.stderr
    missing = {"MISSING": "distributed", "PYTHONPATH": str(BESIDE)}
    refused = run("bulk", "extract", tmp_path, "--out", tmp_path / "out", **missing)
    sentence = "onrecord: `onrecord bulk` needs distributed, which is not installed: pip install '.[bulk]'\n"
    assert (refused.returncode, refused.stderr) == (2, sentence)
    assert run("check", "--db", tmp_path / "x.db", **missing).stderr.startswith("onrecord: There is no database")


# Into the file --------------------------------------------------------------------------------------------------------


def test_load_brings_it_into_the_file_once(alone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "onrecord.db"
    first = run("bulk", "load", alone, "--db", file)
    assert first.returncode == 0, first.stderr
    db = open_database(file)
    for table, sql in (
        ("articles", "SELECT url, title, text, first_seen, seen_from FROM {}"),
        ("quotes", "SELECT quote_key, text, start FROM {}"),
        ("figures", "SELECT figure_key, value FROM {}"),
        ("stances", "SELECT stance_key, polarity FROM {}"),
    ):
        assert sorted(db.execute(sql.format(table)).fetchall()) == sorted(rows(alone, sql.format(f"{{{table}}}")))
    before = list(db.conn.iterdump())
    db.close()
    assert load(str(alone), file) == 0
    assert re.fullmatch(r"\d+ parts loaded: 21 new articles, 0 changed\.\n", first.stdout)
    assert capfd.readouterr().out == first.stdout.replace("21 new", "0 new")
    db = open_database(file)
    assert list(db.conn.iterdump()) == before
    db.close()
    assert check(file) == []


def test_load_refuses_what_is_not_whole_by_name(alone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    shutil.copytree(alone, out)
    altered, undone, short, *_ = sorted(Folder(str(out)).whole())
    content = bytearray((out / "quotes" / f"{altered}.parquet").read_bytes())
    content[50] ^= 1
    (out / "quotes" / f"{altered}.parquet").write_bytes(content)
    (out / "done" / f"{undone}.json").unlink()
    (out / "people" / f"{short}.parquet").write_bytes(b"")
    assert load(str(out), tmp_path / "onrecord.db") == 1
    assert sorted(capfd.readouterr().err.splitlines()) == sorted([
        f"onrecord: {altered} is not loaded: quotes/{altered}.parquet is not what was written.",
        f"onrecord: {undone} is not loaded: it is not done: `onrecord bulk extract` goes on.",
        f"onrecord: {short} is not loaded: it is not done: `onrecord bulk extract` goes on.",
    ])  # fmt: skip
    with only_one(tmp_path / "onrecord.db"):
        assert load(str(out), tmp_path / "onrecord.db") == 75
    assert capfd.readouterr().err == f"onrecord: a night, or a merge, is running on {tmp_path}/onrecord.db.\n"
    refused = run("bulk", "load", tmp_path, "--db", tmp_path / "other.db")
    sentence = f"onrecord: {tmp_path} is no folder that `onrecord bulk extract` made.\n"
    assert (refused.returncode, refused.stderr, (tmp_path / "other.db").exists()) == (2, sentence, False)


def test_the_query_of_the_documentation_answers(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```sql\n(.*?)```", page.split("## A back catalogue on many machines")[1], re.DOTALL)
    monkeypatch.chdir(alone.parent)
    answer = duckdb.sql(query.replace("catalogue/", f"{alone.name}/")).fetchall()
    assert answer[0] == ("Marlbury Council", 18)
