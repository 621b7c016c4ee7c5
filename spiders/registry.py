"""The source registry: data/sources.toml read, checked, and made into spiders.

One table per source, named by its id; the head of data/sources.toml explains every key. A source that can't be crawled
as known stays in the registry, disabled, with the reason in words.
"""

from __future__ import annotations

import builtins
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import parse_qsl, urlsplit

import soupsieve

from data import FOLDER
from spiders.listed import ListingKind

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings

REGISTRY = FOLDER / "sources.toml"
ARTICLE_KINDS = ("article", "press-release", "report-summary", "blog", "other")
KEY_PARAMETERS: Mapping[ListingKind, str] = {"guardian": "api-key", "theyworkforyou": "key"}  # ours to fill in
ARTICLE_KEYS = ("format", "title", "standfirst", "byline", "date", "body", "remove", "pull_quote", "dates", "until")
DATE_ORDERS = ("day first", "month first")

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*_KEY")
_HOST = re.compile(r"[a-z0-9.:-]+")
_SOURCE_KEYS: Mapping[str, type | None] = {
    **dict.fromkeys(("name", "kind", "publisher", "home", "insecure", "disabled", "terms"), str),
    **dict.fromkeys(("hosts", "listing"), list),
    "floor": int,
    "verified": bool,
    "article": None,
}


class RegistryError(ValueError):
    """The registry can't be used: the message names the file and the source."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of a source's items; `item`, `link` … are CSS selectors, `css@attribute` reads an attribute.

    `match` is a regular expression of which an item's address, title or summary must hold something, case ignored.
    `key` is the name of the environment variable that holds the key of a programming interface.
    """

    type: ListingKind
    url: str
    item: str = ""
    link: str = "a"
    title: str = ""
    date: str = ""
    modified: str = ""
    next: str = ""
    match: str = ""
    key: str = ""


_LISTING_KEYS: Mapping[str, type] = dict.fromkeys((f.name for f in fields(Listing)), str)


@dataclass(frozen=True, slots=True)
class Source:
    """A site, or a part of one, that carries articles or press releases.

    `publisher` is an id of data/organisations.csv where the site is a body's own; `article` holds the selectors of its
    pages, `former` those of pages before the site was made over (see `pipelines.page.Page`); fewer listed items than
    `floor` is an error; `insecure` says why its certificate need not be valid, `disabled` why it is not crawled.
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
    insecure: str | None = None
    disabled: str | None = None
    terms: str | None = None
    article: Mapping[str, Any] = field(default_factory=dict)
    former: tuple[Mapping[str, Any], ...] = ()

    @property
    def state(self) -> str:
        """Whether it is read, and how sure its block is, in the words that people are shown."""
        return f"disabled: {self.disabled}" if self.disabled else "verified" if self.verified else "not verified"

    @property
    def skipped(self) -> str | None:
        """Why it can't be asked for now, None where it can: it needs a key that the environment does not hold."""
        missing = [listing.key for listing in self.listing if listing.key and not os.environ.get(listing.key)]
        return f"it needs a key: put yours into the environment variable {missing[0]}" if missing else None

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
    except (ValueError, RecursionError) as error:  # tomllib's own, a number of thousands of digits, nesting without end
        raise RegistryError(f"{path}: {error}") from error
    return {name: _source(path, name, table) for name, table in tables.items()}


def _source(path: Path, name: str, table: Any) -> Source:
    try:
        return _checked_source(name, table)
    except ValueError as complaint:
        raise RegistryError(f"{path}: [{name}]: {complaint}") from complaint


def _checked_source(name: str, table: Any) -> Source:
    """The source that a table describes. Raises ValueError, saying what is wrong with it, as all below do."""
    if not _ID.fullmatch(name):
        raise ValueError("an id is lower-case words joined by hyphens")
    _check(table, _SOURCE_KEYS, needed=("name", "hosts"))
    for host in table["hosts"]:
        if not isinstance(host, str) or not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is no host: a name alone, in lower case")
    if table.get("kind", "article") not in ARTICLE_KINDS:
        raise ValueError(f"kind {table['kind']!r} is none of {', '.join(ARTICLE_KINDS)}")
    listings = []
    for number, entry in enumerate(table.get("listing", []), 1):
        try:
            listings.append(_checked_listing(entry, table["hosts"]))
        except ValueError as complaint:
            raise ValueError(f"listing {number}: {complaint}") from complaint
    if not listings and not table.get("disabled"):
        raise ValueError("has no listing and no reason why it is disabled")
    *former, article = _checked_articles(table.get("article", {}))
    pages = {"article": article, "former": tuple(former)}
    return Source(**{**table, "id": name, "hosts": tuple(table["hosts"]), "listing": tuple(listings), **pages})


