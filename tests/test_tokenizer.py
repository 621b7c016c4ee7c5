"""Any text is tokenized, whole, in time that grows with its length."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from nlp.tokenizer import LONGEST_TEXT, TamedTokenizer
from tests.clock import grows_with_its_input

PLAIN = spacy.blank("en").tokenizer
TAMED = TamedTokenizer(PLAIN)
RUNS = ['"', "'s", "(", "…", "a", "a.", "-", "’", "ß", "\u200b"]


@given(st.text(max_size=400) | st.lists(st.sampled_from([*RUNS, " ", "\n\n"]), max_size=400).map("".join))
def test_words_and_blanks_are_the_text(text: str) -> None:
    doc = TAMED(text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)


def test_words_are_those_of_spacy_where_no_stretch_is_long() -> None:
    text = "“We’re proud,” said Cllr Roe (Labour) – of https://example.org/a?b=c and the council’s £3.2m plan."
    assert [token.text for token in TAMED(text)] == [token.text for token in PLAIN(text)]


@pytest.mark.parametrize("run", RUNS)
def test_time_grows_with_the_length(run: str) -> None:
    def work(times: int) -> Callable[[], Doc]:
        return partial(TAMED, run * times)

    assert grows_with_its_input(work, 1_000, 20)


def test_what_stands_behind_the_longest_text_is_not_read() -> None:
    text = "word " * (LONGEST_TEXT // 5 + 10)
    assert TAMED(text).text == text[:LONGEST_TEXT]
