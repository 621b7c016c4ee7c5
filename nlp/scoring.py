"""Scorers of the components: precision, recall and F1 of predicted records against a reference Doc's.

A reference Doc carries the records that a careful reader finds (`doc._.quotes` …) and, in `doc._.optional`, those that
are neither missed nor wrong, as the annotation guide has it. Words are compared by their letters and digits, so that a
mark at the edge of a span is nobody's mistake.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from nlp.records import Figure, Organisation, Quote, Stance
from nlp.text import fold
from nlp.views import views

Scores = dict[str, Any]
Scorer = Callable[[Iterable[Example]], Scores]
_T = TypeVar("_T")

_TITLES = {"sir", "dame", "lord", "lady", "baroness", "cllr", "councillor", "dr", "mr", "mrs", "ms", "professor"}
_COUNCIL_WORDS = {
    "council",
    "borough",
    "metropolitan",
    "county",
    "city",
    "london",
    "royal",
    "district",
    "of",
    "the",
    "and",
}

if not Doc.has_extension("optional"):
    Doc.set_extension("optional", default={})


@dataclass(frozen=True, slots=True)
class Component:
    """A spaCy component: a function over a Doc, and the scorer of what it leaves there."""

    run: Callable[[Doc], Doc]
    scorer: Scorer

    def __call__(self, doc: Doc) -> Doc:
        return self.run(doc)

    def score(self, examples: Iterable[Example], **_: Any) -> Scores:
        """What `Language.evaluate` asks every component for."""
        return self.scorer(examples)


def component(name: str, scorer: Scorer) -> Callable[[Callable[[Doc], Doc]], Callable[[Doc], Doc]]:
    """Registers a function over Docs as the spaCy factory `name`, with its scorer."""

    def register(run: Callable[[Doc], Doc]) -> Callable[[Doc], Doc]:
        def create(nlp: Language, name: str) -> Component:  # noqa: ARG001 (spaCy gives both by name)
            return Component(run, scorer)

        Language.factory(name, func=create)
        return run

    return register


@dataclass(slots=True)
class _Tally:
    """Hits against what was wanted and what was offered, with every miss in words."""

    name: str
    hits: int = 0
    wanted: int = 0
    offered: int = 0
    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def rate(self, field_name: str, right: bool) -> None:
        self.right[field_name] += right
        self.of[field_name] += 1

    def scores(self) -> Scores:
        p = self.hits / self.offered if self.offered else None
        r = self.hits / self.wanted if self.wanted else None
        f = 2 * p * r / (p + r) if p and r else 0.0 if self.offered or self.wanted else None
        rates = {f"{self.name}_{key}": self.right[key] / self.of[key] for key in sorted(self.of)}
        return {
            f"{self.name}_p": p,
            f"{self.name}_r": r,
            f"{self.name}_f": f,
            **rates,
            f"{self.name}_misses": self.misses,
        }


def score_organisations(examples: Iterable[Example]) -> Scores:
    """Bodies named, each once a document, by canonical name."""
    tally = _Tally("organisations")
    for example in examples:
        gold = {bare_body(m.organisation) for m in example.reference._.organisation_mentions}
        found = {bare_body(m.organisation) for m in example.predicted._.organisation_mentions}
        optional = example.reference._.optional.get("organisations", ())
        found -= {bare_body(Organisation(name)) for name in optional} - gold
        _count_sets(tally, gold, found, "organisation")
    return tally.scores()


def score_people(examples: Iterable[Example]) -> Scores:
    """People named, each once; of those found, whether role and body are right."""
    tally = _Tally("people")
    for example in examples:
        gold = {bare_name(p.name): p for p in example.reference._.people}
        found = {bare_name(p.name): p for p in example.predicted._.people}
        _count_sets(tally, set(gold), set(found), "person")
        for key in gold.keys() & found.keys():
            if gold[key].organisation:
                tally.rate("organisation", bare_body(gold[key].organisation) == bare_body(found[key].organisation))
            if gold[key].role:
                tally.rate("role", overlap(gold[key].role, found[key].role) >= 0.5)
    return tally.scores()


def score_quotes(examples: Iterable[Example]) -> Scores:
    """Quotes found, by their exact words."""
    tally = _Tally("quotes")
    for example in examples:
        gold, found, optional = records_of(example, "quotes")
        pairs = pair([*gold, *optional], found, lambda g, p: float(squash(g.text) == squash(p.text)))
        _count_pairs(tally, gold, found, pairs, "quote")
    return tally.scores()


def score_speakers(examples: Iterable[Example]) -> Scores:
    """Of the quotes found: whether speaker, organisation, role and form are right."""
    tally = _Tally("speakers")
    for example in examples:
        gold, found, _ = records_of(example, "quotes")
        g: Quote
        p: Quote
        for i, j in pair(gold, found, lambda g, p: overlap(g.text, p.text), floor=0.5):
            g, p = gold[i], found[j]
            tally.rate("speaker", bare_name(g.speaker) == bare_name(p.speaker))
            tally.rate("organisation", bare_body(g.organisation) == bare_body(p.organisation))
            tally.rate("form", g.form == p.form)
            if g.role:
                tally.rate("role", overlap(g.role, p.role) >= 0.5)
            if bare_name(g.speaker) != bare_name(p.speaker):
                tally.misses.append(f"speaker {p.speaker} for {g.speaker}: {g.text[:60]}")
            if bare_body(g.organisation) != bare_body(p.organisation):
                tally.misses.append(f"organisation {_name(p.organisation)} for {_name(g.organisation)}: {g.text[:60]}")
    scores = tally.scores()
    return {key: value for key, value in scores.items() if key[-2:] not in {"_p", "_r", "_f"}}


def score_figures(examples: Iterable[Example]) -> Scores:
    """Figures found, by value and words; of those, whether unit, qualifier, change and `of` are right."""
    tally = _Tally("figures")
    for example in examples:
        gold, found, optional = records_of(example, "figures")
        pairs = pair([*gold, *optional], found, figure_likeness, floor=0.25)
        _count_pairs(tally, gold, found, pairs, "figure")
        for i, j in pairs:
            if i < len(gold):
                g, p = gold[i], found[j]
                tally.rate("unit", g.unit == p.unit)
                tally.rate("qualifier", g.qualifier == p.qualifier)
                tally.rate("change", g.change == p.change)
                if g.of:
                    tally.rate("of", overlap(g.of, p.of) >= 0.4)
    return tally.scores()


def score_stances(examples: Iterable[Example]) -> Scores:
    """Holder and topic found; of those, whether the polarity is right. Rows of one holder and topic add up."""
    tally = _Tally("stances")
    for example in examples:
        gold, found, optional = (_views(rows) for rows in records_of(example, "stances"))
        found = {key: polarity for key, polarity in found.items() if key in gold or key not in optional}
        _count_sets(tally, set(gold), set(found), "stance")
        for key in gold.keys() & found.keys():
            tally.rate("polarity", gold[key] == found[key])
            if gold[key] != found[key]:
                tally.misses.append(f"stance {key} is {gold[key]}, found {found[key]}")
    return tally.scores()


def overlap(a: str | None, b: str | None) -> float:
    """F1 of the words of two strings."""
    x, y = Counter(_words(a)), Counter(_words(b))
    both = sum((x & y).values())
    return 2 * both / (sum(x.values()) + sum(y.values())) if both else 0.0


def records_of(example: Example, kind: str) -> tuple[list[Any], list[Any], list[Any]]:
    """Reference, predicted and optional records of a kind."""
    reference, predicted = example.reference._, example.predicted._
    return list(reference.get(kind)), list(predicted.get(kind)), list(reference.optional.get(kind, ()))


def _count_sets(tally: _Tally, gold: set[Any], found: set[Any], what: str) -> None:
    tally.hits += len(gold & found)
    tally.wanted += len(gold)
    tally.offered += len(found)
    tally.misses += [f"{what} missed: {key}" for key in sorted(gold - found, key=str)]
    tally.misses += [f"{what} not in gold: {key}" for key in sorted(found - gold, key=str)]


def _count_pairs(
    tally: _Tally, gold: Sequence[Any], found: Sequence[Any], pairs: list[tuple[int, int]], what: str
) -> None:
    """`pairs` beyond the end of `gold` are with optional records."""
    met = {i for i, _ in pairs if i < len(gold)}
    spared = sum(i >= len(gold) for i, _ in pairs)
    tally.hits += len(met)
    tally.wanted += len(gold)
    tally.offered += len(found) - spared
    tally.misses += [f"{what} missed: {g.text[:80]}" for i, g in enumerate(gold) if i not in met]
    paired = {j for _, j in pairs}
    tally.misses += [f"{what} not in gold: {p.text[:80]}" for j, p in enumerate(found) if j not in paired]


def pair(
    gold: Sequence[_T], found: Sequence[_T], likeness: Callable[[Any, Any], float], floor: float = 1.0
) -> list[tuple[int, int]]:
    """One-to-one pairs, the most alike first."""
    ranked = sorted(((likeness(g, p), -i, -j) for i, g in enumerate(gold) for j, p in enumerate(found)), reverse=True)
    pairs: dict[int, int] = {}
    for like, i, j in ranked:
        if like >= floor and -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    return sorted(pairs.items())


def figure_likeness(g: Figure, p: Figure) -> float:
    near = abs(g.value - p.value) <= (0.005 if abs(g.value) < 1 else 1e-6 * abs(g.value))
    return overlap(g.text, p.text) if near else 0.0


def _views(stances: Iterable[Stance]) -> dict[tuple[str, str], str]:
    return {(bare_body(v.organisation) or bare_name(v.speaker), v.topic): v.polarity for v in views(stances)}


def _words(text: str | None) -> list[str]:
    return re.findall(r"[a-z0-9£%']+", fold(text or "").lower())


def squash(text: str) -> str:
    """Letters and digits alone."""
    return "".join(re.findall(r"[a-z0-9£%]+", fold(text).lower()))


def _name(organisation: Organisation | None) -> str | None:
    return organisation.name if organisation else None


def bare_name(name: str | None) -> str:
    return " ".join(word for word in _words(name) if word not in _TITLES)


def bare_body(organisation: Organisation | None) -> str:
    """A body by the words of its name that tell it from others: "Leeds City Council" and "Leeds" are one."""
    words = [
        re.sub(r"'s?$", "", word)
        for word in _words(re.sub(r"\([^)]*\)", " ", organisation.name if organisation else ""))
    ]
    return " ".join([word for word in words if word not in _COUNCIL_WORDS] or words)
