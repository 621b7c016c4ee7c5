"""One more article with its records: into an empty file, and into files that hold much already."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from nlp.build import EXTRACTOR, extract
from nlp.records import Records
from onrecord.bench.files import files
from onrecord.bench.measured import Measured, Plot, Row
from onrecord.bench.size import Size
from onrecord.bench.stories import invented, read
from onrecord.bench.turns import interleaved, pinned, timed
from pipelines.desk import now
from pipelines.page import Article
from pipelines.schema import open_database
from pipelines.store import store_article, store_records
from pipelines.who import load_organisations

_WARMING = 5  # articles that are not counted: the first ones fill caches


def measure(size: Size) -> Measured:
    """Each article into each file, one file after the other: the medians."""
    articles = [read(told) for told in islice(invented("storing"), _WARMING + size.stored)]
    told = [(article, extract(article.text)) for article in articles]
    made = files(size)
    with tempfile.TemporaryDirectory(dir=size.cache) as scratch, pinned(1):
        opened = [_opened(Path(scratch, "empty.db"))]
        for quotes, path in made.items():
            shutil.copyfile(path, Path(scratch, f"{quotes}.db"))
            opened.append(_opened(Path(scratch, f"{quotes}.db")))
        for db in opened:
            for one in told[:_WARMING]:
                _store(db, *one)
        empty, *full = interleaved(size.stored, *(_one_by_one(db, told[_WARMING:]) for db in opened))
        for db in opened:
            db.close()
    sizes = [0, *size.quotes]
    return Measured(
        "Storing",
        [
            Row(
                "storing one more article into the largest file",
                1_000 * full[-1],
                "ms",
                "into an empty file",
                1_000 * empty,
                times_at_most=1.5,
            )
        ],
        f"{size.stored} articles with their records into each file, article by article; the median of each.",
        [
            ["quotes in the file", "ms an article", "times the empty file"],
            *(
                [f"{quotes:,}", f"{1_000 * seconds:.2f}", f"{seconds / empty:.2f}"]
                for quotes, seconds in zip(sizes, [empty, *full], strict=True)
            ),
        ],
        [
            Plot(
                "storing",
                "Milliseconds to store an article, by quotes in the file",
                [
                    (f"{quotes:,}", seconds, f"{1_000 * seconds:.1f} ms")
                    for quotes, seconds in zip(sizes, [empty, *full], strict=True)
                ],
            )
        ],
    )


def _opened(path: Path) -> Database:
    db = open_database(path)
    load_organisations(db)  # a night does, before it stores anything
    return db


def _one_by_one(db: Database, read: Sequence[tuple[Article, Records]]) -> Callable[[], float]:
    """Each call stores the next of them, and says how long that took."""
    coming = iter(read)
    return lambda: timed(lambda: _store(db, *next(coming)))


def _store(db: Database, article: Article, records: Records) -> None:
    stored = store_article(db, article, seen_at=now())
    store_records(db, stored.id, records, extracted_at=now(), extractor=EXTRACTOR)
