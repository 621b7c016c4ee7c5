"""The folder of a bulk extraction, on this machine or at any address that fsspec knows.

    onrecord.json           who made it, and of how many pages its parts are
    plan/HASH.json          how an archive or a table was cut
    articles/PART.parquet   the rows of a part, and likewise for every other table
    done/PART.json          written last: the part is whole, if its tables are as it says

A file comes under its name when it is whole, and is never altered. A part without its last file is done again.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from fsspec.core import url_to_fs  # type: ignore[import-untyped]

from onrecord.bulk.find import File
from onrecord.bulk.plan import Part
from onrecord.bulk.tables import TABLES
from onrecord.errors import CannotRun

ABOUT = "onrecord.json"
_PAGES = 500  # of a part: some minutes of work


class Unwritable(Exception):
    """What a part gave can't be written; the message is one plain sentence."""


class Folder:
    """Reads and writes it. Raises OSError."""

    def __init__(self, address: str) -> None:
        try:
            self._fs, self._root = url_to_fs(address)
        except (ImportError, ValueError) as error:
            raise CannotRun(f"{address} can't be used: {error}") from error
        self.address = address
        self.is_local = "file" in self._fs.protocol
        self.path = self._root  # for what only files on this machine have

    # Who made it ------------------------------------------------------------------------------------------------------

    def begin(self, extractor: str, pages: int | None) -> int:
        """Makes the folder, or goes on with one; gives how many pages its parts are of. Raises CannotRun."""
        if self._fs.exists(self._at(ABOUT)):
            about = self.about()
            if about["extractor"] != extractor:
                whose = f"{self.address} is of {about['extractor']}, and this is {extractor}"
                raise CannotRun(f"{whose}: name a new folder.")
            if pages not in (None, about["pages"]):
                parts = f"{self.address} is in parts of {about['pages']} pages"
                raise CannotRun(f"{parts}: leave --pages out, or name a new folder.")
            return int(about["pages"])
        if self._fs.exists(self._root) and self._fs.ls(self._root, detail=False):
            raise CannotRun(f"{self.address} holds something else: name a new folder, or an empty one.")
        pages = pages or _PAGES
        self._write_json(ABOUT, {"onrecord": version("onrecord"), "extractor": extractor, "pages": pages})
        return pages

    def about(self) -> dict[str, Any]:
        """Who made it. Raises CannotRun where it is no such folder."""
        try:
            return dict(json.loads(self._fs.cat_file(self._at(ABOUT))))
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise CannotRun(f"{self.address} is no folder that `onrecord bulk extract` made.") from error

    # The plan ---------------------------------------------------------------------------------------------------------

    def planned(self) -> dict[File, list[Part]]:
        """How archives and tables were cut, those that are as they were then."""
        plans = {}
        for content in self._cat_all("plan").values():
            told = json.loads(content)
            file = File(**told["file"])
            plans[file] = [Part(name, (file,), first, end) for name, first, end in told["parts"]]
        return plans

    def plan(self, file: File, parts: Iterable[Part]) -> None:
        """Keeps how a file was cut, in the place of how an earlier state of it was."""
        told = {"file": file._asdict(), "parts": [(part.name, part.first, part.end) for part in parts]}
        self._write_json(f"plan/{hashlib.sha256(file.address.encode()).hexdigest()[:24]}.json", told)

    # Parts ------------------------------------------------------------------------------------------------------------

    def whole(self) -> dict[str, dict[str, Any]]:
        """What is told of each part that is whole: all of its tables are there and as long as they should be."""
        sizes = self._sizes()
        return {
            part: told
            for part, told in self._done().items()
            if all(sizes.get(f"{table}/{part}.parquet") == told["tables"][table]["bytes"] for table in TABLES)
        }

    def tidy(self, plan: Sequence[Part]) -> dict[str, dict[str, Any]]:
        """Removes what is not whole, and parts of what a file no longer is; gives the whole ones."""
        planned = {part.name for part in plan}
        addresses = {file.address for part in plan for file in part.files}
        whole = self.whole()
        kept = {part: told for part, told in whole.items() if part in planned or addresses.isdisjoint(told["files"])}
        for name in sorted(self._sizes(), key=lambda name: not name.startswith("done/")):
            place, _, file = name.partition("/")
            if place == "tmp" or (place in ("done", *TABLES) and file.rpartition(".")[0] not in kept):
                self._fs.rm_file(self._at(name))
        return kept

    def put(self, part: Part, tables: Mapping[str, pa.Table], counts: Mapping[str, int], at: str) -> dict[str, Any]:
        """Writes the tables of a part, and that it is done; gives what is told of it. Raises Unwritable."""
        written: dict[str, dict[str, Any]] = {}
        told = {"files": [file.address for file in part.files], "done_at": at, "counts": counts, "tables": written}
        try:
            for name, table in tables.items():
                sink = pa.BufferOutputStream()
                pq.write_table(table, sink, compression="zstd")
                content = sink.getvalue().to_pybytes()
                self._write(f"{name}/{part.name}.parquet", content)
                written[name] = {"rows": len(table), **_seal(content)}
            self._write_json(f"done/{part.name}.json", told)
        except OSError as error:
            raise Unwritable(f"{self.address} can't be written: {error.strerror or error}.") from error
        return told

    def get(self, part: str, told: Mapping[str, Any]) -> dict[str, pa.Table]:
        """The tables of a part. Raises ValueError where one is not what was written."""
        tables = {}
        for name in TABLES:
            content = self._fs.cat_file(self._at(f"{name}/{part}.parquet"))
            if {key: told["tables"][name][key] for key in ("bytes", "sha256")} != _seal(content):
                raise ValueError(f"{name}/{part}.parquet is not what was written")
            tables[name] = pq.read_table(pa.BufferReader(content))
        return tables

    def begun(self) -> set[str]:
        """Parts of which there is a table, or a plan."""
        tables = {name.rpartition("/")[2].removesuffix(".parquet") for name in self._sizes() if ".parquet" in name}
        return tables | {part.name for parts in self.planned().values() for part in parts}

    def _done(self) -> dict[str, dict[str, Any]]:
        done = {}
        for name, content in self._cat_all("done").items():
            with suppress(ValueError):  # half written by somebody else's tools
                done[name.removesuffix(".json")] = json.loads(content)
        return done

    # Files ------------------------------------------------------------------------------------------------------------

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _sizes(self) -> dict[str, int]:
        """Every file of it by its name in the folder."""
        skip = len(self._at(""))
        return {path[skip:]: info["size"] for path, info in self._fs.find(self._root, detail=True).items()}

    def _cat_all(self, place: str) -> dict[str, bytes]:
        if not self._fs.exists(self._at(place)):
            return {}
        paths = [path for path in self._fs.ls(self._at(place), detail=False) if path.endswith(".json")]
        found = self._fs.cat(paths) if paths else {}
        return {path.rpartition("/")[2]: content for path, content in found.items()}

    def _write_json(self, name: str, told: object) -> None:
        self._write(name, json.dumps(told, indent=1, ensure_ascii=False).encode(errors="surrogatepass"))

    def _write(self, name: str, content: bytes) -> None:
        """Under another name first: whoever finds it under its own finds all of it."""
        for place in ("tmp", name.rpartition("/")[0]):
            self._fs.makedirs(self._at(place), exist_ok=True)
        unfinished = self._at(f"tmp/{uuid.uuid4().hex}")
        self._fs.pipe_file(unfinished, content)
        self._fs.mv(unfinished, self._at(name))


def _seal(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
