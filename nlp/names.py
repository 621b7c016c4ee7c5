"""Names of people as they are printed: runs of capitalised words, without the titles, posts and openers beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from nlp.lexicon import lexicon
from nlp.posts import role_words
from nlp.words import Word

Gender = Literal["f", "m"]

_NICKNAME = re.compile(r"""\s(?:['‘][A-Z]\w+['’]|["“][A-Z]\w+["”]|\([A-Z]\w+\))\s[A-Z]""")  # Tom ‘Sparky’ Brand
_NICKNAME_END = re.compile(r"['’\"”)]\s")
_ADDRESSES = {"Mr", "Mrs", "Ms", "Miss", "Dr", "Cllr", "Sen", "Rep"}  # stand before a name, never before a title
_POST_WORDS = {"General"}  # a title, but a part of a post beside its other word: "Attorney General"
_LONGEST_NAME = 5  # words
_LONGEST_RUN = 16  # capitalised words in a row: more of them are a headline, where a capital says nothing


@dataclass(frozen=True, slots=True)
class Named:
    """One naming: the words of the name as printed, the title before it, and where title and name begin."""

    words: tuple[Word, ...]
    text: str
    title: str | None
    before: int

    @property
    def start(self) -> int:
        return self.words[0].start

    @property
    def end(self) -> int:
        return self.words[-1].end

    @property
    def plainly_a_name(self) -> bool:
        """A given name and more, of words that are nothing but names: "Jane Roe", but not "Victoria Park"."""
        doubtful = self.words[0].text in doubtful_words() or self.words[-1].text in name_words("either")
        return len(self.words) > 1 and self.first in given_names() and not doubtful

    @property
    def first(self) -> str:
        """The given name, or the surname standing alone."""
        return self.words[0].text.lower()


@cache
def titles() -> dict[str, Gender | None]:
    """Title as printed, without its stop, to the gender it tells."""
    return {row["title"].rstrip("."): cast("Gender | None", row["gender"] or None) for row in lexicon("titles")}


@cache
def given_names() -> dict[str, Gender | None]:
    """Given name in lower case to the gender it tells, None where either."""
    return {
        row["name"].lower(): cast("Gender", row["gender"]) if row["gender"] in {"f", "m"} else None
        for row in lexicon("given_names")
    }


@cache
def name_words(use: str) -> frozenset[str]:
    """The words of data/lexicon/name_words.csv of one use."""
    return frozenset(row["word"] for row in lexicon("name_words") if row["use"] == use)


@cache
def doubtful_words() -> frozenset[str]:
    """Words that are more often something else than somebody's name."""
    return frozenset().union(*(name_words(use) for use in ("ends", "either", "place", "opener")))


def names_in(text: str, words: Sequence[Word], taken: Set[int]) -> Iterator[Named]:
    """What may be names, in order; `taken` holds the starts of words that name something already."""
    for run in _runs(text, words, taken):
        if len(run) <= _LONGEST_RUN and (named := _name(text, run)) is not None:
            yield named


def _runs(text: str, words: Sequence[Word], taken: Set[int]) -> Iterator[list[Word]]:
    """Longest stretches of capitalised words parted by single spaces, particles between them included."""
    run: list[Word] = []
    for word in words:
        inside = bool(run) and _joined(text, run[-1], word)
        particle = inside and word.text in name_words("particle")
        capital = word.start not in taken and (word.text[0].isupper() or word.text in titles() or _arabic(word.text))
        if run and not (inside and (capital or particle)):
            yield run
            run = []
        if capital or particle:
            run.append(word)
    if run:
        yield run


def _joined(text: str, left: Word, right: Word) -> bool:
    gap = text[left.end : right.start]
    if _NICKNAME.match(text, left.end) or _NICKNAME_END.fullmatch(gap):
        return True
    if gap in {". ", "."}:  # after an initial or a title, not after a sentence
        return (len(left.text) == 1 or left.text in titles()) and not left.possessive
    return gap == " " and not left.possessive


def _arabic(word: str) -> bool:
    return word.lower().startswith(("al-", "el-")) and word[3:4].isupper()


def _name(text: str, run: list[Word]) -> Named | None:
    """The name in a run of capitalised words: at its end, behind titles, posts, openers and other names."""
    end = len(run)
    while end and (run[end - 1].text in name_words("particle") or run[end - 1].text in name_words("honour")):
        end -= 1
    run = run[:end]
    begin, title_at = 0, None
    for i, word in enumerate(run):
        if i and _is_surname(run, i, begin, title_at):
            continue
        if word.text in titles() and not (word.text in _POST_WORDS and i and run[i - 1].text.lower() in role_words()):
            title_at = i if title_at is None or begin != i else title_at
            begin = i + 1
        elif word.text.lower() in given_names() and i == begin == len(run) - 2:
            break  # "Dean Smith"
        elif word.text.lower() in role_words() or word.text in name_words("opener"):
            begin, title_at = i + 1, None
    if title_at is None:
        begin = _past_other_names(run, begin)
    name = run[begin:]
    if not name or len(name) > _LONGEST_NAME or any(word.text in name_words("ends") for word in name[1:] or name):
        return None
    if len(name) == 1 and name[0].text in doubtful_words() and title_at is None:
        return None
    printed = text[name[0].start : name[-1].end]
    if printed in name_words("not a person") or any(word.text.isupper() and len(word.text) > 2 for word in name):
        return None
    title = None if title_at is None else run[begin - 1].text
    return Named(tuple(name), printed, title, name[0].start if title_at is None else run[title_at].start)


def _is_surname(run: list[Word], i: int, begin: int, title_at: int | None) -> bool:
    """A title or a post that is somebody's name: "Mark Dean", "Rep. Anna King", "Mr Prince"."""
    last = i == len(run) - 1
    if last and begin == i and title_at is not None:
        if run[i - 1].text in _POST_WORDS and run[i].text.lower() in role_words():
            return False  # "General Secretary"
        return run[i].text not in titles() or run[i - 1].text in _ADDRESSES
    return i > begin and run[i - 1].text.lower() in given_names() and (last or title_at is None)


def _past_other_names(run: list[Word], begin: int) -> int:
    """ "Environment Canada Jane Roe", "Education Jane Roe": where the person's own name begins."""
    last = len(run) - 1
    for i in range(begin, last):
        if run[i].text.lower() in given_names():
            return i
    for i in range(last - 2, begin - 1, -1):
        if run[i].text in name_words("ends") | name_words("either"):
            return i + 1
    return begin
