"""Sentence boundaries, by cases/sentences.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import spacy

from nlp import sentences  # noqa: F401  (registers the component)

CASES = tomllib.loads((Path(__file__).parent / "cases/sentences.toml").read_text(encoding="utf-8"))["case"]

nlp = spacy.blank("en")
nlp.add_pipe("sentences")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["sentences"][:40])
def test_sentences(case: dict[str, str]) -> None:
    expected = [part.strip() for part in case["sentences"].split("|")]
    assert [sentence.text.strip() for sentence in nlp(case["sentences"].replace("|", "")).sents] == expected


def test_a_text_without_words_has_no_sentence() -> None:
    assert list(nlp("").sents) == []


def test_every_token_is_in_one_sentence() -> None:
    doc = nlp("A. B! “C?” D… e.g. F")
    assert sum(len(sentence) for sentence in doc.sents) == len(doc)
