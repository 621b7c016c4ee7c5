"""When to ask again for what nobody says has changed: the longer it has stayed the same, the more seldom."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor, log

from pipelines.keys import digest

LONGEST = 30  # nights from one time to the next
_PART = 4  # an interval is a quarter of the time for which nothing has changed, and one night at least


def is_due(url: str, since: str, last: str, at: str) -> bool:
    """Whether a page that has been the same since `since` is to be asked for at `at`; the night before was `last`.

    It is where the times that it should have been asked for pass a whole number from one night to the other: so
    nothing has to be remembered, nights left out are made up for, and each address has nights of its own.
    """
    begun = int(digest(url)[:8], 16) / 2**32
    return floor(_times(_nights(since, at)) + begun) > floor(_times(_nights(since, last)) + begun)


def _times(nights: int) -> float:
    """How often to have asked for what has been the same for so long: the sum of 1 / interval over these nights."""
    growing = min(max(nights, _PART), LONGEST * _PART)  # before, each night; after, at the longest interval
    return min(nights, _PART) + _PART * log(growing / _PART) + (max(nights, growing) - growing) / LONGEST


def _nights(since: str, until: str) -> int:
    """Nights between two times; one needn't begin at the same minute as another."""
    passed = datetime.fromisoformat(until) - datetime.fromisoformat(since)
    return max(0, round(passed / timedelta(days=1)))
