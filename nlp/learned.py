"""A second reading of stances, learnt from what reviewers decided on the rules' rows.

It reads the words of a row with what stands around them and what the rules made of them, and answers two questions:
which polarity they have, if they take a stand at all, and what they are about. It finds no rows of its own, and is
listened to only in the classes in which it beat the rules (its `taken`).
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, cast

import numpy
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from nlp.model import pack, read, unpack, write
from nlp.records import Polarity, Stance
from nlp.text import fold

Question = Literal["polarity", "topic"]
Answers = Mapping[Question, str]

QUESTIONS: tuple[Question, ...] = ("polarity", "topic")
NONE = "none"  # the answer to the first question: no stance

_CARD = "stances.json"
_AROUND = 160  # characters on each side
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[?!]")
_MODEL = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "ngram_size": 2,
    "no_output_layer": False,
    "length": 2**14,
}
_EPOCHS, _BATCH, _RATE, _SEED = 20, 16, 0.01, 0


class LearnedError(ValueError):
    """What was learnt can't be used: one plain sentence."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of what was learnt.

    `taken` has, by question, the answers that are listened to, with how often each of them was right on documents that
    were kept aside; `rules` names the rules that they were compared with, and `decisions` counts what was learnt from.
    """

    rules: str
    decisions: int
    taken: Mapping[Question, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learned:
    """A classifier for each question, and its card; `name` tells it from others."""

    pipeline: Language
    card: Card
    name: str = ""

    def answers(self, text: str, rows: Sequence[Stance]) -> list[Answers]:
        """What it says of each row of a text."""
        return answers(self.pipeline, [features(text, row) for row in rows])

    def reread(self, text: str, rows: Sequence[Stance]) -> list[Stance]:
        """The rows with its answers in the place of the rules', where it is listened to.

        Such a row names the rule as "learned/…", and is as sure as its answers were right. A row that it takes for no
        stance is left out, and so is one that would say again what another one says.
        """
        read: list[Stance] = []
        for row, answered in zip(rows, self.answers(text, rows), strict=True):
            taken = listen(row, answered, self.card.taken)
            if taken.get("polarity") != NONE:
                read.append(self._answered(row, taken) if taken else row)
        # What the rules say themselves is kept: people may have decided on it.
        said = {_identity(row): row for row in sorted(read, key=lambda row: row.rules_topic is None)}
        return [row for row in read if row.rules_topic is None or said[_identity(row)] is row]

    def _answered(self, row: Stance, taken: Answers) -> Stance:
        return replace(
            row,
            polarity=cast(Polarity, taken.get("polarity", row.polarity)),
            topic=taken.get("topic", row.topic),
            rules_topic=row.topic,
            confidence=min(self.card.taken[question][answer] for question, answer in taken.items()),
            rule=f"learned/{row.rule}",
        )


def listen(row: Stance, said: Answers, taken: Mapping[Question, Collection[str]]) -> dict[Question, str]:
    """The answers that are listened to and say something else than the row does."""
    ours = {"polarity": row.polarity, "topic": row.topic}
    return {
        question: answer
        for question, answer in said.items()
        if answer in taken.get(question, ()) and answer != ours[question]
    }


def _identity(row: Stance) -> tuple[object, ...]:
    return row.start, row.end, row.topic, row.holder, row.quote


# What it reads --------------------------------------------------------------------------------------------------------


def features(text: str, row: Stance) -> list[str]:
    """What the rules made of a row, its words, and those around them in its paragraph (marked as such)."""
    before = text[max(row.start - _AROUND, 0) : row.start].rpartition("\n")[2]
    after = text[row.end : row.end + _AROUND].partition("\n")[0]
    said = [f"polarity={row.polarity}", f"topic={row.topic}", f"rule={row.rule}"]
    around = [f"~{word}" for words in (before, after) for word in _words(words)]
    return [*said, *_words(row.text), *around]


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text).lower())


def answers(pipeline: Language, read: Iterable[Sequence[str]]) -> list[Answers]:
    """The likeliest answer to each question, by what `features` gives."""
    docs = [Doc(pipeline.vocab, words=list(words)) for words in read]
    if not docs:
        return []
    by_question = {
        cast(Question, name): [pipe.labels[best] for best in pipe.predict(docs).argmax(axis=1)]  # type: ignore[attr-defined]
        for name, pipe in pipeline.pipeline
    }
    return [{question: found[place] for question, found in by_question.items()} for place in range(len(docs))]


# How it learns --------------------------------------------------------------------------------------------------------


def fit(examples: Sequence[tuple[Sequence[str], Answers]]) -> Language:
    """A linear classifier over words and pairs of words for each question that has two answers or more.

    The same examples in the same order give the same weights, which are those that `write_learned` keeps.
    """
    pipeline = spacy.blank("en")
    for question in QUESTIONS:
        answered = [(words, right[question]) for words, right in examples if question in right]
        labels = sorted({label for _, label in answered})
        if len(labels) > 1:
            _fit(pipeline.add_pipe("textcat", name=question, config={"model": _MODEL}), pipeline, answered, labels)
    return pipeline


def _fit(pipe: Any, pipeline: Language, answered: Sequence[tuple[Sequence[str], str]], labels: Sequence[str]) -> None:
    examples = [
        Example.from_dict(
            Doc(pipeline.vocab, words=list(words)), {"cats": {label: float(label == right) for label in labels}}
        )
        for words, right in answered
    ]
    pipe.initialize(lambda: examples, nlp=pipeline, labels=labels)
    optimizer = Adam(_RATE)
    order = numpy.random.default_rng(_SEED)
    for _ in range(_EPOCHS):
        for batch in _batches([examples[place] for place in order.permutation(len(examples))]):
            pipe.update(batch, sgd=optimizer)
    pipe.from_bytes(unpack(pack(pipe.to_bytes(exclude=["vocab"]))), exclude=["vocab"])


def _batches(examples: Sequence[Example]) -> Iterator[Sequence[Example]]:
    return (examples[start : start + _BATCH] for start in range(0, len(examples), _BATCH))


# Where it is kept -----------------------------------------------------------------------------------------------------


def write_learned(pipeline: Language, card: Card, folder: Path) -> None:
    """Writes it to a folder, in the place of what was learnt before."""
    part = folder.with_name(f".{folder.name}.part")
    discard(part)
    write(pipeline, part)
    (part / _CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
    discard(folder)
    part.rename(folder)


def read_learned(folder: Path, rules: str) -> Learned:
    """What `write_learned` wrote, for use beside the rules of that name. Raises LearnedError."""
    try:
        said = (folder / _CARD).read_bytes()
        card = Card(**json.loads(said))
        pipeline = read(folder)
        for question, sure in card.taken.items():
            if not {*sure} <= {*pipeline.pipe_labels[question]}:
                raise ValueError(f"no such answers to {question}")
        weights = [gzip.decompress(file.read_bytes()) for file in sorted(folder.glob("*.gz"))]
    except Exception as error:  # a folder can be broken in any way
        raise LearnedError(
            f"What was learnt of stances in {folder} can't be read: `onrecord stances train` makes it anew."
        ) from error
    if card.rules != rules:
        raise LearnedError(
            f"What was learnt of stances in {folder} was compared with other rules ({card.rules}) than today's:"
            " `onrecord stances train` makes it anew."
        )
    return Learned(pipeline, card, sha256(b"".join([said, *weights])).hexdigest()[:8])


def discard(folder: Path) -> None:
    """Removes what `write_learned` wrote; anything else in its place stays."""
    if (folder / _CARD).exists() or folder.name.endswith(".part"):
        shutil.rmtree(folder, ignore_errors=True)
