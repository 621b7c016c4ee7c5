"""Decisions as JSON lines, one a line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from onrecord.errors import CannotRun
from onrecord.review.standing import Standing, standing

_NOTED = ("key", "reviewer", "at", "note", "how", "rule", "confidence", "url", "title", "published", "text", "context")


def write_jsonl(db: Database, target: Path, *, held_out: bool) -> int:
    """Writes one decision a line, and gives their number: what the rule said, what is right, what stood around it."""
    given = [it for it in standing(db) if it.held_out == held_out]
    lines = (json.dumps(_line(decision), ensure_ascii=False) + "\n" for decision in given)
    replace_file(target, "".join(lines).encode())
    return len(given)


def _line(decision: Standing) -> dict[str, Any]:
    row = {**decision.row, "key": decision.row["item_key"]}
    return {
        "kind": decision.kind,
        "verdict": decision.verdict,
        **{name: row[name] for name in _NOTED},
        "source": row["source_id"],
        "said": json.loads(row["record"]) if row["record"] else None,
        "corrected": json.loads(row["corrected"]) if row["corrected"] else None,
    }


def replace_file(target: Path, content: bytes) -> None:
    """Writes a file whole, or not at all. Raises CannotRun."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, target)
    except OSError as error:
        raise CannotRun(f"{target} can't be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
