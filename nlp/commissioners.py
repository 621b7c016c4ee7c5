"""The children's commissioner of a nation, as newspapers print the office: "the children's commissioner"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Doc, Span

from nlp.gazetteer import by_id
from nlp.records import Organisation
from nlp.spans import text_of

_OFFICES = {
    "England": "childrens-commissioner",
    "Wales": "cc-wales",
    "Scotland": "cypcs",
    "Northern Ireland": "niccy",
}
_NATIONS = "|".join(_OFFICES)
_PRINTED = re.compile(
    rf"\b(?:[Tt]he|(?P<whose>{_NATIONS})['’]s?)\s+(?P<office>children['’]s\s+commissioner(?:\s+(?:for|in)\s+(?P<of>{_NATIONS}))?)\b"
)
_OTHERS = re.compile(r"\b(?:Wales|Welsh|Scotland|Scottish|Northern\s+Ireland)\b")


def commissioners(doc: Doc) -> Iterator[tuple[Span, Organisation]]:
    """Where a text names the office in small letters: England's, unless it tells another nation, or speaks of one."""
    text = text_of(doc)
    elsewhere: bool | None = None
    for printed in _PRINTED.finditer(text) if "commissioner" in text else ():
        nation = printed["of"] or printed["whose"]
        if nation is None:
            elsewhere = _OTHERS.search(text) is not None if elsewhere is None else elsewhere
            nation = None if elsewhere else "England"
        span = doc.char_span(*printed.span("office"))
        if nation is not None and span is not None:
            yield span, by_id()[_OFFICES[nation]].organisation
