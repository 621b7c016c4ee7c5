"""A file of ours for one part, gone when the part is done. Making the tables takes longer than a copy of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from sqlite_utils import Database

from pipelines.schema import open_database
from pipelines.who import load_organisations


@contextmanager
def fresh_database(*, listed: bool) -> Iterator[Database]:
    """A database without articles; with the bodies of the list if `listed`, else without any rows."""
    with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
        file = Path(folder, "part.db")
        file.write_bytes(_content(listed))
        with closing(open_database(file)) as db:
            yield db


@cache
def _content(listed: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
        file = Path(folder, "part.db")
        db = open_database(file)
        if listed:
            load_organisations(db)
        db.close()  # and the last to close it writes all to the file
        return file.read_bytes()
