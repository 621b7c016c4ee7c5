"""docs/sources.md, made from the registry: `make sources-doc` writes it, tests/test_sources_doc.py holds it to it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from spiders.registry import Source, read_registry

DOCUMENT = Path(__file__).parent.parent / "docs/sources.md"

_HEAD = """\
# The sources

What is read every night, how, and on what terms its words are kept. Made from `data/sources.toml`, whose head explains
every word, by `make sources-doc`: change the registry, not this page.

- **listing**: how the site lists its pages.
- **state**: *verified* was seen as the registry has it; *not verified* is built on what is known of the site, not on
  the live site, and `onrecord sources try ID` tells whether reality agrees; *disabled* is not read, and why.
- **floor**: fewer listed items than this, and the night calls the source empty.
"""


def document(sources: Collection[Source]) -> str:
    """The page, in Markdown, of the sources in their order."""
    disabled = sum(bool(source.disabled) for source in sources)
    verified = sum(source.verified and not source.disabled for source in sources)
    count = (
        f"{len(sources)} sources: {verified} verified, {len(sources) - verified - disabled} not verified, "
        f"{disabled} disabled.\n"
    )
    rows = [("source", "name", "listing", "state", "floor", "terms"), ("---",) * 6, *map(_row, sources)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"{_HEAD}\n{count}\n{table}\n"


def _row(source: Source) -> tuple[str, ...]:
    name = _cell(source.name)
    listings = ", ".join(sorted({listing.type for listing in source.listing}))
    return (
        f"`{source.id}`",
        f"[{name}]({source.home})" if source.home else name,
        listings or "none",
        _cell(source.state),
        str(source.floor),
        _cell(source.terms or "not known"),
    )


def _cell(text: str) -> str:
    """Words of the registry as words in a table: no mark of theirs is Markdown's or HTML's."""
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


if __name__ == "__main__":
    DOCUMENT.write_text(document(read_registry().values()), encoding="utf-8")
