"""Finds the phrases of a lexicon in a text, all in one pass.

A phrase is written as words with alternatives: "(single|one) word(|ed)"; _ stands for any one word. The leftmost
phrase wins, at one place the one that was written with most words.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nlp.text import fold

Row = Mapping[str, str]

_GROUP = re.compile(r"\(([^()]*)\)")  # of alternatives
_FIRST = re.compile(r"[^\W_]+")
# Marks around some words of a sentence: before them a letter and a space, or after them a space and a letter.
_FRAGMENT = re.compile(r"""["'](?:(?<=[^\W\d_] ["'])(?=\w)|(?<=\w")(?= [^\W\d_]))""")
_WORD = r"(?:[\w'-]|(?<=\d)[.,](?=\d)){1,40}"


class Hit(NamedTuple):
    """One phrase found: characters from start to end, and its line of the lexicon."""

    start: int
    end: int
    row: Row


def plain(text: str) -> str:
    """Folded and in lower case, character for character ("İ" is the one letter that would grow)."""
    return fold(text).replace("İ", "I").lower()


def complaint(phrase: str) -> str | None:
    """What is wrong with a phrase as written, or None."""
    outside = _GROUP.sub("", phrase)
    if not re.fullmatch(r"[\w\s'’£()|-]+", phrase) or re.search(r"[()|]", outside):
        return f"{phrase!r} may have letters, _ and (alternatives|), nothing else, no group inside a group"
    if "" in _first_words(plain(phrase)):
        return f"{phrase!r} must start with a word, whatever is left out of it"
    return None


def _first_words(phrase: str) -> set[str]:
    """Every word (letters and digits) that a wording of the phrase may start with; "" for a wording of nothing."""
    begun, done = {""}, set()
    for element in re.findall(r"\([^()]*\)|[^()]+", phrase):
        longer = {start + more for start in begun for more in element.strip("()").split("|")}
        begun = {start for start in longer if re.fullmatch(r"[^\W_]*", start)}
        done |= longer - begun
    return {found.group() if (found := _FIRST.match(wording)) else "" for wording in done | begun}


def _longest(phrase: str) -> str:
    """The longest wording of a phrase."""
    return _GROUP.sub(lambda group: max(group[1].split("|"), key=len), phrase)


def _apart(phrase: str) -> list[str]:
    """The wordings of a phrase that is nothing but alternatives, each to be ranked by its own words."""
    return phrase[1:-1].split("|") if _GROUP.fullmatch(phrase) else [phrase]


class Phrases:
    """The phrases of one lexicon, ready to be found; `column` holds them."""

    def __init__(self, rows: Iterable[Row], column: str) -> None:
        wordings = [(phrase, row) for row in rows for phrase in _apart(plain(row[column]))]
        wordings.sort(key=lambda one: (_longest(one[0]).count(" "), len(one[0])), reverse=True)
        starting: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for phrase, row in wordings:
            for first in sorted(_first_words(phrase)):
                starting[first].append((phrase, row))
        self._starting = dict(starting)  # with a word that no text has had yet
        self._patterns: dict[str, tuple[re.Pattern[str], tuple[Row, ...]]] = {}  # of those with one that some text had

    def find_through_marks(self, text: str) -> list[Hit]:
        """As `find`, as if the reporter's sentence had no quotation marks: 'leaders who "know their children"'."""
        marks = [match.start() for match in _FRAGMENT.finditer(text)]
        shifts = [mark - i for i, mark in enumerate(marks)]  # where each was taken from the text that is left

        def place(at: int) -> int:
            return at + bisect_right(shifts, at)

        hits = self.find(_FRAGMENT.sub("", text))
        return [Hit(place(hit.start), place(hit.end - 1) + 1, hit.row) for hit in hits]

    def find(self, text: str) -> list[Hit]:
        """All hits in a `plain` text, in order, none overlapping another."""
        hits: list[Hit] = []
        at = 0
        for word in _FIRST.finditer(text):
            first = word.group()
            if first in self._starting:
                self._compile(first)
            pattern, rows = self._patterns.get(first, (None, ()))
            if pattern and word.start() >= at and (found := pattern.match(text, word.start())) and found.lastindex:
                at = found.start() + len(found.group().rstrip())
                hits.append(Hit(found.start(), at, rows[found.lastindex - 1]))
        return hits

    def _compile(self, first: str) -> None:
        """Makes a pattern of what starts with a word, when a text has it: of all together it would take a second."""
        if those := self._starting.pop(first, None):  # not another thread
            self._patterns[first] = _any_of(those)


def _any_of(phrases: list[tuple[str, Row]]) -> tuple[re.Pattern[str], tuple[Row, ...]]:
    """One pattern for all. Alternatives capture nothing: the one group that matched says which phrase it was."""
    written = (phrase.replace("(", "(?:").replace("_", _WORD) for phrase, _ in phrases)
    pattern = "(?:" + "|".join(f"({phrase})" for phrase in written) + r")(?:(?<=\s)|(?!\w))"
    return re.compile(pattern), tuple(row for _, row in phrases)


def within(hits: list[Hit], start: int, end: int) -> list[Hit]:
    """Those of the ordered hits that lie between two offsets."""
    first = bisect_left(hits, start, key=lambda hit: hit.start)
    last = bisect_left(hits, end, lo=first, key=lambda hit: hit.start)
    return [hit for hit in hits[first:last] if hit.end <= end]
