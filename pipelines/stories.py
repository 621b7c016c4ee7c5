"""One story, many outlets: articles that share words are grouped.

Two articles belong together that have the same text or a quote of eight words or more in common, and came out within
30 days of each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlite_utils import Database

from pipelines.rows import find, insert, update
from pipelines.schema import transaction

_DAYS = 30
# A quote is words parted by single spaces: eight of them have seven.
_SHARED = """
SELECT text_key, article_id FROM quotes
WHERE length(text) - length(replace(text, ' ', '')) >= 7
AND text_key IN (SELECT text_key FROM quotes GROUP BY text_key HAVING min(article_id) < max(article_id))
UNION ALL
SELECT text_hash, id FROM articles
WHERE text_hash IN (SELECT text_hash FROM articles GROUP BY text_hash HAVING count(*) > 1)
"""


class _Article(NamedTuple):
    id: int
    day: str  # of publication, or of first being seen where none is printed
    published: str | None
    title: str | None
    outlet: str  # the source, or the host of a page added by hand
    story_id: int | None


def group_stories(db: Database) -> int:
    """Sets `story_id` of every article that has company, and keeps `stories` in line; gives how many there are.

    A story keeps its id as long as one of its articles stays; what is unchanged is not written.
    """
    with transaction(db):
        articles = _articles(db)
        stories: dict[int, int | None] = dict.fromkeys(articles)
        taken: set[int] = set()
        for members in _groups(articles, db.execute(_SHARED).fetchall()):
            story_id = _store_story(db, members, taken)
            taken.add(story_id)
            stories |= {article.id: story_id for article in members}
        moved = [(stories[id], id) for id, article in articles.items() if stories[id] != article.story_id]
        db.conn.executemany("UPDATE articles SET story_id = ? WHERE id = ?", moved)
        db.execute("DELETE FROM stories WHERE id NOT IN (SELECT story_id FROM articles WHERE story_id IS NOT NULL)")
        return len(taken)


def _store_story(db: Database, members: list[_Article], taken: set[int]) -> int:
    days = sorted(article.published for article in members if article.published)
    row = {
        "title": members[0].title,
        "first_published": days[0] if days else None,
        "last_published": days[-1] if days else None,
        "articles": len(members),
        "outlets": len({article.outlet for article in members}),
    }
    former = {article.story_id for article in members if article.story_id is not None} - taken
    old = find(db, "stories", "id", min(former)) if former else None
    if old is None:
        return insert(db, "stories", row)
    update(db, "stories", old, row)
    return int(old["id"])


def _articles(db: Database) -> dict[int, _Article]:
    rows = db.execute("SELECT id, published, first_seen, title, source_id, url, story_id FROM articles")
    return {
        id: _Article(id, published or first_seen[:10], published, title, source or urlsplit(url).netloc, story)
        for id, published, first_seen, title, source, url, story in rows
    }


def _groups(articles: dict[int, _Article], shared: Iterable[tuple[str, int]]) -> list[list[_Article]]:
    """Articles joined by what they share (union-find), each group and all groups in order of day."""
    parents: dict[int, int] = {}

    def root(id: int) -> int:
        while (parent := parents.setdefault(id, id)) != id:
            parents[id] = id = parents[parent]
        return id

    holders = defaultdict(set)
    for key, id in shared:
        holders[key].add(articles[id])
    for sharing in holders.values():
        for earlier, later in pairwise(sorted(sharing, key=_by_day)):
            if (date.fromisoformat(later.day) - date.fromisoformat(earlier.day)).days <= _DAYS:
                parents[root(later.id)] = root(earlier.id)
    groups = defaultdict(list)
    for id in parents:
        groups[root(id)].append(articles[id])
    return sorted(
        (sorted(members, key=_by_day) for members in groups.values()), key=lambda members: _by_day(members[0])
    )


def _by_day(article: _Article) -> tuple[str, int]:
    return article.day, article.id
