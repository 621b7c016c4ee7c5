"""/article/<id>: the text of an article with every record marked where it stands; #<its lasting name> leads there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from datasette.utils.asgi import NotFound, Response

from onrecord.review.items import TABLES, Kind
from onrecord.review.page import Row, drawn, read, rows
from onrecord.review.shown import Shown, shown

_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\n)[^\n]+)*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text in which the same records stand."""

    text: str
    kinds: Sequence[str]  # of the records that stand in it, without repetition
    begins: Sequence[Shown]  # those whose words begin here


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph in pieces, and the records that begin in it."""

    pieces: Sequence[Piece]
    notes: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Read:
    """What the page says."""

    row: Row
    paragraphs: list[Paragraph]
    versions: list[Row]
    others: list[Row]  # of the same story
    found: Mapping[str, int]  # how many records of each kind


async def page(datasette: Any, request: Any) -> Response:
    """The page."""
    id = int(request.url_vars["id"])
    article = await read(datasette, request, lambda connection: look(connection, id))
    if article is None:
        raise NotFound("There is no such article.")
    return await drawn(datasette, request, "article.html", article=article)


def look(connection: sqlite3.Connection, id: int) -> Read | None:
    """Reads what the page says; None where there is no such article."""
    of = {"id": id}
    row = next(iter(rows(connection, _ARTICLE, of)), None)
    if row is None:
        return None
    by_kind = {kind: shown(connection, kind, _ids(connection, kind, id)) for kind in TABLES}
    records = sorted((it for found in by_kind.values() for it in found), key=lambda it: (it.start, -it.end))
    return Read(
        row=row,
        paragraphs=list(paragraphs(row["text"], records)),
        versions=rows(connection, _VERSIONS, of),
        others=rows(connection, _OTHERS, {"id": id, "story": row["story_id"]}),
        found={kind: len(found) for kind, found in by_kind.items()},
    )


def paragraphs(text: str, records: Sequence[Shown]) -> Iterator[Paragraph]:
    """The text, paragraph by paragraph, with the records (in order of where they begin) in it."""
    for match in _PARAGRAPH.finditer(text):
        start, end = match.span()
        here = [it for it in records if it.start < end and it.end > start]
        yield Paragraph(list(_pieces(text, start, end, here)), [it for it in here if it.start >= start])


def _pieces(text: str, start: int, end: int, records: Iterable[Shown]) -> Iterator[Piece]:
    """Cuts a paragraph wherever a record begins or ends."""
    here = list(records)
    cuts = {start, end} | {cut for it in here for cut in (it.start, it.end) if start < cut < end}
    places = sorted(cuts)
    for left, right in pairwise(places):
        inside = [it for it in here if it.start <= left and it.end >= right]
        kinds = list(dict.fromkeys(it.kind for it in inside))
        yield Piece(text[left:right], kinds, [it for it in inside if it.start == left])


def _ids(connection: sqlite3.Connection, kind: Kind, article: int) -> list[int]:
    sql = f"SELECT id FROM {TABLES[kind]} WHERE article_id = ?"  # noqa: S608 (our tables)
    return [id for (id,) in connection.execute(sql, [article])]


_ARTICLE = """
    SELECT articles.*, sources.name AS source, organisations.name AS publisher,
        (SELECT max(id) FROM pages WHERE article_id = articles.id AND archive_file IS NOT NULL) AS page_id
    FROM articles
    LEFT JOIN sources ON sources.id = articles.source_id
    LEFT JOIN organisations ON organisations.id = articles.publisher_id
    WHERE articles.id = :id
"""
_VERSIONS = "SELECT id, seen_from, replaced_at FROM article_versions WHERE article_id = :id ORDER BY id DESC"
_OTHERS = """
    SELECT articles.id, articles.title, articles.published, ifnull(sources.name, articles.url) AS source
    FROM articles LEFT JOIN sources ON sources.id = articles.source_id
    WHERE story_id = :story AND articles.id <> :id ORDER BY articles.published, articles.id LIMIT 20
"""
