"""How soon a command is there."""

from __future__ import annotations

from onrecord.bench.measured import Measured, Row
from onrecord.bench.processes import start
from onrecord.bench.size import Size
from onrecord.bench.turns import interleaved


def measure(size: Size) -> Measured:
    """`onrecord --help` and a Python that does nothing in turn."""
    ours, theirs = interleaved(size.starts, lambda: start("-m", "onrecord", "--help"), lambda: start("-c", "pass"))
    return Measured(
        "Beginning",
        [Row("onrecord --help", ours, "s", "python -c pass", theirs, at_most=0.3)],
        "From the start of the process to its end.",
    )
