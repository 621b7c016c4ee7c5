"""The published record in memory: inspections of councils, counted by grade, framework and day."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal, NamedTuple

from sqlite_utils import Database

from nlp.graded import grade_of
from pipelines.inspections import OVERALL

# first: the first inspection of each council; latest: its latest; all: every one.
Mode = Literal["first", "latest", "all"]


class Judgment(NamedTuple):
    """A grade as the scale names it and as printed, with its row in outcomes."""

    grade: str | None
    printed: str | None
    id: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """An inspection as it stands in the record."""

    council: int
    framework: str
    kind: str
    day: str
    judgments: Mapping[str, Judgment]

    def judgment(self, wanted: Sequence[str] = ()) -> Judgment | None:
        """The first of the judgments wanted; the overall one, or what stood for it, where none is."""
        # Before 2012 a council's safeguarding and its looked-after children were judged apart.
        return next(
            (self.judgments[name] for name in wanted or (OVERALL, "safeguarding") if name in self.judgments), None
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to count the record: which inspections, under which framework (None: any), from which day up to which."""

    framework: str | None
    mode: Mode
    until: str
    since: str = ""


class Record:
    """All inspections, by day."""

    def __init__(self, inspections: Iterable[Recorded]) -> None:
        self.inspections = sorted(inspections, key=lambda it: (it.day, it.council, it.framework, it.kind))
        self._counted: dict[Reading, list[Recorded]] = {}
        self._graded: dict[tuple[Reading, Sequence[str]], Counter[str | None]] = {}

    @classmethod
    def of(cls, db: Database) -> Record:
        """The record of a file."""
        rows = db.execute(
            "SELECT organisation_id, framework, inspection, day, judgment, grade, id FROM outcomes"
            " ORDER BY organisation_id, framework, inspection, day, judgment"
        ).fetchall()
        return cls(
            Recorded(
                council, framework, kind, day, {row[4]: Judgment(grade_of(row[5]), row[5], row[6]) for row in told}
            )
            for (council, framework, kind, day), told in groupby(rows, key=lambda row: row[:4])
        )

    @cached_property
    def days(self) -> list[str]:
        """The days on which the counts change."""
        return sorted({inspection.day for inspection in self.inspections})

    @property
    def last(self) -> str:
        """The day up to which the record goes."""
        return self.days[-1] if self.days else ""

    @cached_property
    def spans(self) -> Mapping[str, tuple[str, str]]:
        """The first and the last day of each framework."""
        spans: dict[str, tuple[str, str]] = {}
        for it in self.inspections:
            spans[it.framework] = (spans.get(it.framework, (it.day, ""))[0], it.day)
        return spans

    def changes(self, since: str, until: str) -> list[str]:
        """The days from one to another on which the counts change."""
        return self.days[bisect_right(self.days, since) - (since in self.days) : bisect_right(self.days, until)]

    def same_since(self, day: str) -> str:
        """The last day until `day` on which the counts changed, or the day itself before the first."""
        n = bisect_right(self.days, day)
        return self.days[n - 1] if n else day

    def same_until(self, day: str) -> str | None:
        """The first day after `day` on which the counts change; None at the end of the record."""
        n = bisect_right(self.days, day)
        return self.days[n] if n < len(self.days) else None

    def counted(self, reading: Reading) -> list[Recorded]:
        """The inspections that a reading counts."""
        if reading not in self._counted:
            self._counted[reading] = self._count(reading)
        return self._counted[reading]

    def graded(self, reading: Reading, judgments: Sequence[str] = ()) -> Counter[str | None]:
        """How many inspections a reading counts, by their grade."""
        if (reading, judgments) not in self._graded:
            told = [it.judgment(judgments) for it in self.counted(reading)]
            self._graded[reading, judgments] = Counter(judgment.grade for judgment in told if judgment)
        return self._graded[reading, judgments]

    def _count(self, reading: Reading) -> list[Recorded]:
        told = [
            it
            for it in self.inspections
            if reading.since <= it.day <= reading.until and reading.framework in {None, it.framework}
        ]
        if reading.mode == "all":
            return told
        by_council: dict[int, Recorded] = {}
        for it in told:
            if reading.mode == "latest" or it.council not in by_council:
                by_council[it.council] = it
        return list(by_council.values())

    def of_council(self, council: int, until: str) -> list[Recorded]:
        """The inspections of a council up to a day, the latest first."""
        return [it for it in reversed(self.inspections) if it.council == council and it.day <= until]
