"""Words about judgments of councils: which grade, of what, which councils are said to have it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from nlp.lexicon import lexicon
from nlp.spans import within
from nlp.text import fold

COUNCILS, OTHERS = "council", "other"
# What may stand between a verb and its grade: "was rated as 'inadequate' overall", "received its first good".
_FILLING = r"(?:as|to be|to|overall|an?|the|its|their|only|still|also|just|another|first|second|top|rating|of|it) ?"
_MARK = r"[\"'“”‘’]?"
_JUDGING = r"(?:re-?)?(?:rated|judged|graded|found|deemed|declared|classed|labelled|ranked|assessed)"
_GETTING = r"(?:received?|receives|given|gets?|got|achieve[ds]?|awarded|earned|earns|retained|kept|secured|handed)"
_COUNCIL_WORDS = (
    r"(?:city|county|borough|metropolitan|district|council|local authority|services|department|"
    r"children['’]s (?:social care )?(?:services|departments?))"
)
_OF_IT = rf"(?:(?:['’]s?)? {_COUNCIL_WORDS}){{0,3}}"
# Not so, not yet, or not said to be so.
_UNSAID = re.compile(
    r"\b(?:not|never|no longer|nor|neither|could|would|may|might|should|must|if|unless|until|hope[sd]?|aim(?:s|ed)?|"
    r"want(?:s|ed)?|expect(?:s|ed)?|bid|whether|avoid(?:ed)?|rather than|instead of)\b|n['’]t\b"
)
_EARLIER = re.compile(r"\b(?:previously|formerly|had|last time|originally|then|once|earlier|ago|before|after|since)\b")
# Between a council and a verb: what is judged may be something else.
_ELSEWHERE = re.compile(r";|\b(?:where|while|whereas|but|another|other|others|when)\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_JOINT = re.compile(
    r"(?:[\s,&]|\band\b|\bas well as\b|\bboth\b|\bthe\b|\bLondon\b|\b[Bb]oroughs? of\b|\b[Cc]ouncils?\b)*"
)
_SENTENCE_ENDS = re.compile(r"[.!?][\"'”’)]*\s+(?=[\"'“‘(]*[A-Z])|\n")
# After "received a good": a judgment, where no noun of another kind follows ("a good service").
_AWARDED = re.compile(
    rf"{_MARK}(?:[.,;)]|$"
    r"| (?:overall |ofsted |inspection )*(?:ratings?|grades?|judge?ments?|verdicts?|marks?|outcomes?)\b"
    r"| (?:overall|from|in its|in their|by|last|this)\b)",
    re.IGNORECASE,
)
_FURTHEST = 120  # characters between a council and the verb that judges it


@dataclass(frozen=True, slots=True)
class Judged:
    """What a figure counts of judgments: the grades (none: all that were inspected), of what, on which judgments."""

    grades: frozenset[str]
    kind: str | None  # COUNCILS, OTHERS, or None where it is not said
    judgments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """The words start:end say that a council (its index in what was asked for) has a grade.

    `earlier` is set where it is said of an earlier time, `year` where that is named.
    """

    start: int
    end: int
    council: int
    grade: str
    judgments: tuple[str, ...] = ()
    earlier: bool = False
    year: str | None = None


def judged(of: str) -> Judged | None:
    """What the words after a number count, if that is judgments: "departments rated inadequate"."""
    words = fold(of).lower()
    grades = grades_in(words)
    if not grades and not re.search(r"\binspected\b|\binspections?\b", words):
        return None
    kinds = {kind for noun, kind in _nouns().items() if _has(words, noun)}
    if not kinds and not re.search(rf"\b{_JUDGING}\b", words):
        return None  # "10 good ideas"
    return Judged(grades, OTHERS if OTHERS in kinds else COUNCILS if kinds else None, _judgments(words))


def grades_in(words: str) -> frozenset[str]:
    """The grades that a stretch of lower-case words names, by the longest wording in it."""
    found = next((row for row in _grades() if _has(words, row)), None)
    return frozenset(_grades()[found]) if found else frozenset()


def grade_of(printed: str | None) -> str | None:
    """A printed grade ("Requires improvement to be good") as the scale names it; others in lower case."""
    if printed is None:
        return None
    words = " ".join(printed.lower().split())
    grades = _grades().get(words, ())
    return grades[0] if len(grades) == 1 else words


def ratings(text: str, councils: Sequence[tuple[int, int]]) -> list[Rated]:
    """Where a text says that one of its councils (start and end of each name, in order) was rated so-and-so."""
    found: dict[tuple[int, int], Rated] = {}
    spans = [_Name(start, end, n) for n, (start, end) in enumerate(councils)]
    for start, end in _sentences(text):
        names = within(spans, start, end)
        words = text[start:end]
        if (
            not names
            or words.rstrip("\"'”’) \n").endswith("?")
            or any(kind == OTHERS and _has(words.lower(), noun) for noun, kind in _nouns().items())
        ):
            continue
        for pattern in (_after_name(), _before_name()):
            for match in pattern.finditer(text, start, end):
                for rated in _rated(text, match, names, start, end):
                    found.setdefault((rated.start, rated.council), rated)
    return sorted(found.values(), key=lambda rated: (rated.start, rated.council))


@dataclass(frozen=True, slots=True)
class _Name:
    start: int
    end: int
    index: int


def _rated(text: str, match: re.Match[str], names: Sequence[_Name], start: int, end: int) -> Iterable[Rated]:
    if "name" in match.groupdict():  # the name stands behind the verb, and the grade behind the name
        told = [name for name in names if name.start == match.start("name")]
        if not told:
            return
        grade = _grade_at(text, told[0].end, end)
        if grade is None or _UNSAID.search(text, start, match.end()):
            return
        first, last = match.start(), grade.end()
    else:
        told = _list_before(text, names, match.start("verb"))
        grade = match
        if not told or _UNSAID.search(text, start, match.start("grade")):
            return
        if re.fullmatch(_GETTING, match["verb"], re.IGNORECASE) and not _AWARDED.match(text, match.end("grade"), end):
            return
        first, last = told[0].start, match.end("grade")
    grades = grades_in(fold(grade["grade"]).lower())
    if len(grades) != 1 or re.match(r"[\w-]*\s(?:practice|work|enough|progress|quality|or\b)", text[last : last + 24]):
        return
    sentence = fold(text[start:end]).lower()
    year = _YEAR.search(text, start, end)
    for name in told:
        yield Rated(
            first, last, name.index, next(iter(grades)), _judgments(sentence),
            earlier=bool(year or _EARLIER.search(sentence)), year=year.group() if year else None,
        )  # fmt: skip


def _list_before(text: str, names: Sequence[_Name], at: int) -> list[_Name]:
    """The last council before `at` in its clause, and those it is joined to: "X, Y and Z were"."""
    before = [name for name in names if name.end <= at]
    if not before or at - before[-1].end > _FURTHEST or _ELSEWHERE.search(text, before[-1].end, at):
        return []
    told = [before[-1]]
    for name in reversed(before[:-1]):
        if not _JOINT.fullmatch(text, name.end, told[0].start):
            break
        told.insert(0, name)
    return told


def _grade_at(text: str, at: int, end: int) -> re.Match[str] | None:
    return re.compile(rf"{_OF_IT},? (?:{_FILLING})*{_MARK}(?P<grade>{_grade_words()})\b", re.IGNORECASE).match(
        text, at, end
    )


@cache
def _after_name() -> re.Pattern[str]:
    """As in "… was rated as 'inadequate'", "… received 'outstanding' ratings"."""
    return re.compile(
        rf"\b(?P<verb>{_JUDGING}|{_GETTING}) (?:by \w+ )?(?:{_FILLING})*{_MARK}(?P<grade>{_grade_words()})\b",
        re.IGNORECASE,
    )


@cache
def _before_name() -> re.Pattern[str]:
    """As in "Ofsted rated Northshire …"; the grade is looked for behind the name."""
    return re.compile(rf"\b(?P<verb>{_JUDGING}) (?:the )?(?P<name>(?=[A-Z]))", re.UNICODE)


@cache
def _grade_words() -> str:
    return "|".join(re.escape(words) for words in _grades())


@cache
def _grades() -> Mapping[str, tuple[str, ...]]:
    rows = sorted(lexicon("grades"), key=lambda row: -len(row["words"]))
    return {row["words"]: tuple(row["grades"].split("|")) for row in rows}


@cache
def _nouns() -> Mapping[str, str]:
    return {row["noun"]: row["kind"] for row in lexicon("graded_nouns")}


def _judgments(words: str) -> tuple[str, ...]:
    """The judgments named, as the record calls them; none where the overall one is meant."""
    return next(
        (tuple(row["judgments"].split("|")) for row in lexicon("graded_services") if _has(words, row["words"])), ()
    )


def _has(words: str, phrase: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", words) is not None


def _sentences(text: str) -> Iterable[tuple[int, int]]:
    """Start and end of each sentence."""
    start = 0
    for end in [match.end() for match in _SENTENCE_ENDS.finditer(text)] + [len(text)]:
        yield start, end
        start = end
