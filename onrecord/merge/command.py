"""`onrecord merge`: the rows of other files into this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlite_utils import Database

from onrecord.errors import CannotRun
from onrecord.lock import AlreadyRunning, only_one
from onrecord.merge.file import Brought, bring
from onrecord.terminal import escape, say
from pipelines.schema import explained, is_current, is_lasting, open_database, read_database
from pipelines.store import articles_awaiting_extraction

ALREADY_RUNNING = 75  # as of nightly


def merge(files: Sequence[Path], database: Path) -> int:
    """Brings the files into `database`, made if it is missing; gives the exit code, 75 while a night runs on it.

    Files are only read. Raises CannotRun and DatabaseError, before anything is written if a file can't be used.
    """
    for file in files:
        with _opened(file, database):
            pass
    if not database.parent.is_dir():
        raise CannotRun(f"{database} can't be used: there is no folder {database.parent}.")
    try:
        with only_one(database):
            _merge(files, database)
    except AlreadyRunning:
        say(f"onrecord: a night, or another merge, is running on {database}.", err=True)
        return ALREADY_RUNNING
    except OSError as error:
        raise CannotRun(f"{error.filename or database} can't be used: {error.strerror or error}.") from error
    return 0


def _merge(files: Sequence[Path], database: Path) -> None:
    target = open_database(database)
    try:
        for file in files:
            with _opened(file, database) as other, _current(other, database.parent) as current:
                say(f"{file}: {told(_brought(target, current, file))}")
        if waiting := len(articles_awaiting_extraction(target)):
            say(f"Articles that wait for extraction: {waiting:,}; a night, or `onrecord reextract`, reads them.")
    finally:
        target.close()


def told(brought: Brought) -> str:
    """What came of a file, in one line."""
    if brought.is_nothing:
        return f"nothing that is not here already ({brought.unchanged:,} articles)."
    articles = f"{brought.new:,} new articles, {brought.changed:,} changed, {brought.unchanged:,} as they were"
    kinds = ("decisions", "nights", "judgments", "bodies", "pages")
    counts = [f"{count:,} {kind}" for kind in kinds if (count := getattr(brought, kind))]
    if brought.archives:
        counts.append(f"{brought.archives:,} archive files")
    return f"{articles}{'; ' if counts else ''}{', '.join(counts)}."


def _brought(target: Database, other: Database, file: Path) -> Brought:
    try:
        (articles,) = other.execute("SELECT count(*) FROM articles").fetchone()
        with _progress(file, articles) as tick:
            # A copy that was brought up to date lies elsewhere than the archive.
            return bring(target, other, archive=file.parent / "archive", tick=tick)
    except sqlite3.DatabaseError as error:
        if not is_lasting(error):
            raise
        raise explained(file, error) from error


@contextmanager
def _opened(file: Path, database: Path) -> Iterator[Database]:
    """The file, to be read."""
    if file.exists() and database.exists() and file.samefile(database):
        raise CannotRun(f"{file} is the database itself.")
    other = read_database(file)
    try:
        yield other
    finally:
        other.close()


@contextmanager
def _current(other: Database, folder: Path) -> Iterator[Database]:
    """The file itself; where an older onrecord wrote it, a copy that is brought up to date, for the while."""
    if is_current(other):
        yield other
        return
    with TemporaryDirectory(prefix=".merge-", dir=folder) as temporary:
        copy = Path(temporary) / "older.db"
        with closing(sqlite3.connect(copy)) as target:
            other.conn.backup(target)
        newer = open_database(copy)
        try:
            yield newer
        finally:
            newer.close()


@contextmanager
def _progress(file: Path, articles: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(escape(str(file)), total=articles)
        yield lambda done: bar.update(task, advance=done)
