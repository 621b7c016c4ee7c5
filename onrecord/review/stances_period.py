"""The time that a page about stances looks at: years or months of an address, both included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from onrecord.review import wording
from onrecord.review.selection import BadAddress

_SHAPE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_AFTER_ALL = "~"  # behind every character of a day


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of `since` to the end of `until`, each "2026" or "2026-04"; None: without a bound."""

    since: str | None = None
    until: str | None = None

    @property
    def bounds(self) -> dict[str, str | None]:
        """For SQL: a day is in it that is `>= :since` and `< :until`; None where there is no such bound."""
        return {"since": self.since, "until": self.until and self.until + _AFTER_ALL}

    @property
    def years(self) -> dict[str, str | None]:
        """For SQL over years, both included."""
        return {"first": self.since and self.since[:4], "last": self.until and self.until[:4]}

    @property
    def year(self) -> str | None:
        """The one year that it lies in."""
        return self.since[:4] if self.since and self.until and self.since[:4] == self.until[:4] else None

    def query(self, **more: object) -> str:
        """The query of an address that asks for it, and for `more`; None leaves a thing out."""
        asked = {"from": self.since, "to": self.until, **more}
        return urlencode({name: value for name, value in asked.items() if value is not None})

    def __str__(self) -> str:
        first, last = (_said(it) for it in (self.since, self.until))
        if first and last:
            return first if first == last else f"{first} to {last}"
        return f"since {first}" if first else f"until {last}" if last else ""


def period(arguments: Mapping[str, str]) -> Period:
    """What the query of an address asks for; empty fields ask for nothing. Raises BadAddress."""
    since, until = (arguments.get(name, "").strip() or None for name in ("from", "to"))
    for name, value in (("from", since), ("to", until)):
        if value and not _SHAPE.fullmatch(value):
            raise BadAddress(f"{name} is a year or a month, as 2026 or 2026-04.")
    return Period(since, until)


def _said(value: str | None) -> str:
    return wording.month(value) if value and "-" in value else value or ""
