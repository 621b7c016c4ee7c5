"""What can be decided on: quotes, figures and stances, each as one form whatever its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

from onrecord.errors import CannotRun

Kind = Literal["quote", "figure", "stance"]

TABLES: Mapping[Kind, str] = {"quote": "quotes", "figure": "figures", "stance": "stances"}
# The columns that say who is shown as the holder: a person, a body.
HOLDERS: Mapping[Kind, tuple[str, str]] = {
    "quote": ("shown_person_id", "shown_organisation_id"),
    "figure": ("person_id", "organisation_id"),
    "stance": ("person_id", "shown_organisation_id"),
}
# What a rule says of each, beside its words and holder, as the guide names it.
_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "quote": ("form", "cue", "role"),
    "figure": ("value", "high", "unit", "of", "qualifier", "change", "period"),
    "stance": ("topic", "polarity"),
}
_AROUND = 200  # characters of context on each side


class ReviewError(CannotRun):
    """Nothing was written, and this one sentence says why."""


class UnknownItem(ReviewError):
    """No such record: there never was, or the article or a rule has changed."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record: its row, with the names of the holder that the rule gave it, and the article it stands in."""

    kind: Kind
    key: str
    row: Mapping[str, Any]

    @property
    def article(self) -> str:
        """The article's text."""
        return str(self.row["article"])

    def record(self) -> dict[str, Any]:
        """What the rule says: laid under a correction, what is shown."""
        names = ("text", "speaker", "organisation", *_FIELDS[self.kind], "start", "end")
        return {name: self.row[name] for name in names}

    def context(self) -> tuple[str, int]:
        """The words with what stands around them, and where in that they begin."""
        before = max(0, self.row["start"] - _AROUND)
        return self.article[before : self.row["end"] + _AROUND], self.row["start"] - before


def key_column(kind: Kind) -> str:
    """The column of a kind's table that names its records for good."""
    return f"{kind}_key"


def load_item(db: Database, kind: Kind, key: str) -> Item:
    """The record of that key. Raises UnknownItem."""
    items = load_items(db, kind, f"item.{key_column(kind)} = ?", [key])
    if not items:
        raise UnknownItem(f"This {kind} is not in the file any more: its article or a rule has changed.")
    return items[0]


def load_items(db: Database, kind: Kind, where: str, parameters: list[Any]) -> list[Item]:
    """The records of a kind for which the SQL `where` (over `item` and `articles`) holds, in order of the text."""
    rows = db.query(
        "SELECT item.*, articles.text AS article, articles.url, people.name AS speaker,"  # noqa: S608
        f" organisations.name AS organisation FROM {TABLES[kind]} AS item"
        " JOIN articles ON articles.id = item.article_id"
        " LEFT JOIN people ON people.id = item.person_id"
        " LEFT JOIN organisations ON organisations.id = item.organisation_id"
        f" WHERE {where} ORDER BY item.article_id, item.start, item.id",
        parameters,
    )
    return [Item(kind, row[key_column(kind)], row) for row in rows]
