"""Words of a text with their offsets, and the verbs that report speech."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlp.lexicon import lexicon

_WORD = re.compile(r"[^\W\d_]+(?:['’\-‑][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word without a possessive ending; `possessive` says that one follows."""

    start: int
    end: int
    text: str
    possessive: bool = False


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of text[start:end], letters only, hyphens and apostrophes inside included, in order."""
    found = []
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        word, at = match.group(), match.start()
        bare = re.sub(r"['’]s$", "", word)
        stop = at + len(bare)
        possessive = bare != word or (bare.endswith("s") and text[stop : stop + 2] in {"' ", "’ "})
        found.append(Word(at, stop, bare, possessive))
    return found


@dataclass(frozen=True, slots=True)
class ReportingVerb:
    """A verb of data/lexicon/reporting_verbs.csv; a weak form is also a noun, an adjective or another sense."""

    verb: str
    kind: str
    weak: bool


@cache
def reporting_verbs() -> dict[str, ReportingVerb]:
    """Printed form (lower case) to its verb."""
    forms: dict[str, ReportingVerb] = {}
    for row in lexicon("reporting_verbs"):
        for form in row["forms"].split("|"):
            if form:
                forms[form] = ReportingVerb(row["verb"], row["kind"], weak=False)
        for form in (*row["weak_forms"].split("|"), row["verb"]):
            if form:
                forms.setdefault(form, ReportingVerb(row["verb"], row["kind"], weak=True))
    return forms


def is_reporting_verb(word: str) -> bool:
    """Whether the word is a form of a reporting verb."""
    return word.lower() in reporting_verbs()
