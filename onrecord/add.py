"""`onrecord add`: single pages into the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from onrecord.extraction import insist_on_extraction
from onrecord.inputs import Given, is_address, pages
from onrecord.registered import read_as, source_of
from onrecord.terminal import say
from pipelines.archive import archive_in
from pipelines.article import NotAnArticle, read_article
from pipelines.checks import check_due
from pipelines.desk import now
from pipelines.extract import extract_stored
from pipelines.page import Article, Page
from pipelines.relevance import score
from pipelines.schema import open_database
from pipelines.store import store_article
from pipelines.stories import group_stories
from pipelines.tasks import seconds_to_read
from pipelines.urls import canonical_url
from pipelines.who import load_organisations
from pipelines.worker import Stopped, shared_worker
from spiders.registry import REGISTRY, Source, read_registry


def add(inputs: Sequence[str], database: Path, registry: Path | None = None) -> int:
    """Archives, stores and extracts each page, `inputs` being paths and addresses; exit 2 if any could not be.

    What a person adds is kept whatever its topic; its relevance is stored. A page of a source in the registry is read
    as that source's pages are, and this is said.
    """
    insist_on_extraction()
    sources = list(read_registry(registry or REGISTRY).values())
    given = _given(inputs, database)
    database.parent.mkdir(parents=True, exist_ok=True)
    db = open_database(database)
    load_organisations(db)
    outcomes: Counter[str] = Counter()
    with shared_worker():
        for _, where, page in given:
            page.fetched_at = page.fetched_at or now()
            if page.failure is not None:
                say(f"onrecord: {where} can't be had: {page.failure}.", err=True)
                outcomes["refused"] += 1
                continue
            try:
                article = _read(page, where, sources)
            except NotAnArticle as error:
                say(f"onrecord: {where} holds no article: {error}.", err=True)
                outcomes["refused"] += 1
                continue
            except Stopped as error:
                say(f"onrecord: {where} can't be read: it {error}.", err=True)
                outcomes["refused"] += 1
                continue
            article.relevance = score(article).score
            page.archive_file, page.archive_offset = archive_in(database.parent / "archive").write(page)
            asked = replace(page, url=canonical_url(page.asked))  # as a night remembers it
            stored = store_article(db, article, seen_at=page.fetched_at, page=asked)
            outcomes[stored.outcome] += 1
            if stored.outcome != "unchanged" and extract_stored(db, stored.id, at=now()) is None:
                say(f"onrecord: {where} is stored, but extraction failed.", err=True)
                outcomes["refused"] += 1
    group_stories(db)
    check_due(db)
    db.close()
    say(
        ", ".join(f"{outcomes[name]} {name}" for name in ("new", "changed", "unchanged") if outcomes[name])
        or "nothing added"
    )
    return 2 if outcomes["refused"] else 0


def _read(page: Page, where: str, sources: Sequence[Source]) -> Article:
    """Raises NotAnArticle, Stopped."""
    source = source_of(page, sources)
    seconds = seconds_to_read(page)
    if source is None:
        return shared_worker().submit(seconds, read_article, page).result()
    article, by_selectors = shared_worker().submit(seconds, read_as, source, page).result()
    how = "as its pages are" if by_selectors else "as any page is, for its selectors find no article there"
    say(f"{where} is on the site of {source.name} ({source.id}) and read {how}.")
    return article


def _given(inputs: Sequence[str], database: Path) -> list[Given]:
    """Every page, those of files first. Raises CannotRun."""
    found = list(pages(Path(given) for given in inputs if not is_address(given)))
    if addresses := [given for given in inputs if is_address(given)]:
        from onrecord.fetch import fetch  # with Scrapy, which files need not wait for

        found += fetch(addresses, database)
    return found
