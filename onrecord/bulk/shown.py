"""What a person sees of a bulk extraction: a line of progress on a terminal, and the summary at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Told = Mapping[str, Mapping[str, Any]]  # of each part that is whole, what its last file says


class Tick(Protocol):
    """Called when something is done, with the parts that are."""

    def __call__(self, done: Told) -> None: ...


@contextmanager
def shown(what: str, total: int) -> Iterator[Tick]:
    """A progress bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    found = TextColumn("{task.fields[found]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), found, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal or not total) as bar:
        task = bar.add_task(what, total=total, found="")

        def tick(done: Told) -> None:
            counts = totals(done)
            bar.update(task, advance=1, found=f"{counts['pages']:,} pages, {counts['quotes']:,} quotes")

        yield tick


def totals(done: Told) -> Counter[str]:
    """The counts of all parts together."""
    counts: Counter[str] = Counter()
    for told in done.values():
        counts.update(told["counts"])
    return counts


def summary(done: Told, before: int) -> str:
    """What there is now, in one sentence."""
    counts = totals(done)
    return (
        f"{counts['pages']:,} pages in {len(done):,} parts ({before:,} were done before):"
        f" {counts['articles']:,} articles with {counts['quotes']:,} quotes, {counts['off_topic']:,} off topic,"
        f" {counts['no_page']:,} passed over, {counts['failed']:,} failed."
    )
