"""Pairing of quotation marks: what is between them, whatever the marks, and never an exception."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.marks import Marked, marked_spans


def spans(text: str) -> list[tuple[str, bool, bool]]:
    return [(text[span.start : span.end], span.opened, span.closed) for span in marked_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("say “one” and “two”", ["one", "two"]),
        ('say "one" and "two"', ["one", "two"]),
        ("say ‘one’ and ‘two’", ["one", "two"]),
        ("say 'one' and 'two'", ["one", "two"]),
        ("say ''one'' and ``two''", ["one", "two"]),
        ("say «one» and «two»", ["one", "two"]),
        ("(“one”) — “two”—", ["one", "two"]),
        ("“one ‘two’ three”", ["one ‘two’ three"]),
        ("‘one “two” three’", ["one “two” three"]),
        ("‘councils’ plans’, and ‘it’s’", ["councils’ plans", "it’s"]),
        ('5" by 6" boards', []),
        ("the councils' and the inspectors' plans", []),
        ("“” and “ ”", []),
    ],
)
def test_pairs(text: str, inside: list[str]) -> None:
    assert [words for words, _, _ in spans(text)] == inside


def test_a_lost_opening_mark() -> None:
    assert spans("one,” she said") == [("one,", False, True)]


def test_a_lost_closing_mark() -> None:
    assert spans("said: “one two") == [("one two", True, False)]
    assert spans("said “one two. Then “three”") == [("one two. Then ", True, False), ("three", True, True)]


def test_a_single_mark_left_open_by_a_lead() -> None:
    assert spans("She said: ‘It’s late.") == [("It’s late.", True, False)]
    assert spans("The ‘seventies were late.") == []


def test_marks_outside_the_paragraph_are_not_read() -> None:
    text = "“one” two “three”"
    assert marked_spans(text, 6, 9) == []
    assert marked_spans(text, 10, len(text)) == [Marked(11, 16)]


@given(st.text(alphabet="ab s.,5\"'“”‘’«»„`—(", max_size=60))
def test_stretches_stand_in_order_inside_the_paragraph(text: str) -> None:
    found = marked_spans(text, 0, len(text))
    edges = [edge for span in found for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= span.start < span.end <= len(text) for span in found)
