"""The calendar day on which something was published, as a British reader understands what is printed.

Numbers are read day first, unless the reader is told that a site prints them month first, as Americans do.
Days are "YYYY-MM-DD". An instant with an offset is the day it was in London; a day that does not exist, or that
stands before the web does, is no day; nothing is ever taken from the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
EARLIEST, LATEST = 1990, 2100  # years
MONTH_FIRST = "month first"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?P<year>\d{4}|['’]?\d{2})(?![\w:]|\.\d)"
_UNMISTAKEN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d/.-])(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?![\d/-])",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -]?(?:of )?{_MONTH},?[ -]?{_YEAR}",
        rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}",
    )
)
_DAY_FIRST, _MONTH_FIRST = (
    re.compile(rf"(?<![\d/.-])(?P<{one}>\d{{1,2}})(?P<by>[/.-])(?P<{other}>\d{{1,2}})(?P=by){_YEAR}(?![/.-]\d)")
    for one, other in (("day", "month"), ("month", "day"))
)
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ].*)?")
_RFC_2822 = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}.*")
_IN_ADDRESS = re.compile(r"/(20\d{2}|199\d)[/-](\d{1,2}|[a-z]{3})[/-](\d{1,2})(?=[/-]|$)", re.IGNORECASE)


class Printed(NamedTuple):
    """A date in a line: its day, and where it stands."""

    start: int
    end: int
    day: str


def is_month_first(selectors: Mapping[str, Any]) -> bool:
    """Whether the pages that a block of the registry describes print 9/11/2026 for the eleventh of September."""
    return selectors.get("dates") == MONTH_FIRST


def day_of(value: str, *, month_first: bool = False) -> str | None:
    """The day of a machine-readable date or instant, or else the first one printed in `value`."""
    value = value.strip()[:200]
    moment: datetime | None = None
    try:
        if _ISO.fullmatch(value):
            moment = datetime.fromisoformat(value)
        elif _RFC_2822.fullmatch(value):
            moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        pass  # an ISO day with a time nobody can read is still that day, below
    if moment is not None:
        if not EARLIEST <= moment.year <= LATEST:
            return None
        return (moment.astimezone(LONDON) if moment.tzinfo else moment).date().isoformat()
    return next((printed.day for printed in printed_days(value, month_first=month_first)), None)


def printed_days(line: str, *, month_first: bool = False) -> Iterator[Printed]:
    """Every day printed in a line, in order, impossible ones left out."""
    found: list[Printed] = []
    for pattern in (*_UNMISTAKEN, _MONTH_FIRST if month_first else _DAY_FIRST):
        for match in pattern.finditer(line):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            if day := _day(match["year"], match["month"], match["day"]):
                found.append(Printed(match.start(), match.end(), day))
    yield from sorted(found)


def day_in_address(path: str) -> str | None:
    """The day an address is filed under ("/2026/03/31/", "/2026/mar/31/"), None where it has none."""
    match = _IN_ADDRESS.search(path)
    return _day(*match.groups()) if match else None


def _day(year: str, month: str, day: str) -> str | None:
    number = int(year.lstrip("'’"))
    if number < 100:
        number += 1900 if number >= EARLIEST % 100 else 2000
    if not EARLIEST <= number <= LATEST:
        return None
    try:
        return date(number, _month(month), int(day)).isoformat()
    except ValueError:
        return None


def _month(month: str) -> int:
    return int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
