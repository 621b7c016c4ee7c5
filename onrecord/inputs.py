"""Pages given as files: .txt, .html and folders of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from onrecord.errors import CannotRun
from pipelines.page import Page

TYPES = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html"}


def files(paths: Iterable[Path]) -> list[Path]:
    """The files meant by paths: themselves, or what folders hold, in order. Raises CannotRun where there is none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in TYPES and file.is_file())
            if not inside:
                raise CannotRun(f"{path} holds no .txt or .html file.")
            found += inside
        elif not path.exists():
            raise CannotRun(f"There is no file {path}.")
        elif path.suffix.lower() not in TYPES:
            raise CannotRun(f"{path} is none of {', '.join(TYPES)}.")
        else:
            found.append(path)
    return found


def pages(paths: Iterable[Path]) -> Iterator[tuple[Path, Page]]:
    """Each file as a page, its address being the file's. Raises CannotRun."""
    for path in files(paths):
        try:
            body = path.read_bytes()
        except OSError as error:
            raise CannotRun(f"{path} can't be read: {error.strerror or error}.") from error
        address = path.resolve().as_uri()
        yield path, Page(url=address, asked=address, body=body, headers={"content-type": TYPES[path.suffix.lower()]})
