"""`make bench`: measures what onrecord costs and writes docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import click

from onrecord.bench import beginning, extraction, night, pages, reextraction, storing
from onrecord.bench.measured import Measured
from onrecord.bench.page import HEAD, PAGE, cells, table, write
from onrecord.bench.size import CACHE, FULL, QUICK, Size

MEASUREMENTS: Mapping[str, Callable[[Size], Measured]] = {
    "night": night.measure,
    "extraction": extraction.measure,
    "reextraction": reextraction.measure,
    "storing": storing.measure,
    "pages": pages.measure,
    "beginning": beginning.measure,
}


@click.command()
@click.option("--quick", is_flag=True, help="Little of everything, onto the screen: its numbers tell nothing.")
@click.option("--only", type=click.Choice([*MEASUREMENTS]), help="One measurement, printed; no page is written.")
@click.option("--page", type=click.Path(path_type=Path), help=f"Another page to write than {PAGE.name}.")
@click.option(
    "--cache", type=click.Path(path_type=Path), default=CACHE, show_default=True, help="Where large files are kept."
)
def main(*, quick: bool, only: str | None, page: Path | None, cache: Path) -> None:
    """Measure what onrecord costs."""
    size = replace(QUICK if quick else FULL, cache=cache)
    measured = []
    for name in [only] if only else MEASUREMENTS:
        click.echo(f"{name} …", err=True)
        measured.append(MEASUREMENTS[name](size))
    click.echo(table([HEAD, *(cells(row) for one in measured for row in one.rows)]))
    if only:
        click.echo(f"\n{measured[0].text}")
        click.echo(f"\n{table(measured[0].table)}" if measured[0].table else "")
    elif page or not quick:
        write(page or PAGE, measured)


if __name__ == "__main__":
    main()
