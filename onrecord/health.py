"""Whether a source still gives what it used to: tonight beside its own earlier nights.

A floor can't tell that a site which brought ten articles a week brings none, or their first lines alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

from sqlite_utils import Database

from onrecord.ledger import SourceNight
from pipelines.urls import canonical_url

HISTORY = 90  # nights: what came before them is no measure of what is usual
FEWEST_NIGHTS = 8  # of history; fewer say nothing
WINDOW = 14  # nights in which new articles are counted
FALLEN = 10  # to under a tenth
LEAST_USUAL = 10  # of which a tenth is one: of less, none at all may be chance
ARTICLES, FEWEST_ARTICLES = 50, 8  # of earlier nights, whose length is the measure
FEWEST_TONIGHT = 3  # articles: one may well be short
SHORT = 4  # under a quarter
FROZEN = 30  # nights of the same bytes
WEEK = 7


def watched(db: Database, night: SourceNight, run_id: int) -> SourceNight:
    """The night, with the verdict `suspicious` and what to look at where the source fell off against earlier nights.

    A source whose listings are as they were when it was judged empty still is. `run_id` is tonight's run, for which
    the source has no row yet.
    """
    if night.same and (empty := _last_empty(db, night.source.id)):
        return replace(night, verdict="empty", note=empty)
    if night.verdict not in ("ok", "partial"):
        return night
    (started,) = db.execute("SELECT started FROM runs WHERE id = ?", [run_id]).fetchone()
    reasons = [*_fewer(db, night, started), *_shorter(db, night, started), *_frozen(db, night, started)]
    if not reasons:
        return night
    return replace(night, verdict="suspicious", note="; ".join([*reasons, *filter(None, [night.note])]))


def _last_empty(db: Database, source: str) -> str | None:
    """What was said of it if the last night found it empty."""
    verdict, note = db.execute(
        "SELECT verdict, note FROM run_sources WHERE source_id = ? ORDER BY run_id DESC LIMIT 1", [source]
    ).fetchone() or (None, None)
    return note if verdict == "empty" else None


def _fewer(db: Database, night: SourceNight, started: str) -> Iterator[str]:
    """Fewer items listed tonight, or fewer new articles in a fortnight, than is usual."""
    today = date.fromisoformat(started[:10])
    rows = db.execute(
        "SELECT date(started), max(listed), sum(new) FROM run_sources JOIN runs ON runs.id = run_id"
        " WHERE source_id = ? AND date(started) >= ? AND run_sources.verdict IS NOT 'skipped'"
        " GROUP BY 1 ORDER BY 1",
        [night.source.id, str(today - timedelta(HISTORY + WINDOW))],
    ).fetchall()
    # Where all listings are as they were, none of their items is counted.
    usual = _usual([listed for day, listed, _ in rows if listed and day < str(today)])
    if usual and night.listed_all and FALLEN * night.counts["listed"] < usual:
        yield f"listed {night.counts['listed']}, where it lists {usual:g} on other nights: look at its listing"

    new = {date.fromisoformat(day): count for day, _, count in rows}

    def brought(last: date) -> int:
        return sum(count for day, count in new.items() if 0 <= (last - day).days < WINDOW)

    whole = [day for day in new if day < today and (day - min(new)).days >= WINDOW - 1]
    usual = _usual([brought(day) for day in whole])
    recent = brought(today) + night.counts["new"]
    if usual and FALLEN * recent < usual and _was_here(db, night.source.id, today, whole):
        yield (
            f"brought {recent} new articles in {WINDOW} nights, where it brought {usual:g} before:"
            " look whether its listing still lists the news, and whether its pages are read whole"
        )


def _was_here(db: Database, source: str, today: date, before: list[date]) -> bool:
    """Whether the file had the source on half as many of the last nights as is usual, asked or skipped.

    Where it had not, another shard may have: what that one brought is in its own file.
    """
    rows = db.execute(
        "SELECT DISTINCT date(started) FROM run_sources JOIN runs ON id = run_id WHERE source_id = ?", [source]
    )
    nights = [date.fromisoformat(day) for (day,) in rows]

    def had(last: date) -> int:
        return sum(0 < (last - night).days < WINDOW for night in nights)

    return 2 * had(today) >= median(had(day) for day in before)


def _usual(history: list[int]) -> float | None:
    """The median, where it says anything."""
    usual = median(history) if len(history) >= FEWEST_NIGHTS else 0
    return usual if usual >= LEAST_USUAL else None


def _shorter(db: Database, night: SourceNight, started: str) -> Iterator[str]:
    """Articles much shorter than the source's usually are; a page that gave none has no words."""
    tonight = _words(db, night.source.id, "seen_from >= ?", started) + [0] * night.unread
    before = _words(db, night.source.id, "seen_from < ?", started)
    if not tonight or len(before) < FEWEST_ARTICLES:
        return
    # Where tonight brought but one or two, those before it have a say, too.
    latest = (tonight + before)[: max(len(tonight), FEWEST_TONIGHT)]
    usual = median(before)
    if SHORT * median(latest) < usual:
        yield (
            f"its articles have {median(latest):g} words, where they had {usual:g}:"
            " look at the selectors of its pages, and whether they stand behind a wall"
        )


def _words(db: Database, source: str, when: str, started: str) -> list[int]:
    """The lengths of the source's latest articles, latest first."""
    rows = db.execute(
        f"SELECT words FROM articles WHERE source_id = ? AND {when} ORDER BY seen_from DESC, id DESC LIMIT ?",  # noqa: S608
        [source, started, ARTICLES],
    )
    return [words for (words,) in rows]


def _frozen(db: Database, night: SourceNight, started: str) -> Iterator[str]:
    """Listings that have not changed for a month, though they used to every week."""
    since = str(date.fromisoformat(started[:10]) - timedelta(FROZEN))
    for listing in night.source.listing:
        for day, every in db.execute(
            "SELECT date(last_seen), (julianday(last_seen) - julianday(first_seen)) / changes FROM pages"
            " WHERE url = ? AND role = 'listing' AND changes >= ? AND date(last_seen) <= ?",
            [canonical_url(listing.url), FEWEST_NIGHTS, since],
        ):
            if every <= WEEK:
                yield (
                    f"{listing.url} has given the same bytes since {day}, where it changed every week:"
                    " look whether the news is listed elsewhere now"
                )
