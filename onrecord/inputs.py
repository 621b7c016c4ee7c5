"""Pages given by hand: .txt, .html, .pdf and WARC files, folders of them, and addresses told from paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from onrecord.errors import CannotRun
from pipelines.archive import read_archive
from pipelines.page import Page

TYPES = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html", ".pdf": "application/pdf"}
ARCHIVES = (".warc", ".warc.gz")
_KNOWN = (*TYPES, *ARCHIVES)


class Given(NamedTuple):
    """A page that was given: its id (the file's stem; with "#2" for the second page of an archive) and where it is."""

    id: str
    where: str
    page: Page


def is_address(given: str) -> bool:
    """Whether something is meant to be fetched, not read from a file."""
    return bool(re.match(r"https?://", given, re.IGNORECASE))


def files(paths: Iterable[Path]) -> list[Path]:
    """The files meant by paths: themselves, or what folders hold, in order. Raises CannotRun where there is none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if _suffix(file) and file.is_file())
            if not inside:
                raise CannotRun(f"{path} holds no file of {', '.join(_KNOWN)}.")
            found += inside
        elif not path.exists():
            raise CannotRun(f"There is no file {path}.")
        elif not _suffix(path):
            raise CannotRun(f"{path} is none of {', '.join(_KNOWN)}.")
        else:
            found.append(path)
    return found


def pages(paths: Iterable[Path]) -> Iterator[Given]:
    """Each file as a page at the file's own address, an archive as its pages at theirs. Raises CannotRun."""
    for path in files(paths):
        suffix = _suffix(path)
        stem = path.name[: -len(suffix)]
        try:
            if suffix in ARCHIVES:
                yield from _archived(path, stem)
            else:
                address = path.resolve().as_uri()
                headers = {"content-type": TYPES[suffix]}
                yield Given(stem, str(path), Page(url=address, asked=address, body=path.read_bytes(), headers=headers))
        except OSError as error:
            raise CannotRun(f"{path} can't be read: {error.strerror or error}.") from error


def _archived(path: Path, stem: str) -> Iterator[Given]:
    number = 0
    for number, page in enumerate(read_archive(path), 1):
        page.asked = page.url
        yield Given(f"{stem}#{number}", f"{path}#{number} ({page.url})", page)
    if not number:
        raise CannotRun(f"{path} holds no page: it is no WARC file, or has no response in it.")


def _suffix(path: Path) -> str:
    """The ending by which a file is known, "" for any other."""
    return next((known for known in reversed(_KNOWN) if path.name.lower().endswith(known)), "")
