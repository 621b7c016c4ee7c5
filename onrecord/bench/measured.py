"""What a measurement gives: rows of the table, and a section with what lies behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A number beside its yardstick of the same run, and what is wanted: of it, or of how many times the yardstick."""

    what: str
    measured: float
    unit: str
    yardstick: str = ""
    beside: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    times_at_least: float | None = None
    times_at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the yardstick it is; None without one."""
        return self.measured / self.beside if self.beside else None

    @property
    def wanted(self) -> str:
        """What is wanted, in words; "" for what is only told."""
        limits = [
            ("at least", self.at_least, f" {self.unit}"),
            ("at most", self.at_most, f" {self.unit}"),
            ("at least", self.times_at_least, " times"),
            ("at most", self.times_at_most, " times"),
        ]
        return ", ".join(f"{how} {limit:,g}{unit}".strip() for how, limit, unit in limits if limit is not None)

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted; None where nothing is wanted."""
        held = [self.measured >= self.at_least] if self.at_least is not None else []
        held += [self.measured <= self.at_most] if self.at_most is not None else []
        if self.ratio is not None:
            held += [self.ratio >= self.times_at_least] if self.times_at_least is not None else []
            held += [self.ratio <= self.times_at_most] if self.times_at_most is not None else []
        return all(held) if held else None


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of numbers: bars, one below the other, each with its label and what it says."""

    name: str  # of its file
    title: str
    bars: Sequence[tuple[str, float, str]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one measurement found; `table` has its head first."""

    title: str
    rows: Sequence[Row]
    text: str
    table: Sequence[Cells] = ()
    plots: Sequence[Plot] = ()
