"""Invented files of some sizes, which are made once and kept."""

from __future__ import annotations

from pathlib import Path

from onrecord.bench.size import Size
from onrecord.invented.file import invent
from pipelines.schema import open_database


def files(size: Size) -> dict[int, Path]:
    """A file for each number of quotes, up to date."""
    return {quotes: _file(size.cache, quotes) for quotes in size.quotes}


def _file(folder: Path, quotes: int) -> Path:
    path = folder / f"{quotes}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = folder / f"{quotes}.half"
        for left in folder.glob(f"{half.name}*"):
            left.unlink()
        invent(half, quotes)
        half.rename(path)
    open_database(path).close()
    return path
