"""`onrecord reextract --all` over the same file on one core and on two."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from onrecord.bench.measured import Measured, Row
from onrecord.bench.processes import run
from onrecord.bench.size import Size
from onrecord.bench.stories import invented, read
from onrecord.bench.turns import interleaved, pinned
from pipelines.desk import now
from pipelines.schema import open_database
from pipelines.store import store_article
from pipelines.worker import cores


def measure(size: Size) -> Measured:
    """One core and two in turn; of several turns, the first extraction does not count."""
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch, "onrecord.db")
        _fill(database, size.reread)

        def on(some: int) -> Callable[[], float]:
            def reextract() -> float:
                with pinned(some):
                    return run("onrecord", "reextract", "--all", "--db", database).seconds

            return reextract

        one, two = interleaved(size.turns, on(1), on(min(2, cores())))
    return Measured(
        "Re-extraction",
        [
            Row(
                "re-extraction on two cores",
                size.reread / two,
                "articles/s",
                "on one core",
                size.reread / one,
                times_at_least=1.8,
            )
        ],
        f"{size.reread} articles from the start of the program to its end: {one:.1f} s on one core, {two:.1f} s on two,"
        f" of {cores()} that this machine gives. A process for each core reads texts; one more writes the rows.",
    )


def _fill(database: Path, articles: int) -> None:
    db = open_database(database)
    for told in islice(invented("reextraction"), articles):
        store_article(db, read(told), seen_at=now())
    db.close()
