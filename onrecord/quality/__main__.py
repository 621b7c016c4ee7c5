"""`make quality`: measures, writes docs/quality.md, and says what was gained and lost against the pinned scores."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from onrecord.errors import CannotRun
from onrecord.quality.measure import Quality, measure
from onrecord.quality.page import PAGE, page
from onrecord.quality.pins import changes, pin, read_pinned
from onrecord.quality.reliability import by_rule, reliability


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--pin", "pins", is_flag=True, help="Take today's scores as the ones that must not fall.")
@click.option("--calibrate", is_flag=True, help="Print how often each rule is right; write nothing.")
def main(folder: Path, *, pins: bool, calibrate: bool) -> None:
    """Measure extraction on annotated texts (FOLDER/documents, FOLDER/expected, FOLDER/news)."""
    try:
        quality = measure(folder)
        if calibrate:
            _print_rules(quality)
            return
        now = quality.pinned()
        if pins:
            pin(now)
        found = changes(read_pinned(), now)
    except CannotRun as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    PAGE.write_text(page(quality, found), encoding="utf-8")
    for change in found:
        click.echo(f"{'loss' if change.is_loss else 'gain'}: {change}")
    sys.exit(any(change.is_loss for change in found))


def _print_rules(quality: Quality) -> None:
    """What each line of data/lexicon/confidence.csv could say; a quote is as sure as its rule times its subject."""
    click.echo(f"{'kind':14}{'rule':26}records  right  share   said  suggested")
    for row in reliability(quality.judged, by_rule):
        kind, rule = row.group
        click.echo(
            f"{kind:14}{rule:26}{row.records:7}{row.right:7}{row.share:7.3f}{row.said:7.3f}{row.suggested:11.3f}"
        )


if __name__ == "__main__":
    main()
