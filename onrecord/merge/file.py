"""One file into another: table by table, in the order in which rows refer to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from onrecord.merge.archives import bring_archives
from onrecord.merge.articles import bring_articles
from onrecord.merge.bodies import bring_bodies
from onrecord.merge.decisions import bring_decisions
from onrecord.merge.ledger import bring_nights, bring_sources
from onrecord.merge.names import Names
from onrecord.merge.outcomes import bring_outcomes
from onrecord.merge.pages import bring_pages
from pipelines.checks import check_due
from pipelines.stories import group_stories
from pipelines.who import load_organisations

# What bringing does with each table of the schema; a test holds that none is forgotten.
TABLES: Mapping[str, str] = {
    "organisations": "those that rows refer to, by name; confirmed and merged as people said in either file",
    "organisation_aliases": "those that people added; the list's are made of the list",
    "people": "those that rows refer to, by name and body; joined as appointments say",
    "sources": "by id, as the file has them that ran them last",
    "runs": "each night once: start, version and sources",
    "run_sources": "with their night",
    "articles": "by canonical address: the text seen latest, first seen as early as either file knows",
    "article_versions": "all of both files, and the text that was not the latest",
    "appointments": "the article's, of whoever read its present text last",
    "mentions": "as appointments",
    "quotes": "as appointments, by quote_key",
    "quote_organisations": "as appointments",
    "figures": "as appointments, by figure_key",
    "stances": "as appointments, by stance_key",
    "pages": "by address, as the file has them that asked last",
    "sightings": "of both files; where both have one, with their page",
    "outcomes": "by inspection, as when an Ofsted file is loaded; of two grades the one that is here holds",
    "reviews": "all of both files, each once; the latest on a record is its status",
    "stories": "grouped anew where an article came or changed",
    "story_signatures": "those of texts that are here",
    "stories_due": "kept by triggers",
    "figure_checks": "held against the record anew where an article came or changed",
    "figure_evidence": "as figure_checks",
    "ratings": "as figure_checks",
    "checks_due": "kept by triggers",
    "review_counts": "kept by triggers",
    "stance_counts": "kept by triggers",
}


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of another file's rows."""

    new: int  # articles
    changed: int
    unchanged: int
    decisions: int
    nights: int
    judgments: int
    bodies: int  # confirmed, named or merged as people said there
    pages: int
    archives: int

    @property
    def is_nothing(self) -> bool:
        """Whether all of it was here."""
        return not any(getattr(self, name) for name in self.__dataclass_fields__ if name != "unchanged")


def bring(
    target: Database, other: Database, *, archive: Path | None = None, tick: Callable[[int], None] = lambda _: None
) -> Brought:
    """Brings the rows of `other` into `target`, both open and up to date; only `target` is written.

    An article and its records are in one transaction, as are the decisions on a record, and a page with what listings
    say of it: what is killed in its midst, the next time completes. What is here already is not written. No night may
    run on `target` meanwhile (see `onrecord.lock`), for nights are numbered anew in the order in which they began.
    `archive` is the folder of `other`'s WARC files; the one beside it, if None. `tick` is told how many more articles
    are done. Raises DatabaseError, sqlite3.Error, OSError.
    """
    load_organisations(target)
    began = not other.conn.in_transaction
    if began:
        other.conn.execute("BEGIN")  # whatever is written to it meanwhile, one state of it is read
    try:
        return _bring(target, other, archive or _archive_of(other), tick)
    finally:
        if began:
            other.conn.rollback()


def _bring(target: Database, other: Database, archive: Path | None, tick: Callable[[int], None]) -> Brought:
    archives = 0
    renamed: Mapping[str, str] = {}
    here = _archive_of(target)
    if archive is not None and here is not None:
        archives, renamed = bring_archives(archive, here)  # before any row says that they are there
    names = Names(target, other)
    bodies = bring_bodies(target, other, names)
    bring_sources(target, other, names)
    articles = bring_articles(target, other, names, tick)
    new_pages, changed_pages = bring_pages(target, other, articles.ids, renamed)
    judgments = bring_outcomes(target, other)
    decisions = bring_decisions(target, other, names)
    nights = bring_nights(target, other)
    group_stories(target)
    check_due(target)
    return Brought(
        **{outcome: articles.outcomes[outcome] for outcome in ("new", "changed", "unchanged")},
        decisions=decisions,
        nights=nights,
        judgments=judgments,
        bodies=bodies,
        pages=new_pages + changed_pages,
        archives=archives,
    )


def _archive_of(db: Database) -> Path | None:
    """Beside the file; None where it is none, but in memory."""
    path = next(file for _, name, file in db.execute("PRAGMA database_list") if name == "main")
    return Path(path).parent / "archive" if path else None
