"""The source registry: data/sources.toml read, checked, and made into spiders.

One table per source, named by its id; see docs/sources.md for every key. A source that can't be crawled as known
stays in the registry, disabled, with the reason in words.
"""

from __future__ import annotations

import builtins
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from data import FOLDER
from spiders.listed import ListingKind

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings

REGISTRY = FOLDER / "sources.toml"
ARTICLE_KINDS = ("article", "press-release", "report-summary", "blog", "other")
ARTICLE_KEYS = ("format", "title", "standfirst", "byline", "date", "body", "remove", "pull_quote")


class RegistryError(ValueError):
    """The registry can't be used: the message names the file and the source."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of a source's items; `item`, `link` … are CSS selectors, `css@attribute` reads an attribute."""

    type: ListingKind
    url: str
    item: str = ""
    link: str = "a"
    title: str = ""
    date: str = ""
    modified: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A site, or a part of one, that carries articles or press releases.

    `publisher` is an id of data/organisations.csv where the site is a body's own; `article` holds the selectors of its
    pages; fewer listed items than `floor` is an error; `disabled` says why it is not crawled.
    """

    id: str
    name: str
    hosts: tuple[str, ...]
    listing: tuple[Listing, ...] = ()
    kind: str = "article"
    publisher: str | None = None
    home: str | None = None
    floor: int = 1
    verified: bool = False
    disabled: str | None = None
    terms: str | None = None
    article: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Whether all its hosts are on this machine (the newsroom, tests)."""
        return all(host in {"localhost", "::1"} or host.startswith("127.") for host in self.hosts)


def read_registry(path: Path = REGISTRY) -> dict[str, Source]:
    """The sources of a registry by id, in order. Raises RegistryError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise RegistryError(f"{path}: {error}") from error
    return {name: _source(path, name, table) for name, table in tables.items()}


def _source(path: Path, name: str, table: Any) -> Source:
    def wrong(complaint: str) -> RegistryError:
        return RegistryError(f"{path}: [{name}]: {complaint}")

    if not isinstance(table, dict):
        raise wrong("is not a table")
    known = {f.name for f in fields(Source)} - {"id"}
    if unknown := sorted(table.keys() - known):
        raise wrong(f"unknown key {unknown[0]!r}")
    for key in ("name", "hosts"):
        if not table.get(key):
            raise wrong(f"no {key}")
    if table.get("kind", "article") not in ARTICLE_KINDS:
        raise wrong(f"kind {table['kind']!r} is none of {', '.join(ARTICLE_KINDS)}")
    listings = []
    for number, entry in enumerate(table.get("listing", []), 1):
        if unknown := sorted(entry.keys() - {f.name for f in fields(Listing)}):
            raise wrong(f"listing {number}: unknown key {unknown[0]!r}")
        if entry.get("type") not in get_args(ListingKind):
            raise wrong(f"listing {number}: type {entry.get('type')!r} is none of {', '.join(get_args(ListingKind))}")
        if entry["type"] == "html" and not entry.get("item"):
            raise wrong(f"listing {number}: an html listing needs item, the selector of one item")
        if urlsplit(str(entry.get("url"))).hostname not in table["hosts"]:
            raise wrong(f"listing {number}: {entry.get('url')!r} is not on one of its hosts")
        listings.append(Listing(**entry))
    if not listings and not table.get("disabled"):
        raise wrong("has no listing and no reason why it is disabled")
    if unknown := sorted(table.get("article", {}).keys() - set(ARTICLE_KEYS)):
        raise wrong(f"article: unknown key {unknown[0]!r}")
    return Source(**{**table, "id": name, "hosts": tuple(table["hosts"]), "listing": tuple(listings)})


class RegistrySpiderLoader:
    """Scrapy's spider loader (SPIDER_LOADER_CLASS): a spider for every enabled source of ONRECORD_SOURCES."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = {name: source for name, source in sources.items() if not source.disabled}

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> RegistrySpiderLoader:
        return cls(read_registry(Path(settings.get("ONRECORD_SOURCES") or REGISTRY)))

    def load(self, spider_name: str) -> type[Spider]:
        """The spider class of a source. Raises KeyError for an unknown or disabled one."""
        from spiders.source import spider_for

        return spider_for(self.sources[spider_name])

    def list(self) -> builtins.list[str]:
        return list(self.sources)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        host = urlsplit(request.url).hostname
        return [name for name, source in self.sources.items() if host in source.hosts]
