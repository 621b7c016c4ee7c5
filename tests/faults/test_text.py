"""Faults 5 and 47 to 61: markup that stalls its parsers, characters that are none, texts that stall their rules.

One night over a page of each kind. `held_elsewhere.toml` has the rest.
"""

from __future__ import annotations

import gzip
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nlp.tokenizer import LONGEST_TEXT
from onrecord.check import check
from onrecord.inputs import read_archive
from onrecord.ledger import Ledger
from pipelines.article import NotAnArticle
from pipelines.extract import extract_many
from pipelines.relevance import score
from pipelines.schema import open_database
from pipelines.store import articles_awaiting_extraction, store_article
from pipelines.tasks import read
from pipelines.who import load_organisations
from pipelines.worker import Worker
from tests.crawling import source_at
from tests.faults.named_rows import named_rows
from tests.faults.night import Night, night
from tests.faults.server import Answer, FaultySite

ON_TOPIC = "Ofsted inspectors said that children’s services in Marlbury had improved."
QUOTE = "“We are proud,” said Helen Marsh, the director of Marlbury council."
TEXT = f"{ON_TOPIC}\n\n{QUOTE}"
SAID = ("We are proud,", "Helen Marsh")

TURNING = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
INVISIBLE = "\u00ad\u200b\u200d\u200e\u202a\u202e\u2066\u2069\ufeff"
HARMFUL = re.compile(f"[{INVISIBLE}{TURNING}\u0000-\u0009\u000b-\u001f\u007f-\u009f\ud800-\udfff]")

BRITISH = (
    "Ruth Okafor, who chairs the board, said: “We have been late for years.",
    "“We know what that means for the children in our care.",
    "“We will do better from today, and we will say so in public.”",
)
UNBALANCED = (
    "“This is where a mark is missing, and nobody knows what is said, by whom. It goes on.",
    "It ” was “ late ” and “ thin.",
    "“We are sorry,” said Jo Blythe, its chair.",
)
FIGURES = (
    "Some 1,7 children wait for a place.",
    "One in 10 children waited for a year.",
    f"There were {'9' * 400} cases, and {2**63} children were seen.",
    f"It cost £{2**63}m, and 1e999 visits were made.",
    "In all, 240 social workers left.",
)


def html(*paragraphs: str, title: str = "Ofsted in Marlbury") -> str:
    """A page on topic, with paragraphs of its own behind the first."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in (ON_TOPIC, *paragraphs))
    return f"<html><head><title>{title}</title></head><h1>{title}</h1><article>{body}</article></html>"


def quoted_in(encoding: str, type: str = "text/html") -> Answer:
    return Answer(html(QUOTE).encode(encoding), type=type)


PAGES = {
    "05-packed": Answer(headers={"Content-Encoding": "gzip"}),  # fifty megabytes, which need not be packed to be named
    "05-millions": Answer(b"<p>" * 1_600_000),
    "47-most": Answer(html("<a " * 30_000, QUOTE)),
    "47-more": Answer(html("<a " * 100_000, QUOTE)),
    "48-most": Answer(html("<div>" * 15_000 + "Deep down." + "</div>" * 15_000, QUOTE)),
    "48-more": Answer(html("<div>" * 50_000 + "Deep down." + "</div>" * 50_000, QUOTE)),
    "49-most": Answer("<![" * 30_000),
    "49-more": Answer("<![" * 200_000),
    "50-cp1252-as-utf-8": quoted_in("cp1252", "text/html; charset=utf-8"),
    "50-cp1252-as-latin-1": quoted_in("cp1252", "text/html; charset=iso-8859-1"),
    "50-utf-8-as-latin-1": quoted_in("utf-8", "text/html; charset=iso-8859-1"),
    "51-nul": Answer(html(QUOTE.replace(" ", "\0 "), title="Ofsted\0 in Marlbury")),
    "52-half": Answer(html(QUOTE, "Half \ud83d of &#xd83d; it.").encode("utf-8", "surrogatepass")),
    "53-marks": Answer(
        html(
            f"“{INVISIBLE}We are{INVISIBLE} proud,” said{INVISIBLE} Helen\u00a0Ma{INVISIBLE}rsh, the"
            " director\u00a0of Marlbury council.",
            title=f"Ofsted{INVISIBLE} in\u202e Marlbury",
        )
    ),
    "53-missing": Answer("<title>Page not found\u202e\u2066</title>"),  # which is logged
    # More than a megabyte, in words so long that they are few.
    "54-long": Answer(html("“We are late.” " + f"{'x' * 60} " * (LONGEST_TEXT // 60) + QUOTE)),
    "55-marks": Answer(html('"' * 45_000, QUOTE)),
    "55-apostrophes": Answer(html("'s" * 22_000, QUOTE)),
    "56-word": Answer(html("a" * 200_000, QUOTE)),
    "57-unbalanced": Answer(html(*UNBALANCED)),
    "58-british": Answer(html(*BRITISH)),
    "59-choking": Answer(html("word " * 10_000 + "!", QUOTE)),
    "60-figures": Answer(html(*FIGURES)),
    "good": Answer(html(QUOTE)),
}
REFUSED = {
    "05-packed": "gzip that unpacks to more than 8,388,608 bytes",
    **dict.fromkeys(("05-millions", "47-more", "48-more", "49-more"), "more than 40,000 tags"),
    "49-most": "no text",
    "53-missing": r"no page, though sent as one: 'Page not found\u202e\u2066'",
}
LARGE = {"54-long", "55-marks", "55-apostrophes", "56-word", "59-choking"}  # no need to read them twice


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Night:
    items = "".join(f"<item><title>Ofsted: {name}</title><link>/{name}</link></item>" for name in PAGES)
    feed = Answer(f"<rss version='2.0'><channel>{items}</channel></rss>", type="application/rss+xml")
    with FaultySite({"/feed": feed} | {f"/{name}": answer for name, answer in PAGES.items()}) as site:
        packed = gzip.compress(b"<p>" * 17_000_000, compresslevel=1)
        site.answers["/05-packed"] = replace(PAGES["05-packed"], body=packed)
        return night([source_at(site.address)], tmp_path_factory.mktemp("odd"), {})


def noted(odd: Night, name: str) -> str | None:
    """What is said of a page that gave no article."""
    (row,) = odd.rows("SELECT note, article_id FROM pages WHERE url LIKE ?", f"%/{name}")
    assert row["article_id"] is None
    return row["note"]


def article(odd: Night, name: str) -> dict[str, Any]:
    (row,) = odd.rows("SELECT * FROM articles WHERE url LIKE ?", f"%/{name}")
    assert row["extraction_error"] is None
    assert row["extracted_at"] is not None
    return row


def said(odd: Night, name: str) -> list[tuple[str, str | None]]:
    """The words and the speakers of an article's quotes."""
    rows = odd.rows(
        "SELECT quotes.text, people.name FROM quotes LEFT JOIN people ON people.id = person_id"
        " WHERE article_id = ? ORDER BY start",
        article(odd, name)["id"],
    )
    return [(row["text"], row["name"]) for row in rows]


