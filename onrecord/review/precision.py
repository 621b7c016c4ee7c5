"""How often each rule, source or level of confidence is right, as far as people have read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import Literal

from onrecord.review.standing import Standing

By = Literal["rule", "source", "confidence"]
_Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Precision:
    """What people decided on one kind of record of one group; `low` and `high` bound the share that is right."""

    kind: str
    group: str
    decided: int
    right: int
    corrected: int
    rejected: int

    @property
    def share(self) -> float:
        return self.right / self.decided

    @property
    def low(self) -> float:
        return wilson(self.right, self.decided)[0]

    @property
    def high(self) -> float:
        return wilson(self.right, self.decided)[1]


def precision(decisions: Iterable[Standing], by: By) -> list[Precision]:
    """One row for each kind and group, most decided first. A record that was corrected was not right.

    Decisions count for the rule, and at the confidence, that the record had when it was read.
    """
    groups: dict[tuple[str, str], Counter[str]] = {}
    for decision in decisions:
        groups.setdefault((decision.kind, _GROUPS[by](decision)), Counter())[decision.verdict] += 1
    rows = [
        Precision(kind, group, votes.total(), votes["accepted"], votes["corrected"], votes["rejected"])
        for (kind, group), votes in groups.items()
    ]
    return sorted(rows, key=lambda row: (row.kind, -row.decided, row.group))


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, which holds for few and for extreme ones too (Wilson's score interval)."""
    share = right / of
    middle = share + _Z**2 / (2 * of)
    reach = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    low, high = ((middle + side * reach) / (1 + _Z**2 / of) for side in (-1, 1))
    return max(low, 0.0), min(high, 1.0)


def _band(decision: Standing) -> str:
    """The tenth that the confidence lies in."""
    if (confidence := decision.row["confidence"]) is None:
        return "(not noted)"
    tenth = min(floor(confidence * 10), 9)
    return f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}"


_GROUPS: Mapping[By, Callable[[Standing], str]] = {
    "rule": lambda decision: decision.row["rule"] or "(not noted)",
    "source": lambda decision: decision.row["source_id"] or "(none)",
    "confidence": _band,
}
