"""What was learnt of stances lies beside the database that it was learnt from, and is used for no other.

spaCy is imported where something learnt is used: processes that only need to know where it lies do without.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Database

if TYPE_CHECKING:
    from nlp.learned import Learned

logger = logging.getLogger(__name__)


def folder_beside(path: Path | str) -> Path:
    """Where what was learnt from a database is kept: night.stances beside night.db."""
    return Path(path).with_suffix(".stances")


def learned_beside(db: Database) -> Learned | None:
    """What was learnt from this file, if anything was; where it can't be used, that is said, and rules do alone."""
    return learned_in(folder_of(db))


def folder_of(db: Database) -> Path | None:
    """Where what was learnt from this file is kept; None where it is none, but in memory."""
    path = next(file for _, name, file in db.execute("PRAGMA database_list") if name == "main")
    return folder_beside(path) if path else None


def learned_in(folder: Path | None) -> Learned | None:
    """The same by its folder."""
    if folder is None or not folder.exists():
        return None
    changed = max(file.stat().st_mtime_ns for file in (folder, *folder.glob("*")))
    return _read(folder, changed)


def extractor(learned: Learned | None) -> str:
    """The name that is stored beside what rules found, with or without what was learnt."""
    from nlp.build import EXTRACTOR

    return EXTRACTOR if learned is None else f"{EXTRACTOR} + stances {learned.name}"


@cache
def _read(folder: Path, changed: int) -> Learned | None:  # noqa: ARG001 (what has changed is read again)
    from nlp.build import EXTRACTOR
    from nlp.learned import LearnedError, read_learned

    try:
        return read_learned(folder, EXTRACTOR)
    except LearnedError as error:
        logger.warning("%s Rules read stances alone.", error)
        return None
