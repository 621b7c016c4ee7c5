"""`python -m onrecord.newsroom.demo DATABASE`: a whole night against the newsroom, and what came of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from onrecord.newsroom.server import Newsroom
from onrecord.newsroom.sites import KEY


def main(database: Path) -> int:
    """Makes the file anew, runs the night, prints the summary and three statements; gives the night's exit code."""
    # Read by spiders.settings when it is imported: our own sites are on this machine and need no rest.
    os.environ |= {"ONRECORD_LOOPBACK": "1", "ONRECORD_DELAY": "0", "NEWSROOM_API_KEY": KEY}
    from onrecord.nightly import nightly
    from pipelines.schema import open_database

    database.parent.mkdir(parents=True, exist_ok=True)
    for old in database.parent.glob(f"{database.name}*"):
        old.unlink()
    console = Console()
    with Newsroom() as newsroom:
        sites = len(newsroom.addresses)
        console.print(f"[bold]A night over {sites} invented sites on this machine[/] (onrecord/newsroom)\n")
        registry = database.with_name("sources.toml")
        registry.write_text(newsroom.registry, encoding="utf-8")
        code = nightly(database, registry, verbose=True)
    db = open_database(database, create=False)
    console.print("\n[bold]Three of the statements[/]")
    query = (
        "SELECT * FROM statements WHERE person IS NOT NULL AND organisation IS NOT NULL"
        " GROUP BY quote ORDER BY confidence DESC, length(quote) DESC LIMIT 3"
    )
    for row in db.query(query):
        who = ", ".join(filter(None, (row["person"], row["role"], row["organisation"])))
        console.print(f"\n“{escape(row['quote'])}”", soft_wrap=True, highlight=False)
        console.print(
            f"  [bold]{escape(who)}[/] — {escape(row['source'])}, {row['published']}", soft_wrap=True, highlight=False
        )
        console.print(f"  [dim]rule {row['rule']}, confidence {row['confidence']}[/]", highlight=False)
    db.close()
    shown = database if not database.is_relative_to(Path.cwd()) else database.relative_to(Path.cwd())
    console.print(
        f"\nOpen the file: [bold].venv/bin/onrecord serve --db {escape(str(shown))} --open[/]", soft_wrap=True
    )
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo/onrecord.db")))
