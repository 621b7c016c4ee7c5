"""Counts of judgments in a text, held against the record.

A report counts what was published up to a cut-off of its own, and hardly ever names it. So every way to read the record
that the text may mean (a framework, first or latest inspections, a day) is tried, and the one with which most counts of
the text agree is taken for the one that is meant. A count is contradicted only where others agree with that reading: by
itself it may be of something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from nlp.graded import COUNCILS, OTHERS, Judged
from nlp.lexicon import lexicon
from pipelines.record import Mode, Reading, Record

Verdict = Literal["confirmed", "contradicted", "uncheckable"]

_BACK = timedelta(days=460)  # a yearly report may be told of for another three months
_BEHIND = timedelta(days=45)  # an article may be so much younger than the record: little has been added since
_ANCHORED, _ANCHORED_UNDATED = 2, 3  # counts that must agree before another can be contradicted
_LIKELY = 1.5  # what a likely cut-off weighs, in counts that agree
_MODES: tuple[Mode, ...] = ("first", "latest", "all")
_YEAR_ENDS = ("-03-31", "-08-31", "-12-31")  # of Ofsted's statistics, of its reporting year, of the calendar
_PART = re.compile(
    r"\b(?:(?:north|south)(?:[ -](?:east|west))?|midlands|london|yorkshire|humber|east of england|regions?|regional"
    r"|this (?:week|month)|last (?:week|month)|wales|welsh|scotland|scottish)\b",
    re.IGNORECASE,
)
_EARLIER = re.compile(r"\b(?:last|previous) year\b|\b(?:ago|earlier|before)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b((?:19|20)\d\d)(?:[/–-](\d\d)\b)?")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_DAY = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)? )?(?P<month>{'|'.join(_MONTHS)}) (?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Count:
    """A figure that counts judgments: its id, its value, the sentence it stands in, and the period it is told of."""

    id: int
    value: float
    unit: str
    qualifier: str | None
    judged: Judged
    of: str
    sentence: str
    period: str | None = None

    @property
    def is_share(self) -> bool:
        return self.unit in {"percent", "fraction"}


@dataclass(frozen=True, slots=True)
class Held:
    """What the record says to a count: the verdict, the number expected, why, and the rows of outcomes counted."""

    verdict: Verdict
    why: str
    expected: float | None = None
    evidence: tuple[int, ...] = ()


def hold(record: Record, counts: Sequence[Count], text: str, published: str | None) -> dict[int, Held]:
    """A verdict for each count of one text, by id."""
    held: dict[int, Held] = {}
    open_counts = []
    for count in counts:
        if reason := _no_count(record, count, published):
            held[count.id] = Held("uncheckable", reason)
        else:
            open_counts.append(count)
    if open_counts:
        held |= _hold(record, open_counts, text, published)
    return held


def _no_count(record: Record, count: Count, published: str | None) -> str | None:
    """Why a count can't be made at all."""
    if not record.days:
        return "No record is loaded: `onrecord outcomes load` reads Ofsted's published files."
    if count.judged.kind == OTHERS:
        return "The record loaded holds councils' services only."
    if count.judged.kind != COUNCILS:
        return "The text doesn't say what was graded."
    if published and published > _shift(record.last, _BEHIND):
        return f"The record loaded ends on {said(record.last)}."
    if published and published < record.days[0]:
        return f"The record loaded begins on {said(record.days[0])}."
    if re.search(r"\bremaining\b", count.of):
        return "It is what remains of another count."
    return None


def _hold(record: Record, counts: Sequence[Count], text: str, published: str | None) -> dict[int, Held]:
    told = [count for count in counts if not _PART.search(count.sentence)]
    stated = [*_stated_days(text, published), *([published] if published else [])]
    best = _best(record, told, list(_readings(record, text, published, stated)), stated)
    agreeing = _agreeing(record, best, told) if best else []
    enough = _ANCHORED if published else _ANCHORED_UNDATED
    anchored = best is not None and _weight(agreeing) >= enough
    likely = best is not None and published is not None and _likely_day(record, best.until, stated) is not None
    held = {}
    for count in counts:
        earlier = best is not None and _is_earlier(count, best)
        agrees = best is not None and _agrees(count, _number(record, best, count))
        if best is not None and agrees and (anchored or likely):
            held[count.id] = _confirmed(record, best, count, len(agreeing), stated)
        elif count not in told:
            held[count.id] = Held(
                "uncheckable", "It counts a part of the councils, or of the time, that the record can't tell."
            )
        elif earlier:
            held[count.id] = Held("uncheckable", "It is told of an earlier time than the other counts.")
        elif best is not None and anchored and not _is_of_others(count, agreeing):
            held[count.id] = _contradicted(record, best, count, agreeing)
        else:
            held[count.id] = Held("uncheckable", _unanchored(record, best, count, published))
    return held


