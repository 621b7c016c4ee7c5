"""Annotated news: where its quotes are, and who says them; of a body or a document, the name as the text words it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spacy.tokens import Doc
from spacy.training import Example

from nlp.build import make_doc, pipeline
from nlp.records import Quote
from nlp.scoring import bare_name, records_of, score_quotes
from onrecord.errors import CannotRun
from onrecord.quality.judged import Judged, matched


@dataclass(slots=True)
class News:
    """What was found of it: quotes judged by their speakers, and scores."""

    articles: int = 0
    judged: list[Judged] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)


def read_news(file: Path) -> News:
    """Reads FOLDER/news/quotes.jsonl, one article a line. Raises CannotRun."""
    try:
        examples = [_example(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotRun(f"{file} can't be read: {error!r}.") from error
    spans = score_quotes(examples)
    found = [one for example in examples for one in _judged(example)]
    named = [said for example in examples for said in example.reference._.quotes if said.speaker]
    right = sum(one.right for one, _ in found)
    both = {"precision": _share(right, len(found)), "recall": _share(right, len(named))}
    return News(
        articles=len(examples),
        judged=[one for one, _ in found],
        scores={
            **{f"quotes {name}": spans[f"quotes_{name[0]}"] or 0.0 for name in ("precision", "recall", "f1")},
            **{f"quotes with speaker {name}": value for name, value in both.items()},
            "quotes with speaker f1": _share(2 * right, len(found) + len(named)),
            "speaker of those found": _share(right, sum(met for _, met in found)),
        },
    )


def _example(row: dict[str, object]) -> Example:
    text = str(row["text"])
    predicted, reference = pipeline()(make_doc(text)), make_doc(text)
    quotes: list[tuple[Quote, bool]] = [
        (Quote(said["start"], said["end"], said["text"], speaker=said["speaker"]), bool(said.get("optional")))
        for said in row["quotes"]  # type: ignore[attr-defined]
    ]
    reference._.quotes = [quote for quote, optional in quotes if not optional]
    reference._.optional = {"quotes": [quote for quote, optional in quotes if optional]}
    return Example(predicted, reference)


def _judged(example: Example) -> Iterator[tuple[Judged, bool]]:
    """The quotes found, and whether they are quotes; without those that are optional or whose speaker nobody names."""
    gold, found, optional = records_of(example, "quotes")
    partners = matched([*gold, *optional], found)
    for j, quote in enumerate(found):
        partner = partners.get(j)
        if partner is None:
            yield Judged("quotes", quote.rule, quote.confidence, False), False
        elif partner.speaker and not any(partner is spared for spared in optional):
            right = _last(partner.speaker) in {_last(name) for name in _names(quote, example.predicted)}
            yield Judged("quotes", quote.rule, quote.confidence, right), True


def _names(quote: Quote, doc: Doc) -> Iterator[str]:
    """What the speaker is called: the person, else the body in all the words that the text has for it."""
    if quote.speaker or not quote.organisation:
        yield quote.speaker or quote.speaker_text or ""
        return
    yield quote.organisation.name
    for mention in doc._.organisation_mentions:
        if mention.organisation == quote.organisation:
            yield mention.text


def _last(name: str) -> str:
    """The surname, or the last word of what a body is called."""
    return (bare_name(name).split() or ["nobody"])[-1]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
