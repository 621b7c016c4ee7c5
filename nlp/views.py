"""What a holder's stances on one topic add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from nlp.records import Polarity, Stance

_CALL = "call_for/"  # how the rule of a row begins that asks for something
_SHARE = 0.9  # of the weight of the stronger side, that the weaker one must have to count
_CALL_COUNTS = 0.5
_CALL_FOR_MONEY_COUNTS = 2  # beside what is said of its want, which is why it is called for


def views(stances: Iterable[Stance]) -> list[Stance]:
    """One row for each body (or person speaking for none) and topic: its surest row, with the polarity of all."""
    together: dict[tuple[str, str], list[Stance]] = defaultdict(list)
    for row in stances:
        together[(row.organisation.name if row.organisation else row.speaker or "", row.topic)].append(row)
    return sorted((_view(rows) for rows in together.values()), key=lambda row: (row.start, row.end, row.topic))


def _view(rows: list[Stance]) -> Stance:
    polarity = _added_up(rows)
    surest = max(rows, key=lambda row: (row.polarity == polarity, row.confidence))
    return replace(surest, polarity=polarity)


def _added_up(rows: list[Stance]) -> Polarity:
    """What the weightier rows say; both, where they weigh about the same."""
    supportive, critical = (
        sum(_weight(row) for row in rows if row.polarity in {side, "mixed"}) for side in ("supportive", "critical")
    )
    if not supportive and not critical:
        return "neutral"
    if min(supportive, critical) >= _SHARE * max(supportive, critical):
        return "mixed"
    return "supportive" if supportive > critical else "critical"


def _weight(row: Stance) -> float:
    """How much a row counts beside others: who calls for something finds it wanting, which is no second view.

    Only of money the call is the view. A row without a confidence is a reader's: it is certain.
    """
    counts: float = 1
    if row.rule.startswith(_CALL):
        counts = _CALL_FOR_MONEY_COUNTS if row.topic == "funding" else _CALL_COUNTS
    return (row.confidence or 1.0) * counts
