"""What a holder's stances on one topic add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from nlp.records import Polarity, Stance


def views(stances: Iterable[Stance]) -> list[Stance]:
    """One row for each body (or person speaking for none) and topic: its surest row, with the polarity of all."""
    together: dict[tuple[str, str], list[Stance]] = defaultdict(list)
    for row in stances:
        together[(row.organisation.name if row.organisation else row.speaker or "", row.topic)].append(row)
    return sorted((_view(rows) for rows in together.values()), key=lambda row: (row.start, row.end, row.topic))


def _view(rows: list[Stance]) -> Stance:
    said = {row.polarity for row in rows}
    added_up: Polarity = "neutral"
    if "mixed" in said or said >= {"supportive", "critical"}:
        added_up = "mixed"
    elif said & {"supportive", "critical"}:
        added_up = "supportive" if "supportive" in said else "critical"
    surest = max(rows, key=lambda row: (row.polarity == added_up, row.confidence))
    return replace(surest, polarity=added_up)
