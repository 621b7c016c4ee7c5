"""`onrecord add`: single pages into the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from onrecord.inputs import pages
from pipelines.archive import archive_in
from pipelines.article import NotAnArticle, read_article
from pipelines.desk import now
from pipelines.extract import extract_stored
from pipelines.relevance import score
from pipelines.schema import open_database
from pipelines.store import store_article
from pipelines.stories import group_stories
from pipelines.who import load_organisations


def add(paths: Iterable[Path], database: Path) -> int:
    """Archives, stores and extracts each page; exit 2 if any held no article, or could not be extracted.

    What a person adds is kept whatever its topic; its relevance is stored.
    """
    given = list(pages(paths))
    database.parent.mkdir(parents=True, exist_ok=True)
    db = open_database(database)
    load_organisations(db)
    outcomes: Counter[str] = Counter()
    for path, page in given:
        page.fetched_at = now()
        try:
            article = read_article(page)
        except NotAnArticle as error:
            click.echo(f"onrecord: {path} holds no article: {error}.", err=True)
            outcomes["refused"] += 1
            continue
        article.relevance = score(article).score
        page.archive_file, page.archive_offset = archive_in(database.parent / "archive").write(page)
        stored = store_article(db, article, seen_at=page.fetched_at, page=page)
        outcomes[stored.outcome] += 1
        if stored.outcome != "unchanged" and extract_stored(db, stored.id, at=now()) is None:
            click.echo(f"onrecord: {path} is stored, but extraction failed.", err=True)
            outcomes["refused"] += 1
    group_stories(db)
    db.close()
    click.echo(
        ", ".join(f"{outcomes[name]} {name}" for name in ("new", "changed", "unchanged") if outcomes[name])
        or "nothing added"
    )
    return 2 if outcomes["refused"] else 0
