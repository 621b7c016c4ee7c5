"""How much is measured: enough for steady numbers, or (`--quick`) just enough to see that all of it works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parents[2] / "build/bench"  # large files are made once


@dataclass(frozen=True, slots=True)
class Size:
    """Of one run: how often everything takes its turn, and how much there is of it."""

    turns: int
    articles: int  # that each of some sites carries beside its own, in the night
    texts: int  # that are extracted
    reread: int  # articles that are extracted again
    quotes: tuple[int, ...]  # in files of growing size
    stored: int  # articles that are stored into each of these
    rounds: int  # in which each page is asked for
    starts: int  # turns of what takes no time
    cache: Path = CACHE


FULL = Size(3, 84, 120, 800, (10_000, 100_000, 1_000_000), 60, 6, 15)
QUICK = Size(1, 1, 10, 4, (3_000,), 3, 3, 2)