def test_05_to_61_the_night_goes_on(odd: Night) -> None:
    """Each of the pages costs itself at most; the ledger counts them, and says of each why."""
    row = odd.source("marlbury")
    assert (row["verdict"], row["listed"], row["new"], row["failed"]) == (
        "partial", len(PAGES), len(PAGES) - len(REFUSED), len(REFUSED),
    )  # fmt: skip
    assert {name: noted(odd, name) for name in REFUSED} == REFUSED
    assert odd.code == 1
    assert (article(odd, "good")["text"], said(odd, "good")) == (TEXT, [SAID])
    assert check(odd.database) == []


def test_05_millions_of_tags_reach_no_parser(odd: Night) -> None:
    """Neither packed, which is found out while they are unpacked, nor as they are."""
    assert noted(odd, "05-packed") == REFUSED["05-packed"]
    assert noted(odd, "05-millions") == REFUSED["05-millions"]
    assert odd.peak < 150


def test_47_tags_that_never_end_are_read_or_refused(odd: Night) -> None:
    assert article(odd, "47-most")["text"] == TEXT
    assert noted(odd, "47-more") == REFUSED["47-more"]


def test_48_so_is_what_is_nested_too_deep_to_be_called(odd: Night) -> None:
    assert article(odd, "48-most")["text"] == f"{ON_TOPIC}\n\nDeep down.\n\n{QUOTE}"
    assert noted(odd, "48-more") == REFUSED["48-more"]
    assert "RecursionError" not in odd.log


def test_49_markup_that_parsers_reject_costs_its_page(odd: Night) -> None:
    assert noted(odd, "49-most") == REFUSED["49-most"]
    assert noted(odd, "49-more") == REFUSED["49-more"]
    assert "Traceback" not in odd.log


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("50")])
def test_50_a_wrong_charset_spoils_no_mark(odd: Night, name: str) -> None:
    assert article(odd, name)["text"] == TEXT
    assert said(odd, name) == [SAID]


def test_51_nul_bytes_are_gone_before_anything_is_stored(odd: Night) -> None:
    stored = article(odd, "51-nul")
    assert (stored["title"], stored["text"]) == ("Ofsted in Marlbury", TEXT)
    (row,) = odd.rows("SELECT length(text) AS length FROM articles WHERE id = ?", stored["id"])
    assert row["length"] == len(TEXT)  # as SQLite counts, which ends at a NUL
    assert said(odd, "51-nul") == [SAID]


