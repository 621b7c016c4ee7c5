"""Where a text prints names, acronyms and places of the listed bodies, and which of them a misspelt name means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Literal

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from nlp.gazetteer import GazetteerEntry, organisations
from nlp.text import fold

Form = Literal["name", "acronym", "place"]

# Words that a name may print without a capital: "the London boroughs", "Leeds city council".
_SMALL = {"of", "for", "and", "the", "in", "into", "to", "on", "upon", "with", "y", "nan", "or"}
_SMALL |= {"council", "city", "county", "borough", "metropolitan", "district", "royal"}

_MISSPELT_FROM = 3  # words that count; a shorter name's likeness proves nothing
_LIKENESS = 0.88  # of the one word that differs: "Goverment", not "Governance" for "Government"


class ListedForms:
    """All printed forms of the bodies that are known as spaCy patterns, built once."""

    def __init__(self, nlp: Language, entries: Iterable[GazetteerEntry]) -> None:
        self._entries: dict[tuple[Form, str], list[GazetteerEntry]] = defaultdict(list)
        for entry in entries:
            if not entry.is_generic:
                forms: dict[Form, Iterable[str]] = {
                    "name": {entry.name, *entry.names},
                    "acronym": entry.acronyms,
                    "place": entry.places,
                }
                for form, texts in forms.items():
                    for text in texts:
                        self._entries[form, text].append(entry)
        for (form, place), councils in list(self._entries.items()):
            if form == "place" and ("name", f"{place} Council") in self._entries:
                self._entries["name", f"{place} Council"] = councils  # "Dorset council" may be its predecessor too
        self._matchers: dict[Form, PhraseMatcher] = {
            "name": PhraseMatcher(nlp.vocab, attr="NORM"),
            "acronym": PhraseMatcher(nlp.vocab, attr="ORTH"),
            "place": PhraseMatcher(nlp.vocab, attr="NORM"),
        }
        for form, text in self._entries:
            spellings = {text} if form == "acronym" else _spellings(text)
            self._matchers[form].add(text, [nlp.make_doc(spelling) for spelling in spellings])

    def spans(self, doc: Doc, form: Form) -> list[tuple[Span, str, Sequence[GazetteerEntry]]]:
        """(span, form as listed, bodies so called), longest matches only, in order."""
        found: dict[tuple[int, int], str] = {}
        for key, start, end in self._matchers[form](doc):
            if form == "acronym" or _printed_as_name(doc[start:end]):
                found[start, end] = doc.vocab.strings[key]
        kept: list[tuple[int, int]] = []
        for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
            if not kept or start >= kept[-1][1]:
                kept.append((start, end))
        return [(doc[start:end], found[start, end], self._entries[form, found[start, end]]) for start, end in kept]


def listed_variant(name: str) -> GazetteerEntry | None:
    """The listed body whose longer name this is, misspelt: an s more or less, or one word a little wrong."""
    words = _key(name)
    if len(words) < _MISSPELT_FROM:
        return None
    by_words, by_rest = _variants()
    if words in by_words:
        return by_words[words]
    for i, word in enumerate(words):
        for meant, entry in by_rest.get((i, words[:i] + words[i + 1 :]), ()):
            if SequenceMatcher(None, word, meant).ratio() >= _LIKENESS:
                return entry
    return None


@cache
def _variants() -> tuple[
    dict[tuple[str, ...], GazetteerEntry],
    dict[tuple[int, tuple[str, ...]], list[tuple[str, GazetteerEntry]]],
]:
    """Longer names by their words, and by all their words but one; not of councils, whose names differ too little."""
    by_words: dict[tuple[str, ...], GazetteerEntry] = {}
    by_rest: dict[tuple[int, tuple[str, ...]], list[tuple[str, GazetteerEntry]]] = defaultdict(list)
    for entry in organisations():
        if entry.is_council or entry.is_generic:
            continue
        for name in (entry.name, *entry.names):
            words = _key(name)
            if len(words) >= _MISSPELT_FROM:
                by_words.setdefault(words, entry)
                for i, word in enumerate(words):
                    by_rest[i, words[:i] + words[i + 1 :]].append((word, entry))
    return by_words, by_rest


def _key(name: str) -> tuple[str, ...]:
    """The words that count, without their endings in s: "Director's" and "Directors" are one."""
    words = fold(name).lower().replace("'s", "").replace("&", " ").replace(",", " ").split()
    return tuple(word.rstrip("s'") for word in words if word not in _SMALL)


def _spellings(name: str) -> set[str]:
    """A name with and without its apostrophe, with "&" and "and"; PhraseMatcher's NORM sees to curly marks."""
    joined = {name, name.replace("&", "and"), name.replace(" and ", " & ")}
    return joined | {spelling.replace("'s", "s") for spelling in joined}


def _printed_as_name(span: Span) -> bool:
    """Whether the capitals are where a name has them."""
    if span.text.endswith("select committee"):  # newspapers: "the education select committee"
        return True
    letters = [token for token in span if token.text[0].isalpha()]
    glued = {token.i + 1 for token in span if not token.whitespace_}  # "'s", "Southend-on-Sea"
    return any(token.text[0].isupper() for token in letters) and all(
        token.text[0].isupper() or token.lower_ in _SMALL or token.i in glued for token in letters
    )
