"""Which onrecord this is: checkouts of one version number may extract otherwise."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

import data
import nlp
import onrecord.bulk
import pipelines
import spiders

_SUFFIXES = {".py", ".csv", ".toml", ".sql"}


@cache
def fingerprint() -> str:
    """A hash of all that says what a page gives: code, word lists, weights, and the trained pipeline that is named.

    spaCy is not imported for it: a Dask worker has no use for that, only the process beside it.
    """
    hashed = hashlib.sha256(os.environ.get("ONRECORD_SPACY_MODEL", "").encode())
    for package in (data, nlp, onrecord.bulk, pipelines, spiders):
        folder = Path(str(package.__file__)).parent
        for file in sorted(folder.rglob("*")):
            if file.suffix in _SUFFIXES or folder / "model" in file.parents:
                hashed.update(f"{package.__name__} {file.relative_to(folder).as_posix()}\n".encode())
                hashed.update(file.read_bytes())
    return hashed.hexdigest()[:16]
