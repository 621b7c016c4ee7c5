"""Date lines and bylines: the short lines that say when, and by whom, an article was written."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from nlp.lexicon import lexicon
from pipelines.dates import printed_days
from pipelines.furniture import is_sentence

_LONGEST = 12  # words beside the date
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?)?\b|\b\d{1,2}\s*[ap]m\b", re.IGNORECASE)
_UPDATED = re.compile(r"\b(?:last\s+)?(?:updated|modified|reviewed|edited|changed|accessed)\b", re.IGNORECASE)
# What may stand beside a date without making the line say anything else.
_LABELS = re.compile(
    r"\b(?:first\s+)?(?:published|posted|released?|issued|created|added|uploaded|written|meeting|date|publication|press|news|article|immediate"
    r"|embargo(?:ed)?|until|for|on|at|the|in|gmt|bst|utc|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\b\.?",
    re.IGNORECASE,
)
_FILED = re.compile(r"\s[-–—|]\s(?:categor(?:y|ies)|tags?|topics?|filed under):.*$", re.IGNORECASE)
_POSTED = re.compile(r",?\s+(?:posted|published)\s+on:?\s*$", re.IGNORECASE)  # behind the writer's name
_NAME = r"(?-i:[^\W\d_a-z][\w'’.-]*(?:\s+(?:(?:de|van|der|von|la|le|al|bin)\s+)*[^\W\d_a-z][\w'’.-]*){1,3})"
_BYLINE = re.compile(
    rf"^(?:(?:posted|published|written|reported|story|words|report|article)\s+)?(?:by|author)\b:?\s*(?P<names>{_NAME}(?:(?:,\s+|\s+and\s+){_NAME})*)?",
    re.IGNORECASE,
)
_NAMELESS = re.compile(r"(?:posted|published|written) by\b|by(?: admin| staff| our)?(?: on\b| in\b|$)", re.IGNORECASE)
_POST = re.compile(
    r"[\s,]+(?:(?:local|democracy|senior|chief|deputy|social|political|public|education|health|home|affairs|community|news|crime|staff"
    r"|freelance)\s+)*(?:reporter|correspondent|editor|journalist|writer|columnist)\b.*$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    rf"^\W*(?:(?:main|lead|featured|header|cover|stock|file|library)\s+)?(?:(?:photo(?:graph)?|picture|image|illustration)s?"
    rf"(?:\s+(?:credit|copyright|source))?(?:\s*[:©]|\s+(?:courtesy\s+of|supplied\s+by|by)\s+(?:{_NAME}|the\b))|credit\s*:|©)",
    re.IGNORECASE,
)
_PLAIN_NAME = re.compile(rf"{_NAME}$")


class DateLine(NamedTuple):
    """A line that is a date: `published` is False where it only says when the page was changed."""

    day: str
    published: bool
    byline: str | None


def date_line(line: str, *, month_first: bool = False) -> DateLine | None:
    """Reads "Published: Tuesday 3 March 2026, 10.15am" or "By Jo Blythe on 3 March 2026"; None for any other line."""
    if len(line.split()) > _LONGEST + 8:
        return None
    line = _FILED.sub("", line)
    days = list(printed_days(line, month_first=month_first))
    if not days:
        return None
    first = days[0]
    rest = _TIME.sub(" ", line[: first.start] + " | " + line[first.end :])
    for other in reversed(days[1:]):
        rest = rest.replace(line[other.start : other.end], " ")
    updated = _UPDATED.search(line[: first.start]) is not None
    words = re.findall(r"\w[\w'’.&-]*", _LABELS.sub(" ", _UPDATED.sub(" ", rest)))
    named = _POSTED.sub("", rest.strip(" |,–—-"))
    writer = byline(named) or (named if is_name(named) else None)
    beside = is_byline(named) or is_name(named) or _stands_apart(rest, words) or line.startswith("Meeting:")
    if words and (is_sentence(line) or not beside):
        return None
    return DateLine(first.day, not updated, writer)


def is_byline(line: str) -> bool:
    """Whether a line says who wrote the article, by name or ("Posted by admin") not."""
    if len(line.split()) > _LONGEST or line.endswith((".", ":")):
        return False
    match = _BYLINE.match(line)
    return bool(match and match["names"]) or bool(_NAMELESS.match(line))


def byline(line: str) -> str | None:
    """The names in a byline, without posts and addresses; None where it names nobody."""
    match = _BYLINE.match(_POST.sub("", line)) if is_byline(line) else None
    return match["names"] if match else None


def is_name(line: str) -> bool:
    """Whether a line is somebody's name and nothing else, as bylines without "by" are."""
    return bool(_PLAIN_NAME.fullmatch(line)) and line.split()[0] in _given_names()


def is_credit(line: str) -> bool:
    """Whether a line says whose picture stands beside it: "Photo: Jo Blythe", "Image courtesy of Northmoor Council"."""
    return len(line.split()) <= _LONGEST and bool(_CREDIT.match(line)) and not (is_sentence(line) and ":" not in line)


def _stands_apart(rest: str, words: list[str]) -> bool:
    """Whether what stands beside a date is parted from it by a bar, as a section's or a writer's name is."""
    return len(words) <= 6 and bool(re.search(r"[|•·/]", rest.replace(" | ", " ", 1)))


@cache
def _given_names() -> frozenset[str]:
    return frozenset(row["name"] for row in lexicon("given_names"))
