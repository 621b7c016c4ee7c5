"""Nouns that stand for a body named elsewhere: "the inspectorate", "the council", "the charity"."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from spacy.tokens import Doc

from nlp.gazetteer import organisations
from nlp.lexicon import lexicon
from nlp.records import Mention, Organisation

_HEAD_WORDS = {
    "local_authority": ("council", "borough", "authority"),
    "childrens_trust": ("trust", "first", "together"),
    "hsc_trust": ("trust",),
    "charity": ("trust", "charity", "society", "foundation", "association", "alliance"),
    "government": ("department", "ministry", "office", "government"),
    "trade_union": ("union",),
    "parliament": ("committee",),
    "inspectorate": ("inspectorate", "inspection"),
    "regulator": ("regulator", "commission", "authority"),
    "professional_body": ("association", "society", "college", "institute"),
    "representative_body": ("association", "network", "federation", "councils"),
    "think_tank": ("institute", "foundation", "network"),
}


@cache
def body_nouns() -> dict[str, tuple[str, ...]]:
    """Noun (lower case) to the kinds of body it can stand for: prefixes of kinds, () where any."""
    return {
        row["noun"].lower(): tuple(kind for kind in row["kinds"].split("|") if kind)
        for row in lexicon("speaker_nouns")
        if row["type"] == "group"
    }


@cache
def _kinds() -> dict[str, str]:
    return {entry.id: entry.kind for entry in organisations()}


def is_kind(organisation: Organisation, kinds: Iterable[str]) -> bool:
    """Whether the body is of one of these kinds: by the gazetteer, or by the last words of an unlisted name."""
    if organisation.id is not None:
        return any(_kinds().get(organisation.id, "").startswith(kind) for kind in kinds)
    words = organisation.name.lower().split()
    return any(word in words for kind in kinds for word in _HEAD_WORDS.get(kind, ()))


def body_meant(doc: Doc, noun: str, position: int) -> Organisation | None:
    """The body that `noun` at `position` stands for: the last one of its kinds named before, else the publisher.

    A noun that any body may be called by ("the group") means nobody in particular unless its own word is in the name.
    """
    noun = noun.lower()
    kinds = body_nouns().get(noun)
    if kinds is None:
        return None
    named: list[Mention] = doc._.organisation_mentions
    best: Organisation | None = None
    for mention in named:
        body = mention.organisation
        if body is None or (mention.start >= position and best is not None):
            continue
        if mention.start >= position and not kinds:
            continue
        if (kinds and is_kind(body, kinds)) or (not kinds and noun.rstrip("s") in body.name.lower().split()):
            best = body
    publisher = doc._.context.publisher
    if best is None and publisher is not None and kinds and is_kind(publisher, kinds):
        return publisher
    return best
