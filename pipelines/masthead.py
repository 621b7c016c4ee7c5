"""Whose site a text was copied off: the body that its first line names, or that GOV.UK says it is from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from nlp.gazetteer import organisations, the_one
from nlp.text import fold

_SKIP = re.compile(r"^(?:skip to|menu$|home$|search$)|\bcookies\b", re.IGNORECASE)
_BAR = re.compile(r"\s+[|–—·:-]\s+")
_NEWSROOM = re.compile(
    r"\s+(?:newsroom|(?:news|media)(?:\s+cent(?:re|er))?|press\s+(?:office|releases?))$", re.IGNORECASE
)
_ACRONYM = re.compile(r"^[A-Z]{3,8}\s+(?=[A-Z][a-z])")
# As GOV.UK prints it, in one line or two, and on its blogs; as councils head their newsrooms.
_FROM = re.compile(r"^(?:From:|Organisations?:|News\s+from)\s+(.{3,200})$")
_FROM_WHOM = re.compile(r"^(?:From|Organisations?):$")
_JOINT = re.compile(r",\s+|\s+and\s+")
_PRESS = "publisher"  # the kind of those who print what others say


def masthead(lines: Sequence[str], published: str | None) -> str | None:
    """The id of the listed body that the page is headed with; None where it is a newspaper, or nobody listed."""
    below = (f"{line} {next_line}" if _FROM_WHOM.match(line) else line for line, next_line in pairwise([*lines, ""]))
    stated = next((match[1] for line in below if (match := _FROM.match(line))), None)
    heading = next((line for line in lines if not _SKIP.search(line)), "")
    for name in _first_of(stated) if stated else _readings(heading):
        if entries := [entry for entry in organisations() if entry.id in _headings().get(_key(name), ())]:
            return the_one(entries, published).id
    return None


def _first_of(bodies: str) -> list[str]:
    """What may be the name of the first of several bodies, which leads: the longest first, for names hold "and" too."""
    return [bodies, *(bodies[: joint.start()] for joint in reversed(list(_JOINT.finditer(bodies))))]


def is_masthead(line: str) -> bool:
    """Whether a line is a listed body's name, alone or with a bar and what the body says of itself behind it."""
    return _key(_BAR.split(line)[0]).removesuffix(" ltd") in _headings()


def _readings(line: str) -> list[str]:
    """What of a heading may be the name: all of it, its parts, its name before a newsroom."""
    parts = [line, *_BAR.split(line)]
    parts += [_NEWSROOM.sub("", part) for part in parts]
    return parts + [_ACRONYM.sub("", part) for part in parts]


@cache
def _headings() -> dict[str, set[str]]:
    """What a site may call itself to the ids of those who are called so."""
    found: dict[str, set[str]] = {}
    for entry in organisations():
        if entry.kind == _PRESS or entry.is_generic:
            continue
        for name in (entry.name, *entry.names, *entry.acronyms, *(f"{place} Council" for place in entry.places)):
            found.setdefault(_key(name), set()).add(entry.id)
    return found


def _key(name: str) -> str:
    return fold(name).casefold().removeprefix("the ").strip(" .|-")
