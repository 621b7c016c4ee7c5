"""Reads texts for the tests of people, quotes and speakers: by the rules alone, or cases by the whole pipeline."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

import nlp.affiliations
import nlp.organisations
import nlp.people
import nlp.quotes
import nlp.sentences
import nlp.speakers  # noqa: F401  (importing registers the components)
from nlp.build import EXTENSIONS, make_doc, pipeline
from nlp.gazetteer import organisations
from nlp.records import Context, Organisation


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of tests/cases/NAME.toml."""
    path = Path(__file__).parent / "cases" / f"{name}.toml"
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    return found


@cache
def reader() -> Language:
    assert "quotes" in EXTENSIONS
    language = spacy.blank("en")
    for name in ("sentences", "organisations", "people", "quotes", "affiliations", "speakers"):
        language.add_pipe(name)
    return language


def read(text: str, context: Context | None = None) -> Doc:
    """The Doc by the rules alone: nothing in it is parsed, and no names are recognised."""
    doc = reader().make_doc(text)
    doc._.context = context or Context()
    return reader()(doc)


def read_case(case: dict[str, Any]) -> Doc:
    """The Doc of a case, by the whole pipeline, with its publisher, its day and its block quotes."""
    text: str = case["text"].strip()
    publisher = case.get("publisher")
    blocks = [(text.index(words), text.index(words) + len(words)) for words in case.get("block_quotes", [])]
    context = Context(
        publisher=listed(publisher) if publisher else None,
        published=case.get("published"),
        block_quotes=tuple(blocks),
        title=case.get("title"),
    )
    return pipeline()(make_doc(text, context))


def listed(name: str) -> Organisation:
    return next(Organisation(entry.name, entry.id) for entry in organisations() if entry.name == name)


def told(record: object, stated: dict[str, Any]) -> dict[str, Any]:
    """What the record says of each thing that a case states: "" for none, bodies by their names."""
    return {key: _named(getattr(record, key)) or "" for key in stated}


def _named(value: Any) -> Any:
    return [body.name for body in value] if isinstance(value, tuple) else getattr(value, "name", value)


def untokenized(text: str) -> Doc:
    """A Doc of a text split at white space: for texts on which spaCy's own tokenizer takes too long."""
    pieces = re.findall(r"(\S+|\s)( ?)", text)
    doc = Doc(reader().vocab, words=[piece for piece, _ in pieces], spaces=[bool(space) for _, space in pieces])
    doc._.context = Context()
    return doc
