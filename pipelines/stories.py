"""One story, many outlets: articles that share words are grouped, and the issuer is told from those that copy.

Two articles belong together that came out within 30 days of each other and have the same text, or a quote of eight
words or more in common, or, at two outlets, nearly the same words (pipelines/likeness.py). Within one outlet nearly the
same words are a form that was filled in twice: statistics of two quarters, two homes of one council.

Triggers note what is new or altered (`stories_due`); only that, and what it has to do with, is looked at.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlite_utils import Database

from pipelines.likeness import FEWEST_WORDS, is_copy, resembling, signature
from pipelines.rows import find, insert, update
from pipelines.schema import transaction

_WITHIN = timedelta(days=30)

# Below, :ids is a JSON array of articles. The day: of publication, or of first being seen where none is printed.
_ARTICLES = """
SELECT id, ifnull(published, substr(first_seen, 1, 10)), url, published, title, source_id, publisher_id, story_id
FROM articles WHERE id IN (SELECT value FROM json_each(:ids))
"""
_TOLD_WITH = """
SELECT id FROM articles WHERE story_id IN (
    SELECT story_id FROM articles WHERE id IN (SELECT value FROM json_each(:ids))
)
"""
# A quote is words parted by single spaces: eight of them have seven.
_SHARED = """
WITH long AS NOT MATERIALIZED (
    SELECT text_key, article_id FROM quotes WHERE length(text) - length(replace(text, ' ', '')) >= 7
)
SELECT text_key, article_id, ifnull(published, substr(first_seen, 1, 10))
FROM long JOIN articles ON articles.id = article_id
WHERE text_key IN (SELECT text_key FROM long WHERE article_id IN (SELECT value FROM json_each(:ids)))
UNION ALL
SELECT text_hash, id, ifnull(published, substr(first_seen, 1, 10)) FROM articles
WHERE text_hash IN (SELECT text_hash FROM articles WHERE id IN (SELECT value FROM json_each(:ids)))
"""
_UNSIGNED = """
SELECT text_hash, min(id) FROM articles
WHERE ifnull(published, substr(first_seen, 1, 10)) BETWEEN :first AND :last AND words >= :fewest
AND text_hash NOT IN (SELECT text_hash FROM story_signatures)
GROUP BY text_hash
"""
_SIGNED_BETWEEN = """
SELECT id, signature FROM articles JOIN story_signatures USING (text_hash)
WHERE ifnull(published, substr(first_seen, 1, 10)) BETWEEN :first AND :last
"""

_Pair = tuple[int, int]


class _Article(NamedTuple):
    id: int
    day: date
    url: str
    published: str | None
    title: str | None
    outlet: str  # the source, or the host of a page added by hand
    on_own_site: bool  # of the body that publishes it
    story_id: int | None


def group_stories(db: Database) -> int:
    """Brings `stories` and `story_id` of articles up to date; gives how many stories there are.

    A story keeps its id as long as one of its articles stays; what is unchanged is not written. Which articles are one
    story, and which of them is its origin, depends on the articles alone, not on the order in which they came.
    """
    with transaction(db):
        due = {id for (id,) in db.execute("SELECT article_id FROM stories_due")}
        if due:
            _group(db, due)
            db.execute("DELETE FROM stories_due")
        return int(db.execute("SELECT count(*) FROM stories").fetchone()[0])


def _group(db: Database, due: set[int]) -> None:
    articles, pairs = _company(db, due)
    former = {article.story_id for article in articles.values()} - {None}
    stories: dict[int, int | None] = dict.fromkeys(articles)
    taken: set[int] = set()
    for members in _groups(articles, pairs):
        story_id = _store_story(db, members, taken)
        taken.add(story_id)
        stories |= {article.id: story_id for article in members}
    moved = [(stories[id], id) for id, article in articles.items() if stories[id] != article.story_id]
    db.conn.executemany("UPDATE articles SET story_id = ? WHERE id = ?", moved)
    db.conn.executemany("DELETE FROM stories WHERE id = ?", [(id,) for id in former - taken])


def _store_story(db: Database, members: list[_Article], taken: set[int]) -> int:
    days = sorted(article.published for article in members if article.published)
    issued = [article for article in members if article.on_own_site]
    row = {
        "title": members[0].title,
        "first_published": days[0] if days else None,
        "last_published": days[-1] if days else None,
        "articles": len(members),
        "outlets": len({article.outlet for article in members}),
        "origin_article_id": (issued or members)[0].id,
    }
    former = {article.story_id for article in members if article.story_id is not None} - taken
    old = find(db, "stories", "id", min(former)) if former else None
    if old is None:
        return insert(db, "stories", row)
    update(db, "stories", old, row)
    return int(old["id"])


def _company(db: Database, due: set[int]) -> tuple[dict[int, _Article], list[_Pair]]:
    """The due articles and all that they or their company share words with, or did; and every pair that does."""
    articles: dict[int, _Article] = {}
    pairs: list[_Pair] = []
    seen: set[int] = set()
    while new := due - seen:
        seen |= new
        these = _articles(db, new)
        articles |= these
        found = [*_sharing(db, new), *_copies(db, these)]
        pairs += found
        due = due | {id for pair in found for id in pair} | {id for (id,) in db.execute(_TOLD_WITH, _these(new))}
    return articles, pairs


def _sharing(db: Database, ids: set[int]) -> Iterator[_Pair]:
    """Pairs with a long quote of these articles, or with the text of one of them."""
    holders = defaultdict(set)
    for key, id, day in db.execute(_SHARED, _these(ids)):
        holders[key].add((date.fromisoformat(day), id))
    for sharing in holders.values():
        for (earlier, one), (later, other) in pairwise(sorted(sharing)):
            if later - earlier <= _WITHIN:
                yield one, other


def _copies(db: Database, ours: dict[int, _Article]) -> Iterator[_Pair]:
    """Pairs of these articles with others, at other outlets, that have nearly the same words."""
    candidates = sorted(_candidates(db, ours))
    articles = _articles(db, {id for pair in candidates for id in pair})
    for one, other in candidates:
        if articles[one].outlet != articles[other].outlet and is_copy(_text(db, one), _text(db, other)):
            yield one, other


def _candidates(db: Database, ours: dict[int, _Article]) -> set[_Pair]:
    """Pairs of these articles with others of their days that are worth comparing."""
    by_day = defaultdict(set)
    for article in ours.values():
        by_day[article.day].add(article.id)
    pairs = set()
    for day, ids in by_day.items():
        days = {"first": str(day - _WITHIN), "last": str(day + _WITHIN)}
        _sign(db, days)
        pairs |= resembling(ids, dict(db.execute(_SIGNED_BETWEEN, days).fetchall()))
    return pairs


def _sign(db: Database, days: dict[str, str]) -> None:
    """Signs the texts of these days that have no signature: new ones, and all where a migration dropped them."""
    unsigned = db.execute(_UNSIGNED, {**days, "fewest": FEWEST_WORDS}).fetchall()
    db.conn.executemany(
        "INSERT INTO story_signatures (text_hash, signature) VALUES (?, ?)",
        [(text_hash, signature(_text(db, id))) for text_hash, id in unsigned],
    )


def _articles(db: Database, ids: Iterable[int]) -> dict[int, _Article]:
    rows = db.execute(_ARTICLES, _these(ids))
    return {
        id: _Article(
            id,
            date.fromisoformat(day),
            url,
            published,
            title,
            source or urlsplit(url).netloc,
            publisher is not None,
            story,
        )
        for id, day, url, published, title, source, publisher, story in rows
    }


def _text(db: Database, id: int) -> str:
    return str(db.execute("SELECT text FROM articles WHERE id = ?", [id]).fetchone()[0])


def _these(ids: Iterable[int]) -> dict[str, str]:
    return {"ids": json.dumps(sorted(ids))}


def _groups(articles: dict[int, _Article], pairs: Iterable[_Pair]) -> list[list[_Article]]:
    """Articles joined by pairs (union-find), each group and all groups in order of day."""
    parents: dict[int, int] = {}

    def root(id: int) -> int:
        while (parent := parents.setdefault(id, id)) != id:
            parents[id] = id = parents[parent]
        return id

    for one, other in pairs:
        parents[root(other)] = root(one)
    groups = defaultdict(list)
    for id in parents:
        groups[root(id)].append(articles[id])
    return sorted(
        (sorted(members, key=_by_day) for members in groups.values()), key=lambda members: _by_day(members[0])
    )


def _by_day(article: _Article) -> tuple[date, str]:
    return article.day, article.url
