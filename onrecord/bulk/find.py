"""What is to be read: files of pages, on this machine or at any address that fsspec knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from fsspec.core import url_to_fs  # type: ignore[import-untyped]

from onrecord.errors import CannotRun
from onrecord.inputs import ARCHIVES, TYPES

TABLES = (".parquet",)
_KNOWN = (*TYPES, *ARCHIVES, *TABLES)


class File(NamedTuple):
    """A file by its address, with what tells that it has changed."""

    address: str
    size: int
    modified: str  # UTC, ISO 8601

    @property
    def suffix(self) -> str:
        """The ending by which it is known."""
        return suffix(self.address)

    @property
    def url(self) -> str:
        """The address of the page, where the file is one: as `onrecord extract` gives it."""
        path = self.address.removeprefix("file://")
        return self.address if path == self.address else Path(path).as_uri()


def suffix(address: str) -> str:
    """The ending by which a file is known, "" for any other."""
    return next((known for known in reversed(_KNOWN) if address.lower().endswith(known)), "")


def open_file(address: str) -> Any:
    """The file, to be read. Raises OSError."""
    fs, path = url_to_fs(address)
    return fs.open(path, "rb")


def find(inputs: Iterable[str]) -> list[File]:
    """The files meant: themselves, or what folders hold, each once, in order. Raises CannotRun where there is none."""
    found: dict[str, File] = {}
    for given in inputs:
        try:
            inside = list(_inside(given))
        except (ImportError, ValueError) as error:  # fsspec's sentences name the driver that is missing, or the scheme
            raise CannotRun(f"{given} can't be read: {error}") from error
        except OSError as error:
            raise CannotRun(f"{given} can't be read: {error.strerror or error}.") from error
        if not inside:
            raise CannotRun(f"{given} holds no file of {', '.join(_KNOWN)}.")
        found |= {file.address: file for file in inside}
    return [found[address] for address in sorted(found)]


def _inside(given: str) -> Iterator[File]:
    fs, root = url_to_fs(given)
    if not fs.exists(root):
        raise CannotRun(f"There is no file {given}.")
    # What a scheme says of hosts is not in a file system's paths, so addresses go on from the one that was given.
    base = fs.unstrip_protocol(root) if "file" in fs.protocol else given.rstrip("/")
    for path, info in fs.find(root, detail=True).items():
        if suffix(path):
            yield File(base + path[len(root) :], int(info["size"]), _modified(fs, path, given))


def _modified(fs: Any, path: str, given: str) -> str:
    """When a file was last written: the nearest thing to the day on which its page was fetched."""
    try:
        return said(fs.modified(path))
    except NotImplementedError as error:
        raise CannotRun(f"{given} can't be read: the place does not tell when its files were written.") from error


def said(moment: datetime) -> str:
    """A moment as the file writes it; one without a zone is UTC."""
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return known.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def moment(told: object) -> str:
    """A moment that somebody else wrote, in any ISO 8601 form, as we write it; "" where it is none."""
    try:
        return said(told if isinstance(told, datetime) else datetime.fromisoformat(str(told)))
    except (ValueError, OverflowError):
        return ""
