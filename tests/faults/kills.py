"""`python -m tests.faults.kills [N [SEED]]`: kills N nights at moments drawn by lot, and says what it cost.

After each: the file is whole, everything that somebody had seen or decided by then is in it, the archive can be read
to its last whole record; and the next night leaves the rows that a night without a kill leaves.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Literal

from onrecord.check import check
from onrecord.newsroom import Newsroom
from onrecord.review.decisions import Decided, Decision, decide
from pipelines.archive import read_archive
from pipelines.schema import open_database
from tests.faults.forked import Forked
from tests.faults.named_rows import named_rows

EDITED = 0.25  # of the kills hit a night that finds an article edited; the others, the first night of a file


@dataclass(frozen=True, slots=True)
class Moment:
    """When to kill: after so many answers of the sites, or commits of the night, or seconds; and a moment more."""

    after: float
    of: Literal["answers", "commits", "seconds"]
    pause: float  # seconds
    night: int

    def __str__(self) -> str:
        return f"night {self.night}, {self.after:.4g} {self.of} and {1000 * self.pause:.1f} ms"


class Onlooker:
    """Reads the file while a night runs, and reviews it: what was answered to him is not to be lost."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits = 0
        self.articles: set[tuple[str, str]] = set()
        self.quotes: set[tuple[str, str]] = set()
        self.decisions: list[tuple[int, str]] = []
        self._leave = Event()
        self._thread = Thread(target=self._look_on, daemon=True)
        self._thread.start()

    def _look_on(self) -> None:
        with closing(sqlite3.connect(self.path, timeout=10)) as db:
            version = None
            while not self._leave.is_set():
                (now,) = db.execute("PRAGMA data_version").fetchone()
                if now == version:
                    time.sleep(0.0005)
                    continue
                self.commits += version is not None
                version = now
                self.articles |= set(db.execute("SELECT url, text_hash FROM articles"))
                self.quotes |= set(db.execute("SELECT quote_key, text FROM quotes"))
                if self.commits % 3 == 0:
                    self._review(db)

    def leave(self) -> None:
        """Ends reading."""
        self._leave.set()
        self._thread.join(30)

    def lost(self) -> list[str]:
        """What he has seen or decided that the file holds no longer."""
        with closing(sqlite3.connect(self.path)) as db:
            edited = "SELECT url, v.text_hash FROM article_versions AS v JOIN articles ON articles.id = article_id"
            articles = set(db.execute(f"SELECT url, text_hash FROM articles UNION {edited}"))
            lost = [str(article) for article in self.articles - articles]
            lost += [str(quote) for quote in self.quotes - set(db.execute("SELECT quote_key, text FROM quotes"))]
            kept = set(db.execute("SELECT id, item_key FROM reviews"))
            return lost + [str(decision) for decision in self.decisions if decision not in kept]

    def _review(self, db: sqlite3.Connection) -> None:
        undecided = db.execute("SELECT quote_key FROM quotes WHERE review_status IS NULL ORDER BY id DESC").fetchone()
        if undecided:
            decision = Decision("quote", undecided[0], "accepted", "Jo", seen=None)
            decided = decide(db, decision, "2026-11-18T02:10:00Z")
            assert isinstance(decided, Decided)
            self.decisions.append((decided.review_id, undecided[0]))


