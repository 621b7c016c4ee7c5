"""Gold documents made of decisions, for `onrecord evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from onrecord.errors import CannotRun
from onrecord.review.items import TABLES, load_items
from onrecord.review.standing import Standing, standing_by_article
from pipelines.keys import digest
from pipelines.rows import find


def write_gold(db: Database, folder: Path, *, held_out: bool) -> int:
    """Writes expected/NAME.json and documents/NAME.json for every article that people decided on; gives their number.

    What they accepted or put right is expected, what they rejected is not, and what they have yet to decide on is
    optional: neither missed nor wrong. A kind of record on which nobody decided in an article is left out.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotRun(f"{folder} is there already: name a new folder.")
    (folder / "expected").mkdir(parents=True)
    (folder / "documents").mkdir()
    written = 0
    for article, decided in standing_by_article(db, held_out=held_out):
        name = digest(article["url"])[:16]
        publisher = find(db, "organisations", "id", article["publisher_id"])
        document = {
            **{column: article[column] for column in ("url", "title", "published", "kind", "text")},
            "publisher": publisher["slug"] if publisher else None,
            "block_quotes": json.loads(article["block_quotes"]),
        }
        expected = {"id": name, "url": article["url"], **_expected(db, article, decided)}
        _write_json(folder / "documents" / f"{name}.json", document)
        _write_json(folder / "expected" / f"{name}.json", expected)
        written += 1
    return written


def _expected(db: Database, article: dict[str, Any], decided: list[Standing]) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for kind, table in TABLES.items():
        of_kind = [decision for decision in decided if decision.kind == kind]
        if not of_kind:
            continue
        keys = {decision.row["item_key"] for decision in of_kind}
        undecided = [it for it in load_items(db, kind, "item.article_id = ?", [article["id"]]) if it.key not in keys]
        rows = [{**d.fields, "optional": False} for d in of_kind if d.verdict != "rejected"]
        rows += [{**item.record(), "optional": True} for item in undecided]
        found[table] = [
            {name: value for name, value in _guided(kind, row).items() if name not in ("start", "end")}
            for row in sorted(rows, key=lambda row: article["text"].find(row["text"]))
            if row["text"] in article["text"]
        ]
    return found


def _guided(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row in the words of the guide."""
    if kind != "stance":
        return row
    rest = {name: value for name, value in row.items() if name not in ("speaker", "text")}
    return {"holder": row.get("speaker") or row.get("organisation"), "evidence": row["text"], **rest}


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
