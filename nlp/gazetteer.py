"""The organisations we know by name: the rows of data/organisations.csv, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from data import FOLDER
from nlp.lexicon import read_rows
from nlp.records import Organisation

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_LISTS = ("names", "acronyms", "places", "successor")


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """One body, with what it is called.

    `names` are full names beside the canonical `name`; `acronyms` count in this spelling only; `places` mean the
    body (a council) only where the context says so. Dates are as exact as they are known: YYYY, YYYY-MM or
    YYYY-MM-DD, both ends within; None where open or unknown. `successor` holds ids. `id` is empty for a body that
    data/organisations.csv does not list (see `with_own`).
    """

    id: str
    name: str
    kind: str
    gss_code: str | None = None
    names: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    successor: tuple[str, ...] = ()

    @property
    def organisation(self) -> Organisation:
        """The body as records name it."""
        return Organisation(self.name, self.id or None)

    @property
    def is_council(self) -> bool:
        """Councils share their names with places."""
        return self.kind.startswith("local_authority")

    @property
    def is_generic(self) -> bool:
        """A kind of body rather than one ("clinical commissioning group"): never a mention."""
        return self.kind == "generic_partner"

    def existed(self, day: str) -> bool:
        """Whether the body existed on a day (YYYY-MM-DD), as far as is known."""
        # ISO dates compare as strings, and a day counts as within the year or month that a limit names.
        since, until = self.valid_from or "", self.valid_to or "9999"
        return day[: len(since)] >= since and day[: len(until)] <= until


@cache
def organisations() -> tuple[GazetteerEntry, ...]:
    """Every row of data/organisations.csv, in order. Raises LexiconError."""
    return read_organisations(FOLDER / "organisations.csv")


@cache
def by_id() -> Mapping[str, GazetteerEntry]:
    """The same by id."""
    return {entry.id: entry for entry in organisations()}


def with_own(own: Iterable[GazetteerEntry]) -> tuple[GazetteerEntry, ...]:
    """The listed bodies with what else `own` calls them (entries of the same id), and those of `own` beside them."""
    own = tuple(own)
    called = {entry.id: entry for entry in own if entry.id}
    listed = (_also_called(entry, called[entry.id]) if entry.id in called else entry for entry in organisations())
    return (*listed, *(entry for entry in own if not entry.id))


def _also_called(entry: GazetteerEntry, own: GazetteerEntry) -> GazetteerEntry:
    return replace(entry, names=entry.names + own.names, acronyms=entry.acronyms + own.acronyms)


@cache
def by_place() -> Mapping[str, list[GazetteerEntry]]:
    """The councils of each place."""
    found: dict[str, list[GazetteerEntry]] = {}
    for entry in organisations():
        for place in entry.places if entry.is_council else ():
            found.setdefault(place, []).append(entry)
    return found


def read_organisations(path: Path) -> tuple[GazetteerEntry, ...]:
    """The rows of such a file. A bad date, a doubled id, an unknown successor: LexiconError, naming the line."""
    ids = {row["id"] for row in read_rows(path, required=("id", "name", "kind"))}

    def complaint(row: Mapping[str, str]) -> str | None:
        for column in ("valid_from", "valid_to"):
            if row[column] and not _DATE.fullmatch(row[column]):
                return f"{column} {row[column]!r} is no date (YYYY, YYYY-MM or YYYY-MM-DD)"
        if row["valid_from"] and row["valid_to"] and row["valid_from"] > row["valid_to"]:
            return "ends before it begins"
        unknown = [successor for successor in _parts(row["successor"]) if successor not in ids]
        return f"successor {unknown[0]!r} is no id here" if unknown else None

    return tuple(_entry(row) for row in read_rows(path, check=complaint))


def the_one(entries: Iterable[GazetteerEntry], day: str | None) -> GazetteerEntry:
    """Which of several bodies with one name (a council and its predecessor) is meant in a text of that day.

    The one that existed then; without a day, or where none or several did, the latest that has begun.
    """
    entries = list(entries)
    then = [entry for entry in entries if day and entry.existed(day)]
    return max(then or entries, key=lambda entry: (not entry.kind.endswith("_future"), entry.valid_to or "9999"))


def _entry(row: Mapping[str, str]) -> GazetteerEntry:
    single = {column: row[column] or None for column in ("gss_code", "valid_from", "valid_to")}
    lists = {column: _parts(row[column]) for column in _LISTS}
    return GazetteerEntry(id=row["id"], name=row["name"], kind=row["kind"], **single, **lists)  # type: ignore[arg-type]


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())
