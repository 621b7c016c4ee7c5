"""Whether confidences mean what they say: how many records of a confidence, a kind or a rule are right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import floor

from onrecord.quality.judged import Judged

Grouping = Callable[[Judged], tuple[str, ...]]
_BELIEF = 20  # as many records as the present confidence of a rule counts for


@dataclass(frozen=True, slots=True)
class Reliability:
    """Records of one group: how many, how many of them right, and how many should be, by their confidences."""

    group: tuple[str, ...]
    records: int
    right: int
    expected: float

    @property
    def share(self) -> float:
        return self.right / self.records

    @property
    def said(self) -> float:
        """The mean of their confidences."""
        return self.expected / self.records

    @property
    def suggested(self) -> float:
        """The share with a prior: what is said counts for twenty records, so that a lucky hit makes no rule sure."""
        return (self.right + _BELIEF * self.said) / (self.records + _BELIEF)


def reliability(records: Iterable[Judged], group: Grouping) -> list[Reliability]:
    """One row for each group, in order of its name."""
    groups: dict[tuple[str, ...], list[Judged]] = {}
    for one in records:
        groups.setdefault(group(one), []).append(one)
    return [
        Reliability(name, len(those), sum(one.right for one in those), sum(one.confidence for one in those))
        for name, those in sorted(groups.items())
    ]


def by_bin(one: Judged) -> tuple[str, ...]:
    """The tenth that the confidence lies in; all below a half are one."""
    tenth = min(floor(one.confidence * 10), 9)
    return ("0.0 to 0.5",) if tenth < 5 else (f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}",)


def by_kind(one: Judged) -> tuple[str, ...]:
    """The kind of record."""
    return (one.kind,)


def by_rule(one: Judged) -> tuple[str, ...]:
    """The kind of record and the rule that made it."""
    return (one.kind, one.rule)
