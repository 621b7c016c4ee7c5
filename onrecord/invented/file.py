"""Writes the file: rows as the store writes them, past the schema's triggers, a thousand stories a transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

from sqlite_utils import Database

from onrecord.invented.stories import Paragraph, Span, Teller
from onrecord.invented.world import Body, Outlet, World
from pipelines.keys import digest, fold_words, item_keys, text_key
from pipelines.schema import open_database, transaction

FIRST, LAST = date(2014, 1, 6), date(2026, 11, 20)
NIGHTS = 400  # of the ledger
REVIEWED = 0.05
_CARRIED = 0.25  # of the stories, by more than one outlet
_STORIES_A_TRANSACTION = 1000
_DECISIONS = ("accepted",) * 8 + ("rejected",) + ("corrected",)
_REVIEWERS = ("ada", "bo")

_Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Print:
    """A story as one outlet prints it on a day."""

    outlet: Outlet
    day: date
    title: str
    paragraphs: list[Paragraph]


def invent(path: Path | str, quotes: int, *, seed: int = 1, progress: Callable[[int], None] | None = None) -> int:
    """Makes the file with at least so many quotes; gives how many. The same seed gives the same rows.

    `progress` is told the number of quotes so far. Raises DatabaseError, and ValueError where there is a file already.
    """
    if Path(path).exists():
        raise ValueError(f"{path} is there already")
    db = open_database(path)
    # What is half written is made anew: nobody waits for the disk.
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -200000")
    db.execute("PRAGMA foreign_keys = OFF")  # rows of one batch refer to each other; `onrecord check` tells
    inventor = _Inventor(Random(seed), quotes)  # noqa: S311 - the same file again, nothing to guess
    _write(db, {"sources": inventor.sources(), **inventor.ledger()})
    while inventor.quotes < quotes:
        _write(db, inventor.batch())
        if progress:
            progress(inventor.quotes)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    return inventor.quotes


def _write(db: Database, rows: _Rows) -> None:
    with transaction(db):
        for table, these in rows.items():
            if these:
                columns = ", ".join(f'"{column}"' for column in these[0])
                values = ", ".join(f":{column}" for column in these[0])
                db.conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({values})", these)  # noqa: S608 - ours
        # The stories are known already.
        db.execute("DELETE FROM stories_due")


class _Inventor:
    """Rows of one batch after the other; ids are counted here, so that rows can name each other unwritten."""

    def __init__(self, random: Random, wanted: int) -> None:
        self._random = random
        self._wanted = wanted
        self._world = World(random)
        self._teller = Teller(random, self._world)
        self._known = {"organisations": 0, "people": 0}
        self._stories = self._articles = self._figures = 0
        self.quotes = 0

    def sources(self) -> list[dict[str, Any]]:
        return [
            {
                "id": outlet.id,
                "name": outlet.name,
                "kind": outlet.kind,
                "home": f"https://{outlet.id}.example/",
                "hosts": json.dumps([f"{outlet.id}.example"]),
                "floor": 5,
            }
            for outlet in self._world.outlets
        ]

    def ledger(self) -> _Rows:
        """The nights; the last one saw what came out on the last day."""
        rows: _Rows = defaultdict(list)
        for night in range(1, NIGHTS + 1):
            day = LAST - timedelta(days=NIGHTS - night)
            started, ended = _seen(day), f"{day + timedelta(days=1)}T02:40:00+00:00"
            failed = {outlet.id for outlet in self._world.outlets if self._random.random() < 0.02}
            verdict = "partial" if failed else "ok"
            run = {"id": night, "started": started, "ended": ended, "version": "invented", "verdict": verdict}
            rows["runs"].append({**run, "exit_code": int(bool(failed))})
            for outlet in self._world.outlets:
                done = {"verdict": "ok", "note": None, "listed": 30, "fetched": 6, "new": 5, "failed": 0}
                if outlet.id in failed:
                    done = {"verdict": "failed", "note": "timed out", "listed": 0, "fetched": 0, "new": 0, "failed": 1}
                rows["run_sources"].append({"run_id": night, "source_id": outlet.id, **done})
        return rows

    def batch(self) -> _Rows:
        rows: _Rows = {table: [] for table in _ORDER}
        for _ in range(_STORIES_A_TRANSACTION):
            if self.quotes >= self._wanted:
                break
            self._story(rows)
        rows["organisations"], rows["organisation_aliases"], rows["outcomes"] = self._new_bodies()
        rows["people"] = [
            {
                "id": person.id,
                "name": person.name,
                "name_key": fold_words(person.name),
                "gender": person.gender,
                "organisation_id": person.body.id,
            }
            for person in self._new("people", self._world.people)
        ]
        return rows

    def _story(self, rows: _Rows) -> None:
        body = self._world.body()
        prints = list(self._prints(body))
        story_id = None
        if len(prints) > 1:
            self._stories += 1
            story_id = self._stories
            days = sorted(one.day for one in prints)
            rows["stories"].append(
                {
                    "id": story_id,
                    "title": prints[0].title,
                    "first_published": str(days[0]),
                    "last_published": str(days[-1]),
                    "articles": len(prints),
                    "outlets": len(prints),
                    "origin_article_id": self._articles + 1,
                }
            )
        for one in prints:
            self._article(rows, body, one, story_id)

    def _prints(self, body: Body) -> Iterable[Print]:
        """The story as one outlet has it, or as a body issues it and outlets carry it on the days after."""
        random, teller, place = self._random, self._teller, body.place
        # More of it comes out from year to year.
        day = FIRST + (LAST - FIRST) * sqrt(self.quotes / self._wanted)
        body_of_text = teller.story(body)
        carried = random.random() < _CARRIED
        papers = self._world.papers(min(1 + int(random.expovariate(0.35)), 20) if carried else 1)
        if carried:
            paragraphs = [teller.lead(place), *body_of_text, teller.note(place)]
            yield Print(self._world.outlets[0], day, teller.title(place), paragraphs)
        for paper in papers:
            cut = body_of_text[:-1] if carried and random.random() < 0.3 else body_of_text
            paragraphs = [teller.lead(place), *cut, teller.note(place)]
            later = day + timedelta(days=random.randint(1, 4)) if carried else day
            yield Print(paper, min(later, LAST), teller.title(place), paragraphs)

    def _article(self, rows: _Rows, body: Body, one: Print, story_id: int | None) -> None:
        self._articles += 1
        id = self._articles
        text = "\n\n".join(paragraph.text for paragraph in one.paragraphs)
        url = f"https://{one.outlet.id}.example/{one.day.year}/{id}"
        seen = _seen(one.day)
        issued = one.outlet is self._world.outlets[0]
        rows["articles"].append(
            {
                "id": id,
                "url": url,
                "source_id": one.outlet.id,
                "publisher_id": body.id if issued else None,
                "kind": "press-release" if issued else "article",
                "title": one.title,
                "published": str(one.day),
                "date_method": "meta",
                "body_method": "html",
                "text": text,
                "text_hash": digest(text),
                "words": len(text.split()),
                "relevance": round(self._random.uniform(0.5, 1), 2),
                "story_id": story_id,
                "first_seen": seen,
                "seen_from": seen,
                "extractor": "invented",
                "extracted_at": seen,
            }
        )
        page = {"url": url, "source_id": one.outlet.id, "role": "article", "article_id": id, "status": 200}
        rows["pages"].append({**page, "first_seen": seen, "last_seen": seen, "checked_at": seen})
        self._named(rows, id, one.paragraphs)
        self._records(rows, id, url, text, one)

    def _named(self, rows: _Rows, id: int, paragraphs: list[Paragraph]) -> None:
        for at, paragraph in _placed(paragraphs):
            for span, person in paragraph.people:
                who = {"person_id": person.id, "organisation_id": None, "confidence": 0.95, "rule": "given-name"}
                rows["mentions"].append({"article_id": id, **_at(span, at), **who})
                who |= {"organisation_id": person.body.id, "role": person.role}
                rows["appointments"].append({"article_id": id, **who})
            for span, body in paragraph.bodies:
                who = {"person_id": None, "organisation_id": body.id, "confidence": 0.98, "rule": "name"}
                rows["mentions"].append({"article_id": id, **_at(span, at), **who})

    def _records(self, rows: _Rows, id: int, url: str, text: str, one: Print) -> None:
        quotes, figures, stances = [], [], []
        for at, paragraph in _placed(one.paragraphs):
            if (said := paragraph.said) is None:
                continue
            self.quotes += 1
            holder = {
                "person_id": said.person.id if said.person else None,
                "organisation_id": said.body.id,
                "confidence": said.confidence,
            }
            words = _words(text, said.span, at)
            quotes.append(
                {
                    "id": self.quotes,
                    "article_id": id,
                    **words,
                    **holder,
                    "text_key": text_key(words["text"]),
                    "form": said.form,
                    "cue": said.cue,
                    "speaker_text": said.speaker_text,
                    "role": said.person.role if said.person else None,
                    "rule": said.rule,
                    "published": str(one.day),
                }
            )
            if said.figure:
                self._figures += 1
                span, value = said.figure
                it = {"id": self._figures, "article_id": id, **_words(text, span, at), "value": value, "unit": "count"}
                figures.append({**it, **holder, "of": "cases", "quote_id": self.quotes, "rule": "adjacent"})
                if self._random.random() < 0.1:
                    rows["figure_checks"].append(self._check(value))
            if said.stance:
                span, topic, polarity = said.stance
                it = {"article_id": id, **_words(text, span, at), "topic": topic, "polarity": polarity}
                stances.append({**it, **holder, "quote_id": self.quotes, "rule": "praise/quote"})
        _key(quotes, "quote_key", url, [fold_words(it["text"]) for it in quotes])
        _key(figures, "figure_key", url, [fold_words(it["text"]) for it in figures])
        _key(stances, "stance_key", url, [f"{it['topic']}: {fold_words(it['text'])}" for it in stances])
        for kind, these in (("quote", quotes), ("figure", figures), ("stance", stances)):
            rows[f"{kind}s"] += these
            for it in these:
                if self._random.random() < REVIEWED:
                    rows["reviews"].append(self._review(kind, it, url, text))

    def _check(self, value: int) -> dict[str, Any]:
        verdict = self._random.choice(("confirmed", "contradicted", "uncheckable"))
        expected = {"confirmed": value, "contradicted": value + 3, "uncheckable": None}[verdict]
        return {"figure_id": self._figures, "verdict": verdict, "expected": expected, "why": "invented"}

    def _review(self, kind: str, it: dict[str, Any], url: str, text: str) -> dict[str, Any]:
        before = max(0, it["start"] - 200)
        decision = self._random.choice(_DECISIONS)
        corrected = {"quote": {"role": "Chair"}, "figure": {"unit": "percent"}, "stance": {"polarity": "mixed"}}[kind]
        return {
            "item_kind": kind,
            "item_key": it[f"{kind}_key"],
            "decision": decision,
            "corrected": json.dumps(corrected) if decision == "corrected" else None,
            "reviewer": self._random.choice(_REVIEWERS),
            "at": f"{LAST}T09:00:00+00:00",
            "text": it["text"],
            "context": text[before : it["end"] + 200],
            "context_start": it["start"] - before,
            "url": url,
            "rule": it["rule"],
            "confidence": it["confidence"],
            "record": json.dumps({column: it[column] for column in ("text", "start", "end")}),
        }

    def _new_bodies(self) -> tuple[list[dict[str, Any]], ...]:
        organisations, aliases, outcomes = [], [], []
        for body in self._new("organisations", self._world.bodies):
            listed = body.kind != "charity"
            slug = fold_words(body.name).replace(" ", "-") if listed else None
            it = {"id": body.id, "slug": slug, "name": body.name, "kind": body.kind, "confirmed": int(listed)}
            organisations.append(it)
            if listed:
                acronym = "".join(word[0] for word in body.name.split())
                aliases.append({"organisation_id": body.id, "alias": acronym, "kind": "acronym"})
            if body.kind.startswith("local_authority"):
                outcomes.append(
                    {
                        "organisation_id": body.id,
                        "framework": "ILACS",
                        "judgment": "overall effectiveness",
                        "grade": self._random.choice(("outstanding", "good", "requires improvement", "inadequate")),
                        "published": "2024-03-01",
                        "source": "invented",
                    }
                )
        return organisations, aliases, outcomes

    def _new(self, table: str, named: list[Any]) -> list[Any]:
        """Those who came in since the last batch."""
        since, self._known[table] = self._known[table], len(named)
        return named[since:]


# A batch is written in this order: triggers look at what was written before.
_ORDER = (
    "organisations", "organisation_aliases", "outcomes", "people", "stories", "articles", "pages", "appointments",
    "mentions", "quotes", "figures", "stances", "figure_checks", "reviews",
)  # fmt: skip


def _seen(day: date) -> str:
    """The night after."""
    return f"{day + timedelta(days=1)}T01:30:00+00:00"


def _placed(paragraphs: list[Paragraph]) -> Iterable[tuple[int, Paragraph]]:
    """Each paragraph with where it begins in the text."""
    at = 0
    for paragraph in paragraphs:
        yield at, paragraph
        at += len(paragraph.text) + 2


def _at(span: Span, at: int) -> dict[str, int]:
    return {"start": span[0] + at, "end": span[1] + at}


def _words(text: str, span: Span, at: int) -> dict[str, Any]:
    return {**_at(span, at), "text": text[span[0] + at : span[1] + at]}


def _key(rows: list[dict[str, Any]], column: str, url: str, words: list[str]) -> None:
    for row, key in zip(rows, item_keys(url, words), strict=True):
        row[column] = key
