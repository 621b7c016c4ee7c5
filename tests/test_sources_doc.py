"""docs/sources.md says what the registry says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from onrecord.sources_doc import DOCUMENT, document
from spiders.registry import Listing, Source, read_registry

SOURCES = read_registry()


def rows(page: str) -> dict[str, list[str]]:
    """The cells of each source, by its id."""
    lines = re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \|$", page, re.MULTILINE)
    return {id: re.split(r" (?<!\\)\| ", cells) for id, cells in lines}


def row(**fields: Any) -> list[str]:
    given: dict[str, Any] = {"id": "marlbury", "name": "Marlbury", "hosts": ("m.example",), **fields}
    return rows(document([Source(**given)]))["marlbury"]


def test_the_page_is_made_of_the_registry() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(SOURCES.values()), "run `make sources-doc`"


def test_every_source_stands_there_with_all_that_is_promised() -> None:
    table = rows(DOCUMENT.read_text(encoding="utf-8"))
    assert list(table) == list(SOURCES)
    for id, (name, listing, state, floor, terms) in table.items():
        source = SOURCES[id]
        assert name.endswith(f"]({source.home})")
        assert listing == (", ".join(sorted({way.type for way in source.listing})) or "none")
        assert re.match(r"disabled: \w|verified$|not verified$", state)
        assert state.startswith("disabled") == bool(source.disabled)
        assert floor == str(source.floor)
        assert terms


def test_each_state_is_said() -> None:
    assert row()[2] == "not verified"
    assert row(verified=True)[2] == "verified"
    assert row(verified=True, disabled="it refuses us")[2] == "disabled: it refuses us"
    pair = [
        Source("a", "A", (), verified=True),
        Source("b", "B", ()),
        Source("c", "C", (), disabled="x", verified=True),
    ]
    assert "3 sources: 1 verified, 1 not verified, 1 disabled." in document(pair)


def test_cells_are_what_they_say() -> None:
    feeds = [Listing("html", "https://m.example/a"), *[Listing("feed", f"https://m.example/{n}") for n in range(2)]]
    assert row(listing=tuple(feeds), home="https://m.example", floor=7, terms="Ask.") == [
        "[Marlbury](https://m.example)", "feed, html", "not verified", "7", "Ask.",
    ]  # fmt: skip
    assert row() == ["Marlbury", "none", "not verified", "1", "not known"]


def test_words_that_look_like_markup_stay_words() -> None:
    name, _, state, *_ = row(name="A|B <script>", disabled="see [x](y) and\n *z*")
    assert name == r"A\|B \<script\>"
    assert state == r"disabled: see \[x\](y) and \*z\*"


def test_make_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    makefile = (DOCUMENT.parent.parent / "Makefile").read_text(encoding="utf-8")
    assert "$(BIN)/python -m onrecord.sources_doc" in makefile.split("\nsources-doc:")[1].split("\n\n")[0]
    written = []
    monkeypatch.setattr(Path, "write_text", lambda path, text, encoding: written.append((path, text)))
    runpy.run_path(str(DOCUMENT.parent.parent / "onrecord/sources_doc.py"), run_name="__main__")
    assert written == [(DOCUMENT, document(SOURCES.values()))]