# ---- readings


def _readings(record: Record, text: str, published: str | None, stated: Iterable[str]) -> Iterable[Reading]:
    """Every way to count that the text may mean."""
    named = frameworks_named(text)
    until = published or record.last
    since = _shift(published, -_BACK) if published else record.days[0]
    days = {*record.changes(since, until), *(day for day in stated if since <= day <= until)}
    if published:
        days |= {since, published}
    for day in sorted(days):
        running = [name for name, (first, last) in record.spans.items() if first <= day and last >= _shift(day, -_BACK)]
        for framework in named & set(running) or running:
            for mode in _MODES:
                yield Reading(framework, mode, day)
        yield Reading(None, "latest", day)


def frameworks_named(text: str) -> set[str]:
    """The frameworks that a text names."""
    return {
        row["framework"]
        for row in lexicon("outcome_frameworks")
        if re.search(rf"\b(?:{'|'.join(map(re.escape, row['names'].split('|')))})\b", text, re.IGNORECASE)
    }


def _stated_days(text: str, published: str | None) -> list[str]:
    """The days and months that a text names, not after its own; a month stands for its last day."""
    days = set()
    for match in _DAY.finditer(text):
        year, month = int(match["year"]), _MONTHS.index(match["month"].lower()) + 1
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        day = int(match["day"]) if match["day"] else last
        if 1 <= day <= last:
            days.add(date(year, month, day).isoformat())
    return sorted(day for day in days if not published or day <= published)


def _best(
    record: Record, counts: Sequence[Count], readings: Sequence[Reading], stated: Sequence[str]
) -> Reading | None:
    """The reading with which most counts agree; of several, the plainest, at the day that is likeliest a cut-off.

    A likely day weighs more than one count that disagrees: among many days, one agrees with a wrong number by chance.
    """

    def rank(reading: Reading) -> tuple[float, bool, bool, int, str]:
        agreeing = _agreeing(record, reading, counts)
        likely = _likely_day(record, reading.until, stated) is not None
        alone = sum(not _agrees(count, _number(record, reading, count)) for count in counts) <= 1
        weight = _weight(agreeing) + (_LIKELY if likely and alone and agreeing else 0)
        return weight, likely, reading.framework is not None, -_MODES.index(reading.mode), reading.until

    best = max(readings, key=rank, default=None)
    return best if best is not None and _agreeing(record, best, counts) else None


def _likely_day(record: Record, day: str, stated: Sequence[str]) -> str | None:
    """A day with the counts of `day` that is likely a cut-off: one that the text names, or the end of a year."""
    following = record.same_until(day) or "9999"
    years = range(int(day[:4]), int(day[:4]) + 2)
    for likely in [*stated, *(f"{year}{end}" for year in years for end in _YEAR_ENDS)]:
        if day <= likely < following:
            return likely
    return None


# ---- agreeing


def _number(record: Record, reading: Reading, count: Count) -> float:
    """What a reading gives for a count: councils are not counted twice, inspections may be."""
    if reading.mode == "all" and "inspection" not in count.of:
        reading = replace(reading, mode="latest")
    graded = record.graded(reading, count.judged.judgments)
    wanted = count.judged.grades
    number = sum(n for grade, n in graded.items() if not wanted or grade in wanted)
    if not count.is_share:
        return float(number)
    share = number / graded.total() if number else 0.0
    return round(100 * share, 1) if count.unit == "percent" else round(share, 3)


def _evidence(record: Record, reading: Reading, count: Count) -> tuple[int, ...]:
    """The rows of outcomes that a reading counts."""
    if reading.mode == "all" and "inspection" not in count.of:
        reading = replace(reading, mode="latest")
    judgments = [it.judgment(count.judged.judgments) for it in record.counted(reading)]
    wanted = count.judged.grades
    return tuple(it.id for it in judgments if it is not None and (not wanted or it.grade in wanted))