class Kills:
    """The sites, a file from before each of two nights, and the rows that these leave where nobody kills them."""

    def __init__(self, folder: Path, room: Newsroom, program: Forked, sources: tuple[str, ...] = ()) -> None:
        self.folder, self.room, self.program = folder, room, program
        self.registry = folder / "sources.toml"
        self.registry.write_text(room.registry, encoding="utf-8")
        self.only = [word for source in sources for word in ("--source", source)]
        self.before = {1: folder / "empty"}
        self.before[1].mkdir()
        open_database(self.before[1] / "file.db").close()
        self.rows: dict[int, dict[str, list[str]]] = {}
        self.longest: dict[tuple[int, str], float] = {}
        self.undisturbed(1)

    def undisturbed(self, night: int) -> None:
        """What a night that nobody kills takes, and leaves: the next one begins with its file."""
        path = self._file_before(night)
        with self._looked_on(path) as onlooker:
            begun = time.monotonic()
            assert self.program.wait() == 0
            self.longest[night, "seconds"] = time.monotonic() - begun
            self.longest[night, "answers"] = len(self.room.requests)
            self.longest[night, "commits"] = onlooker.commits
        self.rows[night] = named_rows(path)
        self.before[night + 1] = path.parent

    def draw(self, lots: random.Random) -> Moment:
        """A moment of a night."""
        night = 2 if lots.random() < EDITED else 1
        of: Literal["answers", "commits", "seconds"] = lots.choice(("answers", "commits", "seconds"))
        after = lots.uniform(0, self.longest[night, of])
        return Moment(after if of == "seconds" else int(after), of, lots.choice((0, lots.uniform(0, 0.05))), night)

    def kill(self, *moments: Moment) -> list[str] | None:
        """Kills one night after another, each at its moment, and lets the next one go on; gives what is wrong, None
        where a night had ended by then.
        """
        path = self._file_before(moments[0].night)
        wrong: list[str] = []
        onlookers = []
        for moment in moments:
            with self._looked_on(path) as onlooker:
                onlookers.append(onlooker)
                begun = time.monotonic()
                while self._passed(moment.of, begun, onlooker) < moment.after and time.monotonic() < begun + 60:
                    time.sleep(0.0002)
                time.sleep(moment.pause)
                with suppress(ProcessLookupError):
                    self.program.kill()
                if self.program.wait() != -9:
                    return None
            wrong += [*check(path), *(f"lost: {what}" for what in onlooker.lost()), *self._unreadable(path)]
        self._start(path)
        if (code := self.program.wait()) != 0:
            wrong.append(f"the next night ended with {code}")
        rows = named_rows(path)
        wrong += [f"{table} is otherwise" for table in rows if rows[table] != self.rows[moments[0].night][table]]
        lost = [what for onlooker in onlookers for what in onlooker.lost()]
        wrong += [*check(path), *(f"lost by the next night: {what}" for what in lost)]
        shutil.rmtree(path.parent)
        return wrong

    def _file_before(self, night: int) -> Path:
        """A copy of the file as it was before a night of which the sites show the news now."""
        self.room.night = night
        path = Path(tempfile.mkdtemp(dir=self.folder)) / "file.db"
        shutil.copytree(self.before[night], path.parent, dirs_exist_ok=True)
        return path

    def _start(self, path: Path) -> None:
        self.room.requests.clear()
        self.program.start("nightly", "--registry", self.registry, "--db", path, *self.only)

    @contextmanager
    def _looked_on(self, path: Path) -> Iterator[Onlooker]:
        """A night that has begun, with somebody looking on."""
        onlooker = Onlooker(path)
        self._start(path)
        yield onlooker
        onlooker.leave()

    def _passed(self, what: str, begun: float, onlooker: Onlooker) -> float:
        if what == "answers":
            return len(self.room.requests)
        return onlooker.commits if what == "commits" else time.monotonic() - begun

    def _unreadable(self, path: Path) -> Iterator[str]:
        """Pages of which the file says where they are archived, and they are not."""
        with closing(sqlite3.connect(path)) as db:
            places = db.execute("SELECT archive_file, archive_offset FROM pages WHERE archive_file IS NOT NULL")
            for file, offset in places.fetchall():
                if next(read_archive(path.parent / "archive" / file, offset), None) is None:
                    yield f"no page can be read at {offset} of {file}"


def main(kills: int, seed: int) -> int:
    """Prints a line for each kill and what they came to; exit 1 if anything was lost."""
    lots = random.Random(seed)
    bad = ended = done = 0
    with tempfile.TemporaryDirectory() as folder, Newsroom() as room, Forked(Path(folder, "printed")) as program:
        scene = Kills(Path(folder), room, program)
        scene.undisturbed(2)
        while done < kills:
            moment = scene.draw(lots)
            wrong = scene.kill(moment)
            ended += wrong is None
            if wrong is None:
                continue
            done += 1
            bad += bool(wrong)
            print(f"{done:4} {moment}: {'; '.join(wrong) or 'nothing lost'}", flush=True)
    print(f"{done} nights killed (seed {seed}; {ended} had ended by then), {bad} of them cost something.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, int(sys.argv[2]) if len(sys.argv) > 2 else 9))
