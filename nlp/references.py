"""Nouns that stand for a body named elsewhere: "the inspectorate", "the council", "the charity"."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

from spacy.tokens import Doc

from nlp.gazetteer import organisations
from nlp.lexicon import lexicon
from nlp.records import Mention, Organisation

_VIEW = 2000  # characters
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
    groups = {row["noun"].lower() for row in lexicon("speaker_nouns") if row["type"] == "group"}
    return {noun: kinds for noun, kinds in _noun_kinds().items() if noun in groups}


@cache
def _noun_kinds() -> dict[str, tuple[str, ...]]:
    """The same, with documents that bodies of one kind alone publish ("the inspection")."""
    return {
        row["noun"].lower(): tuple(kind for kind in row["kinds"].split("|") if kind)
        for row in lexicon("speaker_nouns")
        if row["type"] == "group" or row["kinds"]
    }


@cache
def _kinds() -> dict[str, str]:
    return {entry.id: entry.kind for entry in organisations()}


@cache
def is_kind(organisation: Organisation, kinds: tuple[str, ...]) -> bool:
    """Whether the body is of one of these kinds: by the gazetteer, or by the words of an unlisted name."""
    if organisation.id is not None:
        return _kinds().get(organisation.id, "").startswith(kinds)
    words = organisation.name.lower().split()
    return any(word in words for kind in kinds for word in _HEAD_WORDS.get(kind, ()))


def body_meant(doc: Doc, noun: str, position: int) -> Organisation | None:
    """The body that `noun` at `position` stands for: the last one of its kinds named before, else the publisher.

    Where neither is there, the first one named after. A noun that any body may be called by ("the group") means
    nobody in particular unless its own word is in the name.
    """
    noun = noun.lower()
    kinds = _noun_kinds().get(noun)
    if kinds is None:
        return None
    starts, bodies = _named(doc, noun, kinds)
    before = bisect_left(starts, position)
    if before:
        return bodies[before - 1]
    if not kinds:
        return None
    publisher: Organisation | None = doc._.context.publisher
    if publisher is not None and is_kind(publisher, kinds):
        return publisher
    return bodies[0] if bodies else None


def only_body(doc: Doc, kind: str) -> Organisation | None:
    """The one body of a kind that the text names; the publisher where it is of that kind; None where several are."""
    publisher: Organisation | None = doc._.context.publisher
    if publisher is not None and is_kind(publisher, (kind,)):
        return publisher
    bodies = {
        m.organisation for m in doc._.organisation_mentions if m.organisation and is_kind(m.organisation, (kind,))
    }
    return bodies.pop() if len(bodies) == 1 else None


def _named(doc: Doc, noun: str, kinds: tuple[str, ...]) -> tuple[list[int], list[Organisation]]:
    """Where bodies that `noun` can stand for are named, and which; kept on the Doc, since texts use few nouns often."""
    known: dict[str, tuple[list[int], list[Organisation]]] = doc.user_data.setdefault("bodies_by_noun", {})
    if noun not in known:
        mentions: list[Mention] = doc._.organisation_mentions
        meant = [
            (m.start, m.organisation) for m in mentions if m.organisation and _can_mean(noun, kinds, m.organisation)
        ]
        known[noun] = [start for start, _ in meant], [body for _, body in meant]
    return known[noun]


def _can_mean(noun: str, kinds: tuple[str, ...], body: Organisation) -> bool:
    return is_kind(body, kinds) if kinds else noun.rstrip("s") in body.name.lower().split()


def in_view(text: str, position: int) -> int:
    """Since where a text speaks of the same: where the paragraph before that of `position` begins, at most."""
    since = max(0, position - _VIEW)
    paragraph = text.rfind("\n\n", since, position)
    return max(since, text.rfind("\n\n", since, paragraph)) if paragraph > since else since
