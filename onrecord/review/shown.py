"""Records as our pages show them: the words with what stands around them, who speaks, where, and what was decided."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from onrecord.review.items import HOLDERS, TABLES, Kind, key_column
from onrecord.review.page import rows

_AROUND = 240  # characters of context on each side, at most
_NEAR = 150
_COPIES = 12

_FIELDS = {
    "quote": "records.form, records.cue, records.speaker_text, records.shown_role AS role, records.role AS rule_role",
    "figure": (
        "records.shown_value AS value, records.high, records.shown_unit AS unit, records.unit_text,"
        " records.shown_of AS of, records.shown_qualifier AS qualifier, records.shown_change AS change,"
        " records.value AS rule_value, records.unit AS rule_unit, records.of AS rule_of,"
        " checks.verdict AS checked, checks.expected, checks.why"
    ),
    "stance": (
        "records.shown_topic AS topic, records.shown_polarity AS polarity,"
        " records.topic AS rule_topic, records.polarity AS rule_polarity"
    ),
}
# By the names of onrecord.review.decisions.
_CORRECTABLE = {
    "quote": {"speaker": "person", "role": "role", "organisation": "organisation"},
    "figure": {name: name for name in ("value", "unit", "of", "qualifier", "change")},
    "stance": {name: name for name in ("topic", "polarity", "organisation")},
}
_CHECKS = "LEFT JOIN figure_checks AS checks ON checks.figure_id = records.id"


@dataclass(frozen=True, slots=True)
class Copy:
    """Another outlet's article with the same words."""

    article_id: int
    outlet: str
    published: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One record. `row` has its columns, corrected where somebody corrected them, and those of its article."""

    kind: Kind
    key: str
    row: dict[str, Any]
    before: str  # what stands before the words, up to `_AROUND` characters
    after: str
    copies: list[Copy] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        """A column of the row."""
        try:
            return self.row[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def starts_inside(self) -> bool:
        """Whether there is more of the article before `before`."""
        return bool(len(self.before) < self.row["start"])

    @property
    def ends_inside(self) -> bool:
        """Whether there is more of it after `after`."""
        return bool(self.row["end"] + len(self.after) < self.row["article_length"])

    @property
    def lead(self) -> str:
        """The little before the words that a reader needs: of their paragraph, some words."""
        here = self.before.rpartition("\n\n")[2]
        return here if len(here) <= _NEAR else "… " + here[-_NEAR:].partition(" ")[2]

    @property
    def tail(self) -> str:
        """The little after the words."""
        here = self.after.partition("\n\n")[0]
        return here if len(here) <= _NEAR else here[:_NEAR].rpartition(" ")[0] + " …"

    @property
    def fields(self) -> dict[str, Any]:
        """What a reviewer can put right in it, beside where its words begin and end."""
        return {name: self.row[column] for name, column in _CORRECTABLE[self.kind].items()}

    @property
    def corrected_from(self) -> dict[str, Any]:
        """What the rule had said, where somebody has put it right."""
        pairs = {name.removeprefix("rule_"): value for name, value in self.row.items() if name.startswith("rule_")}
        return {name: value for name, value in pairs.items() if value != self.row[name]}


def shown(connection: sqlite3.Connection, kind: Kind, ids: Sequence[int]) -> list[Shown]:
    """Records by their ids, in the same order."""
    person, organisation = HOLDERS[kind]
    sql = (
        f"SELECT records.id, records.{key_column(kind)} AS item_key, records.article_id, {_FIELDS[kind]},"  # noqa: S608
        " records.shown_start AS start, records.shown_end AS end,"
        " records.shown_text AS text, records.text AS rule_text,"
        " records.rule, records.confidence, records.review_status AS status, records.published,"
        " people.id AS person_id, people.name AS person, organisations.id AS organisation_id,"
        " organisations.name AS organisation, said.name AS rule_person, of.name AS rule_organisation,"
        " articles.title, articles.url, length(articles.text) AS article_length,"
        " articles.kind AS article_kind, articles.story_id, articles.gone_at,"
        " articles.source_id, sources.name AS source,"
        " last.id AS seen, last.reviewer, last.at AS decided_at, last.note,"
        " (SELECT max(id) FROM pages WHERE article_id = articles.id AND archive_file IS NOT NULL) AS page_id,"
        f" substr(articles.text, max(records.shown_start - {_AROUND}, 0) + 1,"
        f"  min(records.shown_start, {_AROUND})) AS before,"
        f" substr(articles.text, records.shown_end + 1, {_AROUND}) AS after"
        f" FROM json_each(:ids) AS asked JOIN {TABLES[kind]} AS records ON records.id = asked.value"
        " JOIN articles ON articles.id = records.article_id"
        " LEFT JOIN sources ON sources.id = articles.source_id"
        f" LEFT JOIN people ON people.id = records.{person}"
        f" LEFT JOIN organisations ON organisations.id = records.{organisation}"
        " LEFT JOIN people AS said ON said.id = records.person_id"
        " LEFT JOIN organisations AS of ON of.id = records.organisation_id"
        " LEFT JOIN reviews AS last ON last.id = ("
        f"  SELECT max(id) FROM reviews WHERE item_kind = :kind AND item_key = records.{key_column(kind)})"
        f" {_CHECKS if kind == 'figure' else ''}"
        " ORDER BY asked.key"
    )
    found = rows(connection, sql, {"ids": json.dumps(list(ids)), "kind": kind})
    copies = _copies(connection, ids) if kind == "quote" else {}
    return [
        Shown(
            kind,
            row.pop("item_key"),
            before=_from_word(row.pop("before"), row["start"]),
            after=_to_word(row.pop("after")),
            copies=copies.get(row["id"], []),
            row=row,
        )
        for row in found
    ]


def _copies(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, list[Copy]]:
    """Articles of the same story that carry the same words, by quote."""
    sql = """
        SELECT quotes.id, other.id, ifnull(sources.name, other.url), other.published
        FROM json_each(:ids) AS asked
        CROSS JOIN quotes ON quotes.id = asked.value
        CROSS JOIN articles AS mine ON mine.id = quotes.article_id
        CROSS JOIN articles AS other ON other.story_id = mine.story_id AND other.id <> mine.id
        LEFT JOIN sources ON sources.id = other.source_id
        WHERE EXISTS (SELECT 1 FROM quotes AS copy WHERE copy.article_id = other.id AND copy.text_key = quotes.text_key)
        ORDER BY ifnull(other.published, '9'), other.id
    """
    found: defaultdict[int, list[Copy]] = defaultdict(list)
    for id, *copy in connection.execute(sql, {"ids": json.dumps(list(ids))}):
        if len(found[id]) < _COPIES:
            found[id].append(Copy(*copy))
    return found


def _from_word(text: str, start: int) -> str:
    """The end of what stands before, without half a word at its own beginning."""
    cut = len(text) < start and re.search(r"\s", text[:40])
    return text[cut.end() :] if cut else text


def _to_word(text: str) -> str:
    """The beginning of what stands after, without half a word at its end."""
    cut = text.rfind(" ", -40) if len(text) == _AROUND else -1
    return text[:cut] if cut > 0 else text
