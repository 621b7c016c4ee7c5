"""What a person sees of a night: a line of progress on a terminal, and the summary at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from onrecord.ledger import COUNTS, RECORDS, SourceNight
from onrecord.terminal import escape

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Tick(Protocol):
    """Called now and then with the crawls so far and the number of sources that are done."""

    def __call__(self, crawlers: Sequence[Crawler], done: int) -> None: ...


@contextmanager
def progress(console: Console, sources: int) -> Iterator[Tick]:
    """A progress bar on a terminal, nothing elsewhere."""
    found = TextColumn("{task.fields[found]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), found, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("sources", total=sources, found="")

        def tick(crawlers: Sequence[Crawler], done: int) -> None:
            stats = [crawler.stats.get_stats() for crawler in crawlers if crawler.stats is not None]
            fetched = sum(s.get("onrecord/fetched", 0) for s in stats)
            quotes = sum(s.get("onrecord/new_quotes", 0) for s in stats)
            bar.update(task, completed=done, found=f"{fetched} pages, {quotes} new quotes")

        yield tick


def summary(nights: Sequence[SourceNight]) -> Table:
    """Per source what was listed, fetched …, then the new records of all. Fits 80 columns."""
    shown = [name for name in COUNTS if name != "blocked" or any(night.counts[name] for night in nights)]
    table = Table(
        title="Tonight",
        title_justify="left",
        caption_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
        header_style="dim",
    )
    table.add_column("source", no_wrap=True)
    for name in shown:
        table.add_column(
            name.replace("_", "\n").replace("unchanged", "un-\nchanged"), justify="right", vertical="bottom"
        )
    table.add_column("verdict", no_wrap=True)
    for night in nights:
        colour = "red" if night.is_trouble else "yellow" if night.verdict == "skipped" else "green"
        numbers = [str(night.counts[name] or "·") for name in shown]
        same = ", same" if night.same else ""
        table.add_row(escape(night.source.id), *numbers, f"[{colour}]{night.verdict}[/]{same}")
    new = ", ".join(f"{sum(night.records[name] for night in nights)} {name}" for name in RECORDS)
    table.caption = f"New: {new}"
    return table
