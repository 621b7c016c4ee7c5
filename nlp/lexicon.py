"""Reads the word lists of data/lexicon, and refuses a bad line with its file and number."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from data import FOLDER


class LexiconError(ValueError):
    """A line of a lexicon that can't be used: the message names file and line."""


class _Row(dict[str, str]):
    """A line by its columns. One that the file lacks is the file's fault, whoever asks for it."""

    __slots__ = ("header",)
    header: str  # file and line

    def __missing__(self, column: str) -> str:
        raise LexiconError(f"{self.header}: no column {column!r}")


@cache
def lexicon(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of data/lexicon/NAME.csv, in order; every value stripped, "" where a cell is empty."""
    return read_rows(FOLDER / "lexicon" / f"{name}.csv")


def insist_on_lexicons() -> None:
    """Reads every word list, before anything is done that needs one, and keeps none. Raises LexiconError."""
    for path in sorted((FOLDER / "lexicon").glob("*.csv")):
        read_rows(path)


def read_rows(
    path: Path,
    required: Sequence[str] | None = None,
    unique: str | None = None,
    check: Callable[[Mapping[str, str]], str | None] | None = None,
) -> tuple[Mapping[str, str], ...]:
    """Rows of a CSV file with a header; lines that start with # are comments.

    `required` columns (the first one, unless told) must not be empty, values of `unique` (the first column, unless
    told) must not come twice, and `check` gives a complaint about a row or None. Raises LexiconError.
    """
    shown = f"data/{path.relative_to(FOLDER)}" if path.is_relative_to(FOLDER) else str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"{shown}: cannot be read: {error}") from error
    lines = text.splitlines()
    if lines and not text.endswith("\n"):
        raise LexiconError(f"{shown}:{len(lines)}: this line does not end: is the rest of the file lost?")
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not kept:
        raise LexiconError(f"{shown}: is empty")
    header = _cells(kept[0][1], first := f"{shown}:{kept[0][0]}")
    if len(set(header)) < len(header):
        raise LexiconError(f"{first}: a column stands there twice")
    required = header[:1] if required is None else required
    unique = header[0] if unique is None else unique
    for column in (*required, unique):
        if column not in header:
            raise LexiconError(f"{first}: no column {column!r}")
    rows: list[Mapping[str, str]] = []
    seen: dict[str, int] = {}
    for number, line in kept[1:]:
        cells = _cells(line, f"{shown}:{number}")
        if len(cells) != len(header):
            raise LexiconError(f"{shown}:{number}: {len(cells)} cells where the header has {len(header)}")
        row = _Row((column, cell.strip()) for column, cell in zip(header, cells, strict=True))
        row.header = first
        for column in required:
            if not row[column]:
                raise LexiconError(f"{shown}:{number}: {column} is empty")
        if row[unique] in seen:
            raise LexiconError(f"{shown}:{number}: {unique} {row[unique]!r} stands in line {seen[row[unique]]} already")
        if complaint := check(row) if check else None:
            raise LexiconError(f"{shown}:{number}: {complaint}")
        seen[row[unique]] = number
        rows.append(row)
    if not rows:
        raise LexiconError(f"{shown}: has a header and no line")
    return tuple(rows)


def _cells(line: str, where: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise LexiconError(f"{where}: {error}") from error