def _checked_listing(table: Any, hosts: Iterable[str]) -> Listing:
    _check(table, _LISTING_KEYS, needed=("type", "url"))
    if table["type"] not in get_args(ListingKind):
        raise ValueError(f"type {table['type']!r} is none of {', '.join(get_args(ListingKind))}")
    _check_key(table)
    parts = urlsplit(table["url"])
    if parts.scheme not in {"http", "https"} or parts.hostname not in hosts:
        raise ValueError(f"{table['url']!r} is not on one of its hosts")
    if table["type"] == "html" and not table.get("item"):
        raise ValueError("an html listing needs item, the selector of one item")
    for key in table.keys() - {"type", "url", "match", "key"}:
        _check_selector(key, table[key])
    try:
        re.compile(table.get("match", ""))
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"match {table['match']!r} is no regular expression: {error}") from error
    return Listing(**table)


def _check_key(table: Mapping[str, Any]) -> None:
    """What is said never has the value in it, which may be somebody's key."""
    parameter = KEY_PARAMETERS.get(table["type"])
    if parameter is None and "key" in table:
        raise ValueError(f"a listing of type {table['type']} takes no key")
    if parameter is not None and not _VARIABLE.fullmatch(table.get("key", "")):
        raise ValueError("key is the name of an environment variable, such as GUARDIAN_API_KEY, and never a key itself")
    if parameter is not None and parameter in dict(parse_qsl(urlsplit(table["url"]).query)):
        raise ValueError(f"its address must not hold {parameter}, which is added from the environment")


def _checked_articles(tables: Any) -> list[Mapping[str, Any]]:
    """How the pages are read, and were read: one block, or several in the order of their days."""
    blocks = tables if isinstance(tables, list) and tables else [tables]
    for number, block in enumerate(blocks, 1):
        try:
            _check_article(block)
        except ValueError as complaint:
            raise ValueError(f"article{f' {number}' if len(blocks) > 1 else ''}: {complaint}") from complaint
    days = [block.get("until") for block in blocks]
    if days.pop() is not None:
        raise ValueError("article: the last block is how pages are now, and has no until")
    if None in days or days != sorted(set(days)):
        raise ValueError("article: each block but the last needs an until, later than the one before")
    return blocks


def _check_article(table: Mapping[str, Any]) -> None:
    _check(table, dict.fromkeys(ARTICLE_KEYS))
    if (until := table.get("until")) is not None and not _is_day(until):
        raise ValueError(f"until is {until!r}, which is no day as in '2026-03-31'")
    if table.get("format", "govuk-content") != "govuk-content":
        raise ValueError(f"format {table['format']!r} is not govuk-content")
    if table.get("dates", "day first") not in DATE_ORDERS:
        raise ValueError(f"dates {table['dates']!r} is none of {', '.join(DATE_ORDERS)}")
    for key in table.keys() - {"format", "dates", "until"}:
        for selector in table[key] if isinstance(table[key], list) else [table[key]]:
            _check_selector(key, selector)


def _check(table: Any, keys: Mapping[str, type | None], needed: Iterable[str] = ()) -> None:
    if not isinstance(table, dict):
        raise ValueError("is not a table")
    for key, value in table.items():
        if key not in keys:
            raise ValueError(f"unknown key {key!r}")
        if keys[key] not in (None, type(value)):
            raise ValueError(f"{key} is {value!r}, which is no {keys[key].__name__}")  # type: ignore[union-attr]
    for key in needed:
        if not table.get(key):
            raise ValueError(f"no {key}")


def _is_day(text: Any) -> bool:
    try:
        return isinstance(text, str) and str(date.fromisoformat(text)) == text
    except ValueError:
        return False


def _check_selector(key: str, selector: Any) -> None:
    if not isinstance(selector, str):
        raise ValueError(f"{key} is {selector!r}, which is no str")
    try:
        soupsieve.compile(selector.partition("@")[0] or "*")
    except soupsieve.SelectorSyntaxError as error:
        raise ValueError(f"{key} {selector!r} is no CSS selector") from error


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
