"""`onrecord sources`: the registry, and what a source would give tonight."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sqlite_utils import Database

from onrecord.crawl import crawl, crawl_settings, insist_on_contact
from onrecord.errors import CannotRun
from onrecord.ledger import judged
from onrecord.progress import progress
from onrecord.terminal import escape
from pipelines.crosscheck import BAD
from pipelines.schema import open_database
from pipelines.who import load_organisations
from spiders.registry import REGISTRY, Source, read_registry

_TRIED = 3  # articles that `try` reads
_SHOWN = 10  # listed items that `try` shows


def _source(name: str, registry: Path | None) -> Source:
    sources = read_registry(registry or REGISTRY)
    if name not in sources:
        raise CannotRun(f"There is no source {name!r}: `onrecord sources list` shows them.")
    return sources[name]


def list_all(registry: Path | None) -> int:
    """Prints every source: id, name, ways of listing, and its state."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for head in ("source", "name", "listing", "state"):
        table.add_column(head, no_wrap=head == "source")
    for source in read_registry(registry or REGISTRY).values():
        state = f"{source.state}; {source.skipped}" if source.skipped else source.state
        ways = ", ".join(sorted({listing.type for listing in source.listing}))
        table.add_row(*map(escape, (source.id, source.name, ways, state)))
    Console().print(table)
    return 0


def show_one(name: str, registry: Path | None) -> int:
    """Prints what the registry knows of a source."""
    source = _source(name, registry)
    rows = {
        "name": source.name,
        "publishes": source.kind,
        "own site of": source.publisher,
        "home": source.home,
        "hosts": ", ".join(source.hosts),
        "listings": "\n".join(f"{listing.type} {listing.url}" for listing in source.listing),
        "page": _block(source.article),
        **{f"page until {block['until']}": _block(block) for block in reversed(source.former)},
        "floor": f"{source.floor} items listed",
        "verified": "yes" if source.verified else "no: it is built on what is known of the site, not on the live site",
        "disabled": source.disabled,
        "terms": source.terms,
    }
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")  # addresses are shown whole
    for key, value in rows.items():
        if value:
            table.add_row(f"[bold]{key}[/]", "\n".join(map(escape, value.split("\n"))))
    Console().print(table)
    return 0


def _block(article: Mapping[str, Any]) -> str:
    """How pages are read, a line for each key."""
    return "\n".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in article.items() if key != "until"
    )


def try_one(name: str, registry: Path | None) -> int:
    """Crawls a source into a database that is thrown away, and prints what came; exit 1 if that is not well."""
    source = _source(name, registry)
    if source.skipped:
        raise CannotRun(f"The source {name!r} can't be tried: {source.skipped}.")
    console = Console()
    with TemporaryDirectory() as folder:
        database = Path(folder, "try.db")
        settings = crawl_settings(database, registry)
        settings.set("CLOSESPIDER_ITEMCOUNT", _TRIED, priority="cmdline")
        insist_on_contact([source], settings)
        db = open_database(database)
        load_organisations(db)
        _store_stub(db, source)
        logging.getLogger().setLevel(logging.CRITICAL)
        with progress(Console(stderr=True), 1) as tick:
            [(_, crawler)] = crawl([source], settings, tick)
        assert crawler.stats is not None
        stats = crawler.stats.get_stats()
        night = judged(source, stats)
        console.print(f"[bold]{escape(source.name)}[/]: {night.verdict}. {_requests(stats)}", highlight=False)
        if night.note:
            console.print(escape(night.note), soft_wrap=True, highlight=False)
        _show_listed(console, db)
        _show_articles(console, db)
        db.close()
    return 0 if night.verdict == "ok" else 1


def _requests(stats: Mapping[str, Any]) -> str:
    """How many requests were made, robots.txt among them, and how they were answered."""
    answers = "downloader/response_status_count/"
    told = [f"{stats[key]} × {key.removeprefix(answers)}" for key in sorted(stats) if key.startswith(answers)]
    return f"{stats.get('downloader/request_count', 0)} requests made (answers: {', '.join(told) or 'none'})."


def _store_stub(db: Database, source: Source) -> None:
    db.table("sources").insert({"id": source.id, "name": source.name, "kind": source.kind})


def _show_listed(console: Console, db: Database) -> None:
    listed = list(db.query("SELECT url, listed FROM pages WHERE role = 'article' ORDER BY id"))
    console.print(
        f"\n[bold]Listed:[/] {len(listed)} items" + (f", of which the first {_SHOWN}:" if len(listed) > _SHOWN else "")
    )
    for row in listed[:_SHOWN]:
        said = json.loads(row["listed"])
        console.print(
            f"  {escape(said.get('published', 'no date'))}  {escape(said.get('title', 'no title'))}",
            soft_wrap=True,
            highlight=False,
        )
        console.print(f"  [dim]{escape(row['url'])}[/]", soft_wrap=True, highlight=False)


def _show_articles(console: Console, db: Database) -> None:
    articles = list(db.query("SELECT * FROM articles ORDER BY id LIMIT 1"))
    if not articles:
        reasons = [row["note"] for row in db.query("SELECT DISTINCT note FROM pages WHERE note IS NOT NULL LIMIT 3")]
        console.print(
            f"\nNo article on topic was read: {escape('; '.join(reasons) or 'nothing was listed')}", soft_wrap=True
        )
        return
    article = articles[0]
    quotes = list(
        db.query("SELECT person, organisation, quote FROM statements WHERE url = ? LIMIT 3", [article["url"]])
    )
    console.print(f"\n[bold]One article:[/] {escape(article['url'])}", soft_wrap=True, highlight=False)
    text = article["text"]
    fields = {
        "title": article["title"],
        "published": f"{article['published'] or 'no date'} ({article['date_method'] or 'none printed'})",
        "standfirst": article["standfirst"],
        "byline": article["byline"],
        "body": f"{article['words']} words ({article['body_method']}): {text[:120]} … {text[-80:]}",
        "second reading": _second_reading(article["disagreement"]),
        "relevance": str(article["relevance"]),
    }
    for key, value in fields.items():
        console.print(
            f"  [bold]{key}[/] {escape(' '.join((value or 'none').split()))}", soft_wrap=True, highlight=False
        )
    for quote in quotes:
        who = ", ".join(filter(None, (quote["person"], quote["organisation"]))) or "nobody known"
        console.print(
            f"  [bold]quote[/] {escape(who)}: {escape(quote['quote'][:160])}", soft_wrap=True, highlight=False
        )


def _second_reading(disagreement: float | None) -> str:
    if disagreement is None:
        return "not compared"
    return f"by trafilatura: {disagreement:.0%} of the words differ" + (", which is bad" if disagreement > BAD else "")
