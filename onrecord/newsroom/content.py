"""What the sites print, read from articles.toml: words and dates, nothing of any site's shape."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

Kind = Literal["paragraph", "heading", "block", "note", "pull", "caption"]

_PREFIXES: Mapping[str, Kind] = {"## ": "heading", "> ": "block", "* ": "note", "~ ": "pull", "! ": "caption"}
_LINK = re.compile(r"\[([^]]+)\]\((/[^)]*)\)")


@dataclass(frozen=True, slots=True)
class Run:
    """Words of a paragraph that go together: a link where `href` is set."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article; `pull` and `caption` stand beside the text, not in it."""

    kind: Kind
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The words as a reader sees them."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as one site prints it on one night. Times bear the offset of the day's London clock."""

    id: str
    title: str
    published: datetime
    kind: str
    paragraphs: tuple[Paragraph, ...]
    standfirst: str | None = None
    byline: str | None = None
    updated: datetime | None = None
    off_topic: bool = False

    @property
    def modified(self) -> datetime:
        """When it was last touched."""
        return self.updated or self.published

    @property
    def body(self) -> tuple[Paragraph, ...]:
        """The paragraphs that are the article's text."""
        return tuple(p for p in self.paragraphs if p.kind not in ("pull", "caption"))

    @property
    def summary(self) -> str:
        """What a listing says under the title."""
        return self.standfirst or self.body[0].text

    @property
    def blocks(self) -> Iterator[tuple[Kind, tuple[Paragraph, ...]]]:
        """All paragraphs in order; neighbours that share one element of a page (a quotation, a list) come together."""
        for kind, group in groupby(self.paragraphs, key=lambda p: p.kind):
            if kind in ("block", "note"):
                yield kind, tuple(group)
            else:
                yield from ((kind, (paragraph,)) for paragraph in group)


def articles(site: str, night: int) -> tuple[Article, ...]:
    """What a site carries on a night (1, or 2 and later), newest first. Raises ValueError for an edit that misses."""
    carried = (_as_printed(table, site, night) for table in _tables() if site in table["sites"])
    return tuple(sorted(carried, key=lambda article: article.published, reverse=True))


@cache
def _tables() -> tuple[Mapping[str, Any], ...]:
    with Path(__file__).with_name("articles.toml").open("rb") as file:
        return tuple(tomllib.load(file)["articles"])


def _as_printed(table: Mapping[str, Any], site: str, night: int) -> Article:
    for edit in (table.get("at", {}).get(site, {}), table.get("night2", {}) if night > 1 else {}):
        table = _edited(table, edit)
    paragraphs = tuple(_paragraph(line) for line in table["text"].strip().split("\n\n"))
    fields = {key: value for key, value in table.items() if key not in ("text", "sites", "at", "night2")}
    return Article(paragraphs=paragraphs, **fields)


def _edited(table: Mapping[str, Any], edit: Mapping[str, Any]) -> Mapping[str, Any]:
    text = table["text"]
    for old, new in edit.get("replace", ()):
        if (times := text.count(old)) != 1:
            raise ValueError(f"articles.toml: {table['id']}: {old!r} stands in the text {times} times, not once")
        text = text.replace(old, new)
    return {**table, **{key: value for key, value in edit.items() if key != "replace"}, "text": text}


def _paragraph(line: str) -> Paragraph:
    prefix = next((prefix for prefix in _PREFIXES if line.startswith(prefix)), "")
    # A pattern with two groups makes re.split give plain, words, href, plain, …
    parts = _LINK.split(line.removeprefix(prefix))
    runs = [Run(parts[0])]
    for words, href, plain in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        runs += [Run(words, href), Run(plain)]
    return Paragraph(_PREFIXES.get(prefix, "paragraph"), tuple(run for run in runs if run.text))
