"""Good inputs of each target, short ones of the tree: what fuzzing starts from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.fuzz.fragments import FRAGMENTS

ROOT = Path(__file__).parent.parent.parent
MOST = 4_000  # bytes of one
# Where they lie, and the byte that says of which form they are (see targets.py).
_PLACES: dict[str, tuple[tuple[str, bytes], ...]] = {
    "page": (
        ("tests/pages/*/article.html", b"\x06"), ("tests/pages/*/page.html", b"\0"),
        ("tests/pages/*/article.json", b"\x12"), ("tests/pages/text/*.txt", b"\x03"),
    ),
    "text": (("tests/pages/text/*.txt", b""), ("tests/cases/*.toml", b"")),
    "feed": (("tests/pages/*/listing.xml", b"\x06"),),
    "sitemap": (("tests/pages/*/listing.xml", b"\x06"), ("tests/pages/*/part.xml", b"\x06")),
    "registry": (("onrecord/newsroom/sources.toml", b""), ("data/sources.toml", b"")),
    "lexicon": (
        ("data/lexicon/relevance.csv", b"\0"), ("data/lexicon/topics.csv", b"\1"),
        ("data/lexicon/stance_scope.csv", b"\2"), ("data/lexicon/stances.csv", b"\3"),
        ("data/organisations.csv", b"\4"),
    ),
}  # fmt: skip


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    """The target's files, as far as they are short or can be cut after a line, and all of its fragments in a row."""
    found = [form + _beginning(path.read_bytes()) for glob, form in _PLACES[target] for path in sorted(ROOT.glob(glob))]
    return (*found, "".join(FRAGMENTS[target]).encode())


def _beginning(data: bytes) -> bytes:
    lines = (line for line in data.splitlines(keepends=True) if not line.startswith(b"#"))
    kept, length = [], 0
    for line in lines:
        length += len(line)
        if length > MOST:
            break
        kept.append(line)
    return b"".join(kept)
