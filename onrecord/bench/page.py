"""docs/performance.md, and its plots: the numbers of one run, and the machine that gave them."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from nlp.build import EXTRACTOR
from onrecord.bench.measured import Cells, Measured, Row
from onrecord.bench.plots import drawn

PAGE = Path(__file__).parents[2] / "docs/performance.md"
HEAD: Cells = ("what", "measured", "yardstick in the same run", "ratio", "wanted", "met?")

_INTRODUCTION = """\
# The performance

What onrecord costs, each number beside a yardstick that was measured in the same run, in turn with it. `make bench`
measures and writes this page. Numbers of one run compare with each other alone: another machine, or another hour of
this one, gives others.
"""
_MET = {True: "yes", False: "**no**", None: ""}


def write(page: Path, measured: Sequence[Measured]) -> None:
    """Writes the page, and its plots into the folder of its name beside it."""
    page.write_text(text(measured, page.stem), encoding="utf-8")
    plots = page.with_suffix("")
    plots.mkdir(exist_ok=True)
    for one in measured:
        for plot in one.plots:
            (plots / f"{plot.name}.svg").write_text(drawn(plot), encoding="utf-8")


def text(measured: Sequence[Measured], folder: str) -> str:
    """The page, in Markdown."""
    rows = [cells(row) for one in measured for row in one.rows]
    parts = [_INTRODUCTION, _machine(), table([HEAD, *rows])]
    for one in measured:
        parts += [f"## {one.title}", one.text]
        parts += [table(one.table)] if one.table else []
        parts += [f"![{plot.title}]({folder}/{plot.name}.svg)" for plot in one.plots]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def table(rows: Iterable[Cells]) -> str:
    """A table in Markdown; the first row is its head."""
    head, *rest = rows
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rest))


def cells(row: Row) -> Cells:
    """The row of the table."""
    beside = "" if row.beside is None else f"{row.yardstick}: {_number(row.beside)} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return [row.what, f"{_number(row.measured)} {row.unit}", beside, ratio, row.wanted, _MET[row.met]]


def _number(value: float) -> str:
    """With three digits that tell, and not in powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("scrapy", "spacy", "datasette"))
    return (
        f"{datetime.now(UTC):%-d %B %Y}; {os.cpu_count()} cores, {_processor()}; {platform.system()},"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}; extractor `{EXTRACTOR}`."
    )


def _processor() -> str:
    """The model of the processor, as the system tells it."""
    try:
        known = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in known.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
