"""Clean text: one form, whatever the page did, and offsets that survive folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import clean_paragraph, clean_text, fold, paragraphs


@pytest.mark.parametrize(
    ("printed", "clean"),
    [
        ("Ed\u00a0Balls  said\n\tno", "Ed Balls said no"),
        ("soft\u00adhyphen and zero\u200bwidth", "softhyphen and zerowidth"),
        ("right \u202eto left\u202c", "right to left"),
        ("a\x00b", "a b"),
        ("lone \ud83d surrogate", "lone ? surrogate"),
        ("cafe\u0301", "café"),
        ("“curly” and ‘single’ stay", "“curly” and ‘single’ stay"),
    ],
)
def test_a_paragraph_is_cleaned(printed: str, clean: str) -> None:
    assert clean_paragraph(printed) == clean


def test_a_text_is_paragraphs_parted_by_a_blank_line() -> None:
    assert clean_text(["One.", "  ", "Two  two."]) == "One.\n\nTwo two."


@given(st.lists(st.text()))
def test_paragraphs_resolve(pieces: list[str]) -> None:
    text = clean_text(pieces)
    assert "\n\n".join(text[start:end] for start, end in paragraphs(text)) == text
    assert len(paragraphs(text)) == sum(bool(clean_paragraph(piece)) for piece in pieces)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_paragraph(text)
    assert clean_paragraph(once) == once
    once.encode("utf-8")


@given(st.text())
def test_folding_keeps_offsets(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_folding_straightens_marks() -> None:
    assert fold("“It’s – ok”") == '"It\'s - ok"'
