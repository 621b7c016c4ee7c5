"""The cases of tests/cases, counted by what they are about."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# "# --- Lost marks ---", "# Lost marks ----------"
_HEADING = re.compile(r"^# *-* *(\w[^\n]*?) *-{3,} *$", re.MULTILINE)
# What a case says that a text gives, where the file isn't called by it.
_GIVES = {"speakers": "quotes", "dates": "day", "relevance": "on_topic"}


@dataclass(frozen=True, slots=True)
class Phenomenon:
    """The cases under one heading; `empty` are those in which nothing may be found, None where all give something."""

    file: str
    heading: str
    cases: int
    empty: int


def phenomena(folder: Path) -> list[Phenomenon]:
    """The headings of each file, in order; cases before the first one, or in a file without any, have an empty one."""
    found: list[Phenomenon] = []
    for path in sorted(folder.glob("*.toml")):
        cases, empty = Counter[str](), Counter[str]()
        for heading, section in _sections(path.read_text(encoding="utf-8")):
            told = tomllib.loads(section)
            for case in [*told.get("case", ()), *told.get("story", ())]:
                cases[heading] += 1
                empty[heading] += _is_empty(path.stem, case)
        found += [Phenomenon(path.stem, heading, n, empty[heading]) for heading, n in cases.items()]
    return found


def _sections(text: str) -> list[tuple[str, str]]:
    """Each heading with what stands under it: comments are no TOML, but every section of a file of cases is."""
    first, *rest = _HEADING.split(text)
    return [("", first), *zip(rest[::2], rest[1::2], strict=True)]


def _is_empty(file: str, case: dict[str, Any]) -> bool:
    kind = file.split("_")[0]
    wanted = _GIVES.get(kind, kind)
    return wanted == "day" if wanted not in case else not case[wanted]
