"""Committees and portfolios: "Children, Young People and Families Committee", "Minister for Homes, Roads and Schools".

A comma inside such a name parts nothing, and its words name nobody.
"""

from __future__ import annotations

import re

_WORD = r"[A-Z][\w’'-]+"
_WORDS = rf"{_WORD}(?:\s{_WORD}){{0,3}}"
_HEADS = ("Committee", "Sub-Committee", "Board", "Panel", "Group", "Forum", "Network", "Directorate", "Partnership")
_NAME = re.compile(
    rf"\b(?<!['’]){_WORDS}(?:,\s{_WORDS}){{1,4}},?\s(?:and|&)\s(?:{_WORD}\s){{1,4}}?(?:{'|'.join(_HEADS)})\b"
)
_POSTS = "Minister|Member|Director|Secretary|Holder|Lead|Spokes(?:person|man|woman)|Head|Chair|Commissioner|Portfolio"
_PORTFOLIO = re.compile(
    rf"\b(?:{_POSTS})\s(?:for|of)\s(?:the\s)?{_WORDS}(?:,\s{_WORDS}){{1,4}},?\s(?:and|&)\s{_WORD}(?:\s{_WORD}){{0,2}}"
)
_LOWER = re.compile(
    r"(?:(?<=['’]s )|(?<=\sits ))[a-z-]+(?: [a-z-]+){0,2}(?:, [a-z-]+(?: [a-z-]+){0,2}){1,4},? and (?:[a-z-]+ ){1,4}?"
    r"(?:committee|sub-committee|board|panel|group|forum|network)\b"
)
_LOWER_PORTFOLIO = re.compile(
    r"\b(?:member|holder|spokes(?:person|man|woman))\sfor\s"
    r"[a-z’'-]+(?: [a-z’'-]+){0,2}(?:, [a-z’'-]+(?: [a-z’'-]+){0,2}){1,3},? and [a-z’'-]+(?: [a-z’'-]+){0,2}"
    r"(?=[,.;:)]|\s[A-Z])"
)  # "cabinet member for children, families and schools"
_NAMES = (_NAME, _PORTFOLIO, _LOWER, _LOWER_PORTFOLIO)
_JOINTS = {"and", "&", "of", "for"}


def names_with_commas(text: str) -> list[tuple[int, int]]:
    """Where names of committees and portfolios stand that hold commas, (start, end), in order."""
    return sorted(match.span() for pattern in _NAMES for match in pattern.finditer(text))


def is_committee(phrase: str) -> bool:
    """Whether a phrase is a committee's name, with commas or without."""
    words = phrase.replace(",", "").split()
    return bool(words) and words[-1] in _HEADS and all(word[0].isupper() or word in _JOINTS for word in words)