def test_52_half_a_surrogate_pair_is_replaced(odd: Night) -> None:
    assert article(odd, "52-half")["text"] == f"{TEXT}\n\nHalf \ufffd of \ufffd it."
    assert said(odd, "52-half") == [SAID]


def test_53_what_is_not_seen_is_not_stored_and_turns_nothing(odd: Night) -> None:
    stored = article(odd, "53-marks")
    assert (stored["title"], stored["text"]) == ("Ofsted in Marlbury", TEXT)
    assert said(odd, "53-marks") == [SAID]
    for row in odd.rows("SELECT title, text FROM articles"):
        assert not HARMFUL.search(row["title"] + row["text"])
    assert "Page not found" in odd.log
    assert not re.search(f"[{TURNING}]", odd.said + odd.log)


def test_53_every_record_stands_where_it_says(odd: Night) -> None:
    """Characters are counted, also behind those that take more than one byte, or two in UTF-16."""
    for table in ("quotes", "figures", "stances"):
        rows = odd.rows(
            f'SELECT start, "end", it.text, articles.text AS whole FROM {table} AS it'
            " JOIN articles ON articles.id = article_id"
        )
        assert rows
        assert all(row["whole"][row["start"] : row["end"]] == row["text"] for row in rows)


def test_54_a_paragraph_of_a_megabyte_is_read_as_far_as_limits_allow(odd: Night) -> None:
    stored = article(odd, "54-long")
    assert stored["text"].endswith(QUOTE)
    assert len(stored["text"]) > LONGEST_TEXT
    assert said(odd, "54-long") == [("We are late.", None)]


@pytest.mark.parametrize("name", ["55-marks", "55-apostrophes"])
def test_55_marks_in_a_row_are_read_in_time(odd: Night, name: str) -> None:
    """In time that grew with the square of their number, extraction would be stopped before it is done."""
    assert said(odd, name) == [SAID]


def test_56_so_is_a_word_without_end(odd: Night) -> None:
    assert said(odd, "56-word") == [SAID]


def test_57_marks_that_do_not_pair_cost_their_paragraphs(odd: Night) -> None:
    found = said(odd, "57-unbalanced")
    assert found[-1] == ("We are sorry,", "Jo Blythe")
    broken = " ".join(UNBALANCED[:2])
    assert all(words in broken and speaker is None for words, speaker in found[:-1])


def test_58_a_quotation_that_is_opened_anew_is_its_speaker_s_to_its_end(odd: Night) -> None:
    """Each paragraph is a row, so that no record holds what stands between them."""
    words = [paragraph.split("“")[1].rstrip("”") for paragraph in BRITISH]
    assert said(odd, "58-british") == [(paragraph, "Ruth Okafor") for paragraph in words]


def test_59_what_chokes_regular_expressions_is_read_in_time(odd: Night) -> None:
    assert said(odd, "59-choking") == [SAID]


def test_60_numbers_that_are_traps_are_read_rightly_or_left(odd: Night) -> None:
    rows = odd.rows("SELECT * FROM figures WHERE article_id = ? ORDER BY start", article(odd, "60-figures")["id"])
    assert [(row["text"], row["value"], row["high"], row["unit"]) for row in rows] == [
        ("One in 10 children", 0.1, None, "fraction"),
        ("240 social workers", 240, None, "count"),
    ]


def test_61_in_another_order_and_by_other_workers_the_rows_are_the_same(odd: Night, tmp_path: Path) -> None:
    """The pages as the night kept them, from the last to the first, in two processes."""
    again = tmp_path / "onrecord.db"
    archived = [page for file in sorted(odd.database.parent.glob("archive/*")) for page in read_archive(file)]
    with closing(open_database(again)) as db, Worker(2) as workers:
        load_organisations(db)
        Ledger(db, [source_at("http://127.0.0.1")])
        for page in reversed(archived):
            if page.url.rpartition("/")[2] in LARGE:
                continue
            try:
                found = read(replace(page, source="marlbury", selectors={"body": "article"}), crosscheck=True)
            except NotAnArticle:
                continue
            found.relevance = score(found).score
            store_article(db, found, seen_at="2026-11-22T02:00:00Z")
        changes = list(extract_many(db, articles_awaiting_extraction(db), workers))
    assert len(changes) == len(PAGES) - len(REFUSED) - len(LARGE)
    assert records(again) == records(odd.database)


def records(file: Path) -> dict[str, Any]:
    """What was read from the pages that are not large. Stories apart: they tell of all pages."""
    tables = ("quotes", "figures", "stances", "mentions", "appointments", "people")
    rows = named_rows(file)
    with closing(sqlite3.connect(file)) as db:
        articles = db.execute("SELECT url, title, text, relevance, disagreement FROM articles ORDER BY url")
        rows["articles"] = list(map(repr, articles))
    return {
        table: [row for row in rows[table] if not any(f"/{name}'" in row for name in LARGE)]
        for table in ("articles", *tables)
    }
