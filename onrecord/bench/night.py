"""A whole night over the newsroom, and the one after it, beside bare Scrapy over the same addresses."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median

from onrecord.bench.measured import Measured, Row
from onrecord.bench.processes import Ran, run
from onrecord.bench.size import Size
from onrecord.bench.stories import more
from onrecord.newsroom import Newsroom

LEDGER = ("runs", "run_sources")  # what an unchanged night may write


def measure(size: Size) -> Measured:
    """Nights and bare Scrapy in turn, each night into a file of its own; then a second night over the last one."""
    nights: list[Ran] = []
    bare: list[Ran] = []
    with Newsroom(more(size.articles)) as room, tempfile.TemporaryDirectory() as scratch:
        registry, addresses = Path(scratch, "sources.toml"), Path(scratch, "addresses")
        registry.write_text(room.registry, encoding="utf-8")
        for site in room.addresses:
            room.site(site).reply("/")  # which renders all its pages: that's not the night's work
        for turn in range(size.turns):
            database = Path(scratch, str(turn), "onrecord.db")
            room.requests.clear()
            nights.append(_night(registry, database))
            addresses.write_text(_asked(room), encoding="utf-8")
            bare.append(run("onrecord.bench.bare", addresses))
        pages = int(bare[0].output)
        articles, words = _articles(database)
        before = _rows(database)
        room.requests.clear()
        unchanged = _night(registry, database)
        asked = len([request for request in room.requests if request.path != "/robots.txt"])
        written = (_rows(database) - before).total()
        addresses.write_text(_asked(room), encoding="utf-8")
        listings = run("onrecord.bench.bare", addresses)
    seconds, bare_seconds = (median(ran.seconds for ran in runs) for runs in (nights, bare))
    memory, bare_memory = (median(sum(ran.memory) for ran in runs) for runs in (nights, bare))
    parts = [median(parts) for parts in zip(*(ran.memory for ran in nights), strict=False)]
    sites = len(room.addresses)
    return Measured(
        "Nights",
        [
            Row("a whole night", articles / seconds, "articles/s", "bare Scrapy", pages / bare_seconds, at_least=25),
            Row("memory of a night, all its processes", memory, "MB", "bare Scrapy", bare_memory, at_most=400),
            Row("an unchanged night: requests", asked, "requests", "listings", sites, times_at_most=1),
            Row("an unchanged night: rows but the ledger's", written, "rows", at_most=0),
            Row("an unchanged night", unchanged.seconds, "s", "bare Scrapy", listings.seconds),
        ],
        f"{articles} articles of {words / articles:.0f} words from {sites} sites: fetched, archived, read twice,"
        f" stored, extracted, grouped and checked, from the start of the program to its end ({seconds:.1f} s). Bare"
        f" Scrapy asks for the same {pages} pages, as many at a time as it likes, and does nothing with them"
        f" ({bare_seconds:.1f} s). The sites are served by a third process on the same cores. Memory is what each"
        " process had when they had most in all, what several share being parted among them:"
        f" {' and '.join(f'{part:.0f} MB' for part in parts) or 'not told by this system'}.",
    )


def _night(registry: Path, database: Path) -> Ran:
    return run("onrecord", "nightly", "--registry", registry, "--db", database)


def _asked(room: Newsroom) -> str:
    return "\n".join(f"{room.addresses[request.site]}{request.path}" for request in room.requests)


def _articles(database: Path) -> tuple[int, int]:
    with sqlite3.connect(database) as db:
        articles, words, unread = db.execute(
            "SELECT count(*), sum(words), sum(extracted_at IS NULL) FROM articles"
        ).fetchone()
    assert not unread
    return int(articles), int(words)


def _rows(database: Path) -> Counter[tuple[object, ...]]:
    """Every row of every table but the ledger's."""
    with sqlite3.connect(database) as db:
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%USING%'")
            if name not in LEDGER
        ]
        return Counter((table, *row) for table in tables for row in db.execute(f'SELECT * FROM "{table}"'))  # noqa: S608
