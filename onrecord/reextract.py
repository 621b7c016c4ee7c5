"""`onrecord reextract`: the rules of today over the texts of yesterday."""

from __future__ import annotations

from pathlib import Path

from onrecord.extraction import insist_on_extraction
from onrecord.ledger import RECORDS
from onrecord.terminal import say
from pipelines.checks import check_due
from pipelines.extract import extract_many, todays_extractor
from pipelines.schema import open_database
from pipelines.who import load_organisations
from pipelines.worker import Worker, cores


def reextract(database: Path, *, everything: bool = False) -> int:
    """Extracts stored articles again, all or those that another extractor read; exit 1 if a rule failed on some."""
    insist_on_extraction()
    db = open_database(database, create=False)
    load_organisations(db)
    wanted = (
        "1" if everything else "extracted_at IS NULL OR extractor IS NOT :extractor OR extraction_error IS NOT NULL"
    )
    gained = dict.fromkeys(RECORDS, 0)
    lost = dict.fromkeys(RECORDS, 0)
    failed = 0
    with Worker(cores()) as workers:
        today = {"extractor": todays_extractor(db, workers)}
        ids = [id for (id,) in db.execute(f"SELECT id FROM articles WHERE {wanted} ORDER BY id", today)]  # noqa: S608
        for changes in extract_many(db, ids, workers):
            failed += changes is None
            for name in RECORDS if changes else ():
                gained[name] += changes[name].new  # type: ignore[index]
                lost[name] += changes[name].gone  # type: ignore[index]
    check_due(db)
    db.close()
    say(f"{len(ids)} articles read, {failed} failed.")
    for name in RECORDS:
        say(f"{name:14} {gained[name]:6} gained {lost[name]:6} lost")
    return 1 if failed else 0