def _agreeing(record: Record, reading: Reading, counts: Sequence[Count]) -> list[Count]:
    """The counts that agree with a reading, one of each kind."""
    agreeing: dict[tuple[frozenset[str], tuple[str, ...]], Count] = {}
    for count in counts:
        if _agrees(count, _number(record, reading, count)):
            agreeing.setdefault((count.judged.grades, count.judged.judgments), count)
    return list(agreeing.values())


def _weight(agreeing: Sequence[Count]) -> float:
    """How much counts say that agree: nought is told easily."""
    return sum(1.0 if count.value else 0.5 for count in agreeing)


def _agrees(count: Count, number: float) -> bool:
    value, slack = count.value, {"percent": 0.5, "fraction": 0.03}.get(count.unit, 0.0)
    match count.qualifier:
        case "approx":
            return abs(number - value) <= max(0.1 * value, slack)
        case "over":
            return value < number <= max(1.2 * value, value + 2)
        case "at_least":
            return value - slack <= number <= max(1.2 * value, value + 2)
        case "under":
            return min(0.8 * value, value - 2) <= number < value
        case "at_most":
            return min(0.8 * value, value - 2) <= number <= value + slack
    return abs(number - value) <= slack


def _is_earlier(count: Count, reading: Reading) -> bool:
    """Whether the count is told of another time, long before the cut-off: "last year", "in 2012"."""
    if count.period is None:
        return False
    ends = [int(year[:2] + short) if short else int(year) for year, short in _YEAR.findall(count.period)]
    if ends:
        return f"{max(ends)}-12-31" < _shift(reading.until, -_BACK)
    return bool(_EARLIER.search(count.period))


def _is_of_others(count: Count, agreeing: Sequence[Count]) -> bool:
    """The same grade has been counted, and agreed: this is a count of fewer councils, or of another time."""
    return any(other.judged == count.judged and other.value != count.value for other in agreeing)


# ---- why


def said(day: str) -> str:
    """A day in words: 31 March 2016."""
    year, month, of_month = day.split("-")
    return f"{int(of_month)} {_MONTHS[int(month) - 1].capitalize()} {year}"


def _counting(record: Record, reading: Reading, stated: Sequence[str] = ()) -> str:
    """Which inspections were counted, up to which day, and how long the count stays the same."""
    which = {
        "first": "the first inspection of each council",
        "latest": "the latest inspection of each council",
        "all": "every inspection",
    }
    under = f" under {reading.framework}" if reading.framework else ""
    likely = _likely_day(record, reading.until, stated) or reading.until
    following = record.same_until(reading.until)
    last = _shift(following, -timedelta(days=1)) if following else None
    span = f"from {said(record.same_since(reading.until))} " + (f"to {said(last)}" if last else "on")
    return f"{which[reading.mode]}{under}, published up to {said(likely)} (any day {span} gives the same)"


def _grades(count: Count) -> str:
    graded = " or ".join(sorted(count.judged.grades)) if count.judged.grades else "inspected"
    return f"{graded} ({count.judged.judgments[0]})" if count.judged.judgments else graded


def _shown(number: float, count: Count) -> str:
    return f"{number:g} %" if count.unit == "percent" else f"{number:g}"


def _confirmed(record: Record, reading: Reading, count: Count, agreeing: int, stated: Sequence[str]) -> Held:
    number = _number(record, reading, count)
    with_others = f"; {agreeing} counts of the text agree there" if agreeing > 1 else ""
    why = f"{_shown(number, count)} {_grades(count)}, counting {_counting(record, reading, stated)}{with_others}."
    return Held("confirmed", why, number, _evidence(record, reading, count))


def _contradicted(record: Record, reading: Reading, count: Count, agreeing: Sequence[Count]) -> Held:
    number = _number(record, reading, count)
    others = ", ".join(f"{_shown(other.value, other)} {_grades(other)}" for other in agreeing)
    why = f"{_shown(number, count)} {_grades(count)}, counting {_counting(record, reading)}"
    return Held("contradicted", f"{why}, where the text's {others} agree.", number, _evidence(record, reading, count))


def _unanchored(record: Record, best: Reading | None, count: Count, published: str | None) -> str:
    if best is not None and _agrees(count, _number(record, best, count)):
        return f"It would agree with {_counting(record, best)}, but nothing in the text says that this is meant."
    if not published:
        return "The article has no day, and too few of its counts agree with one cut-off."
    return "No cut-off in the 15 months before the article gives this number, and no other count says what is counted."


def _shift(day: str, by: timedelta) -> str:
    return (date.fromisoformat(day) + by).isoformat()
