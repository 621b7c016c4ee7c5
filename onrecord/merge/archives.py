"""WARC files, brought into another archive: never over a different file, and no byte twice on one disk."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from shutil import copyfile, copystat

_ENDING = ".warc.gz"
_TELLING = 200  # first bytes, which hold the id of the first record, and are there however long the file grows
_BLOCK = 1 << 20


def bring_archives(source: Path, target: Path) -> tuple[int, dict[str, str]]:
    """Brings the WARC files of a folder into another one; gives how many, and the names of those renamed.

    A file that has grown since it was brought is brought again; one that is a different file of the same name stands
    under another name. Raises OSError.
    """
    files = sorted(source.glob(f"*{_ENDING}")) if source.is_dir() else []
    if not files or (target.exists() and source.samefile(target)):
        return 0, {}
    target.mkdir(parents=True, exist_ok=True)
    count, names = 0, {}
    for file in files:
        here = target / file.name
        if here.exists() and not _is_one(file, here):
            with file.open("rb") as stream:
                mark = sha256(stream.read(_TELLING)).hexdigest()[:12]
            here = target / f"{file.name.removesuffix(_ENDING)}-{mark}{_ENDING}"
            names[file.name] = here.name
        # Of two states of one file, the longer one has all of the other.
        if not here.exists() or file.stat().st_size > here.stat().st_size:
            _place(file, here)
            count += 1
    if count:
        _sync(target)
    return count, names


def _is_one(one: Path, other: Path) -> bool:
    """Whether two files are one, or states of one, which is only ever added to."""
    a, b = one.stat(), other.stat()
    if one.samefile(other) or (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns):
        return True
    left = min(a.st_size, b.st_size)
    with one.open("rb") as first, other.open("rb") as second:
        while left > 0:
            size = min(left, _BLOCK)
            if first.read(size) != second.read(size):
                return False
            left -= size
    return True


def _place(file: Path, here: Path) -> None:
    """As a link where the disk is the same, else as a copy; whole or not at all."""
    part = here.with_name(f".{here.name}.part")
    part.unlink(missing_ok=True)
    try:
        with suppress(OSError):
            part.hardlink_to(file)
        if not part.exists():
            copyfile(file, part)
            copystat(file, part)
            _sync(part)
        os.replace(part, here)
    finally:
        part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
