"""How a body's stances on a topic went: by year, or by month where that is short enough to see."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from onrecord.review import wording
from onrecord.review.page import rows
from onrecord.review.plots import Mark, balance
from onrecord.review.stances_leaning import POLARITIES, Leaning, leaning, tally
from onrecord.review.stances_period import Period

NEITHER = ("mixed", "neutral")
_BY_MONTH = 2  # years, at most


@dataclass(frozen=True, slots=True)
class Time:
    """A year or a month, with its stances by polarity."""

    when: Period
    counts: Mapping[str, int]

    @property
    def stances(self) -> int:
        return sum(self.counts.values())

    @property
    def neither(self) -> int:
        return sum(self.counts[name] for name in NEITHER)

    @property
    def leaning(self) -> Leaning:
        return leaning(self.counts)


def times(connection: sqlite3.Connection, organisation: int, topic: str, when: Period) -> list[Time]:
    """The years from the first to the last with stances, or the months of no more than two; none of them is left out.

    Of a period inside one year, all months of that year, so that one can go from month to month.
    """
    of = {"id": organisation, "topic": topic}
    wide = Period(when.year, when.year) if when.year else when
    years = [row["year"] for row in rows(connection, _YEARS, {**of, **wide.years})]
    if not years:
        return []
    if int(years[-1]) - int(years[0]) >= _BY_MONTH:
        counted = rows(connection, _BY_YEAR, {**of, **wide.years})
        names = [f"{year:04}" for year in range(int(years[0]), int(years[-1]) + 1)]
    else:
        counted = rows(connection, _MONTHS, {**of, **wide.bounds})
        names = [f"{year:04}-{month:02}" for year in range(int(years[0]), int(years[-1]) + 1) for month in range(1, 13)]
        if not when.year:
            names = [it for it in names if counted[0]["time"] <= it <= counted[-1]["time"]]
    by_time = {row["time"]: row for row in counted}
    nothing = dict.fromkeys(POLARITIES, 0)
    return [Time(Period(name, name), {it: by_time.get(name, nothing)[it] for it in POLARITIES}) for name in names]


def picture(these: Sequence[Time], about: str, address: str) -> Markup:
    """The timeline drawn: what is for it above the line, what is against it below; `address` is the page's own."""

    def mark(it: Time, value: int, words: str, polarity: str) -> Mark:
        leads_to = f"{address}?{it.when.query(polarity=polarity)}#evidence"
        return Mark(value, f"{it.when}: {wording.number(value)} {words}", polarity, leads_to)

    marks = [
        (
            mark(it, it.counts["supportive"], "supportive", "supportive"),
            mark(it, it.counts["critical"], "critical", "critical"),
            mark(it, it.neither, "mixed or neutral", "neither"),
        )
        for it in these
    ]
    told = "; ".join(f"{it.when}: {tally(it.counts)}" for it in these if it.stances)
    return balance(marks, f"{about}. {told}")


_IN_TIME = "(:first IS NULL OR year >= :first) AND (:last IS NULL OR year <= :last) AND year <> ''"
_YEARS = f"""
    SELECT year FROM stance_counts WHERE organisation_id = :id AND topic = :topic AND {_IN_TIME} ORDER BY year
"""  # noqa: S608 (a constant)
_BY_YEAR = f"""
    SELECT year AS time, * FROM stance_counts WHERE organisation_id = :id AND topic = :topic AND {_IN_TIME}
"""  # noqa: S608 (a constant)
_MONTHS = """
    SELECT substr(published, 1, 7) AS time, sum(shown_polarity = 'supportive') AS supportive,
        sum(shown_polarity = 'critical') AS critical, sum(shown_polarity = 'mixed') AS mixed,
        sum(shown_polarity = 'neutral') AS neutral
    FROM stances INDEXED BY stances_matrix
    WHERE shown_organisation_id = :id AND shown_topic = :topic AND review_status IS NOT 'rejected'
    AND published >= ifnull(:since, '') AND published < ifnull(:until, '~')
    GROUP BY time ORDER BY time
"""
