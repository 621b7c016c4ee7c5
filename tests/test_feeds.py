"""Atom feeds hold what RFC 4287 asks for, name entries for good, lead to our pages and to the source, and end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from nlp.records import Quote, Records
from onrecord.serve import datasette
from pipelines.schema import open_database
from tests.sample_file import COUNCIL, SAID, UNION, add_source, article, build, decide, spot, store

ATOM = "{http://www.w3.org/2005/Atom}"
DAY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
Feed = Callable[[str], ElementTree.Element]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    build(tmp_path / "night.db").close()
    return tmp_path / "night.db"


@pytest.fixture
def get(path: Path) -> Iterator[Callable[[str], Any]]:
    application = datasette(path)
    with asyncio.Runner() as runner:
        yield lambda address: runner.run(application.client.get(address))
    application.executor.shutdown()


@pytest.fixture
def feed(get: Callable[[str], Any]) -> Feed:
    def feed(address: str) -> ElementTree.Element:
        answer = get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        return ElementTree.fromstring(answer.content)

    return feed


def entries(feed: ElementTree.Element) -> list[dict[str, str]]:
    return [
        {child.tag.removeprefix(ATOM): child.text or "" for child in entry}
        | {link.attrib["rel"]: link.attrib["href"] for link in entry.iter(f"{ATOM}link")}
        for entry in feed.iter(f"{ATOM}entry")
    ]


def id_of(path: Path, name: str) -> int:
    db = open_database(path)
    (id,) = db.execute("SELECT id FROM organisations WHERE name = ?", [name]).fetchone()
    db.close()
    return int(id)


def test_a_feed_is_what_the_standard_asks_for(feed: Feed, path: Path) -> None:
    for address in ("/feed/statements.atom", f"/organisation/{id_of(path, COUNCIL.name)}/statements.atom"):
        root = feed(address)
        assert root.tag == f"{ATOM}feed"
        for holder in (root, *root.iter(f"{ATOM}entry")):
            for name in ("id", "title", "updated"):
                (one,) = holder.findall(f"{ATOM}{name}")
                assert one.text
            assert DAY.fullmatch(holder.findtext(f"{ATOM}updated") or "")
            assert DAY.fullmatch(holder.findtext(f"{ATOM}published") or "2026-01-01T00:00:00Z")
            assert holder.findtext(f"{ATOM}author/{ATOM}name")
            assert re.fullmatch(r"tag:[a-z.]+,\d{4}:\S+", holder.findtext(f"{ATOM}id") or "")
        links = {link.attrib["rel"]: link.attrib["href"] for link in root.findall(f"{ATOM}link")}
        assert links["self"] == f"http://localhost{address}"
        ids = [entry["id"] for entry in entries(root)]
        assert len(ids) == len(set(ids))


def test_a_reader_of_feeds_reads_it(get: Callable[[str], Any]) -> None:
    read = feedparser.parse(get("/feed/statements.atom").content)
    assert not read.bozo
    assert read.version == "atom10"
    assert len(read.entries) == 7
    assert read.entries[0].title == "Guild of Family Social Workers: “The visit was fair and right,”"


def test_an_entry_says_who_said_what_and_leads_there(feed: Feed, path: Path) -> None:
    entry = next(it for it in entries(feed("/feed/statements.atom")) if it["published"].startswith("2026-04-30"))
    db = open_database(path)
    key, id = db.execute("SELECT quote_key, id FROM quotes WHERE article_id = 1 ORDER BY id DESC").fetchone()
    db.close()
    assert entry["id"].endswith(f"quote/{key}")
    assert entry["title"] == "Guild of Family Social Workers: “a blunt tool”"
    assert entry["content"].startswith("“a blunt tool”")
    assert entry["alternate"] == f"http://localhost/article/1#quote-{id}"
    assert entry["via"] == "https://news.example/marlbury"


def test_a_body_s_feed_has_its_statements_alone(feed: Feed, path: Path) -> None:
    of_union = entries(feed(f"/organisation/{id_of(path, UNION.name)}/statements.atom"))
    assert [entry["published"][:10] for entry in of_union] == ["2026-05-02", "2026-05-01", "2026-04-30"]
    assert {entry["title"].split(":")[0] for entry in of_union} == {UNION.name}


def test_no_feed_of_nobody(get: Callable[[str], Any]) -> None:
    assert get("/organisation/999/statements.atom").status_code == 404
    assert get(f"/organisation/{10**18 - 1}/statements.atom").status_code == 404


def test_what_is_rejected_is_not_told(feed: Feed, path: Path) -> None:
    db = open_database(path)
    for (key,) in db.execute("SELECT quote_key FROM quotes WHERE text = ?", [SAID]).fetchall():
        decide(db, key, "rejected")
    db.close()
    told = " ".join(entry["content"] for entry in entries(feed("/feed/statements.atom")))
    assert "We closed 17 cases." in told
    assert SAID not in told


def test_a_feed_ends(feed: Feed, path: Path) -> None:
    db = open_database(path)
    text = "\n\n".join(f"“This is said {number} times over.”" for number in range(80))
    quotes = [spot(text, f"This is said {number} times over.") for number in range(80)]
    rule = {"organisation": UNION, "confidence": 0.5, "rule": "test"}
    found = Records(quotes=tuple(Quote(**words, **rule) for words in quotes))
    store(db, article("https://news.example/long", text, published="2026-06-01"), found)
    db.close()
    for address in ("/feed/statements.atom", f"/organisation/{id_of(path, UNION.name)}/statements.atom"):
        assert {entry["published"][:10] for entry in entries(feed(address))} == {"2026-06-01"}
        assert len(entries(feed(address))) == 50


def test_hostile_words_stay_words_and_xml_stays_whole(feed: Feed, path: Path) -> None:
    db = open_database(path)
    add_source(db, "odd")
    said = "]]></content><script>alert(1)</script> \u202e & \x01\ufffe done"
    db.execute("PRAGMA ignore_check_constraints = ON")
    found = Records(quotes=(Quote(**spot(said, said), organisation=UNION, confidence=0.5, rule="test"),))
    store(db, article("javascript:alert(1)", said, source="odd", published="2026-06-01"), found)
    db.close()
    entry = entries(feed("/feed/statements.atom"))[0]
    assert entry["content"].startswith("“]]></content><script>alert(1)</script> \ufffd & \ufffd\ufffd done”")
    assert "via" not in entry


def test_an_empty_file_has_an_empty_feed(tmp_path: Path) -> None:
    open_database(tmp_path / "empty.db").close()
    application = datasette(tmp_path / "empty.db")
    answer = asyncio.run(application.client.get("/feed/statements.atom"))
    application.executor.shutdown()
    feed = ElementTree.fromstring(answer.content)
    assert not entries(feed)
    assert DAY.fullmatch(feed.findtext(f"{ATOM}updated") or "")
