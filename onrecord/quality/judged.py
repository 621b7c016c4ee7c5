"""Records of annotated documents, one by one: which rule made each, how sure it was, and whether it is right.

A record is right if all that it says is: a quote its words, speaker and body; a person the name, post and body; a
figure its value, words, unit, bounds, change and what it counts; a stance its holder, topic and polarity. Those that
the annotators hold for neither right nor wrong are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from spacy.training import Example

from nlp.records import Figure, Mention, Organisation, Person, Quote, Stance
from nlp.scoring import bare_body, bare_name, figure_likeness, overlap, pair, records_of
from nlp.views import views

Kind = Literal["quotes", "people", "organisations", "figures", "stances"]
_SAME_WORDS = 0.5  # of a quote, or a post: what scorers ask for, too
_SAME_FIGURE, _SAME_NOUN = 0.25, 0.4


@dataclass(frozen=True, slots=True)
class Judged:
    """A record that was right, or wasn't."""

    kind: Kind
    rule: str
    confidence: float
    right: bool


def judged(example: Example) -> Iterator[Judged]:
    """Every record of the predicted Doc on which the reference Doc has a word."""
    for record, right in _quotes(example):
        yield Judged("quotes", record.rule, record.confidence, right)
    for person, right in _people(example):
        yield Judged("people", person.rule, person.confidence, right)
    for mention, right in _organisations(example):
        yield Judged("organisations", mention.rule, mention.confidence, right)
    for figure, right in _figures(example):
        yield Judged("figures", figure.rule, figure.confidence, right)
    for stance, right in _stances(example):
        yield Judged("stances", stance.rule, stance.confidence, right)


def matched(gold: list[Quote], found: list[Quote]) -> dict[int, Quote]:
    """For each quote found, by its index, the annotated one of the same words."""
    pairs = pair(gold, found, lambda g, p: overlap(g.text, p.text), floor=_SAME_WORDS)
    return {j: gold[i] for i, j in pairs}


def _quotes(example: Example) -> Iterator[tuple[Quote, bool]]:
    gold, found, optional = records_of(example, "quotes")
    partners = matched([*gold, *optional], found)
    for j, quote in enumerate(found):
        partner = partners.get(j)
        if not any(partner is spared for spared in optional):
            yield quote, partner is not None and _same_holder(partner, quote)


def _same_holder(one: Quote | Person, other: Quote | Person) -> bool:
    names = (it.speaker if isinstance(it, Quote) else it.name for it in (one, other))
    return len({bare_name(name) for name in names}) == 1 and bare_body(one.organisation) == bare_body(
        other.organisation
    )


def _people(example: Example) -> Iterator[tuple[Person, bool]]:
    gold = {bare_name(person.name): person for person in example.reference._.people}
    for person in example.predicted._.people:
        partner = gold.get(bare_name(person.name))
        yield person, partner is not None and _same_holder(partner, person) and _same_post(partner, person)


def _same_post(gold: Person, found: Person) -> bool:
    return overlap(gold.role, found.role) >= _SAME_WORDS if gold.role else not found.role


def _organisations(example: Example) -> Iterator[tuple[Mention, bool]]:
    """Each body of a text once, by the mention that is surest of it."""
    gold = {bare_body(mention.organisation) for mention in example.reference._.organisation_mentions}
    optional = {bare_body(Organisation(name)) for name in example.reference._.optional.get("organisations", ())}
    surest: dict[str, Mention] = {}
    for mention in example.predicted._.organisation_mentions:
        body = bare_body(mention.organisation)
        if mention.rule and (body not in surest or mention.confidence > surest[body].confidence):
            surest[body] = mention
    for body, mention in surest.items():
        if body in gold or body not in optional:
            yield mention, body in gold


def _figures(example: Example) -> Iterator[tuple[Figure, bool]]:
    gold, found, optional = records_of(example, "figures")
    partners = {j: i for i, j in pair([*gold, *optional], found, figure_likeness, floor=_SAME_FIGURE)}
    for j, figure in enumerate(found):
        if (i := partners.get(j, -1)) < len(gold):
            yield figure, i >= 0 and _same_figure(gold[i], figure)


def _same_figure(gold: Figure, found: Figure) -> bool:
    said = (gold.unit, gold.high, gold.qualifier, gold.change)
    counted = not gold.of or overlap(gold.of, found.of) >= _SAME_NOUN
    return said == (found.unit, found.high, found.qualifier, found.change) and counted


def _stances(example: Example) -> Iterator[tuple[Stance, bool]]:
    gold, found, optional = ({_holding(view): view for view in views(rows)} for rows in records_of(example, "stances"))
    for holding, view in found.items():
        if holding in gold or holding not in optional:
            yield view, holding in gold and gold[holding].polarity == view.polarity


def _holding(view: Stance) -> tuple[Any, str]:
    return bare_body(view.organisation) or bare_name(view.speaker), view.topic
