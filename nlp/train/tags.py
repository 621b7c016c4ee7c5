"""Fits the tagger's last layer once more, to tags alone: `python -m nlp.train.tags CORPORA [MODEL]`.

The tok2vec serves three components at once, and its weights stay. The layer that turns what it sees into tags is fitted
to the sentences with tags as they are printed, without the disguised copies that the names are learnt from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Adam

from nlp.model import MODEL, read, write
from nlp.train.sentence import Sentence

_EPOCHS, _BATCH, _RATE, _DROPOUT = 4, 1024, 0.0003, 0.2  # a batch is of words


def fit_tags(pipeline: Language, train: Sequence[Sentence], held_out: Sequence[Sentence], seed: int) -> list[float]:
    """Sets the layer to what did best on the sentences held out, before or after any epoch.

    Returns the share of their tags that were right at first and after each epoch.
    """
    tagger: Any = pipeline.get_pipe("tagger")
    layer = next(node for node in tagger.model.walk() if node.name == "softmax")
    seen, right = _seen(pipeline, train, tagger.labels)
    seen_there, right_there = _seen(pipeline, held_out, tagger.labels)

    def share() -> float:
        guessed = seen_there @ layer.get_param("W").T + layer.get_param("b")
        return float((guessed.argmax(1) == right_there).mean())

    chance = numpy.random.default_rng(seed)
    optimizer = Adam(_RATE, L2=0.0, grad_clip=0.0, use_averages=False)
    shares, kept = [share()], [layer.get_param(name).copy() for name in ("W", "b")]
    for _ in range(_EPOCHS):
        order = chance.permutation(len(right))
        for start in range(0, len(order), _BATCH):
            words = order[start : start + _BATCH]
            mask = (chance.random((len(words), seen.shape[1]), dtype="float32") >= _DROPOUT) / (1 - _DROPOUT)
            _step(layer, optimizer, (seen[words] * mask).astype("float32"), right[words])
        best = max(shares)
        shares.append(share())
        if shares[-1] > best:
            kept = [layer.get_param(name).copy() for name in ("W", "b")]
    for name, param in zip(("W", "b"), kept, strict=True):
        layer.set_param(name, param)
    return shares


def _step(layer, optimizer, seen, right) -> None:  # type: ignore[no-untyped-def]
    """One step down the gradient of the cross entropy of a softmax."""
    scores = seen @ layer.get_param("W").T + layer.get_param("b")
    off = numpy.exp(scores - scores.max(1, keepdims=True))
    off /= off.sum(1, keepdims=True)
    off[numpy.arange(len(right)), right] -= 1
    off /= len(right)
    layer.inc_grad("W", off.T @ seen)
    layer.inc_grad("b", off.sum(0))
    layer.finish_update(optimizer)


def _seen(pipeline: Language, sentences: Sequence[Sentence], labels: Sequence[str]):  # type: ignore[no-untyped-def]
    """What the tok2vec makes of each word (words × width), and the number of its tag; words of other tags left out."""
    numbers = {label: i for i, label in enumerate(labels)}
    rows, tags = [], []
    for vectors, gold in _vectors(pipeline, sentences):
        known = [i for i, tag in enumerate(gold) if tag in numbers]
        rows.append(vectors[known])
        tags += [numbers[gold[i]] for i in known]
    return numpy.vstack(rows), numpy.array(tags)


def _vectors(pipeline: Language, sentences: Sequence[Sentence]) -> Iterator[tuple[numpy.ndarray, tuple[str, ...]]]:
    listed: Any = pipeline.get_pipe("listed_names")
    tok2vec: Any = pipeline.get_pipe("tok2vec")
    tagged = [s for s in sentences if s.tags]
    for start in range(0, len(tagged), 64):
        some = tagged[start : start + 64]
        docs = [listed(Doc(pipeline.vocab, words=list(s.words), spaces=list(s.spaces))) for s in some]
        for sentence, vectors in zip(some, tok2vec.predict(docs), strict=True):
            yield numpy.asarray(vectors), sentence.tags or ()


def main() -> None:
    from nlp.train.train import SEED, tagged

    folder, model = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else MODEL
    pipeline = read(model)
    shares = fit_tags(pipeline, *tagged(folder, SEED), SEED)
    print("tags right of those held out:", *(f"{100 * share:.2f}" for share in shares))
    write(pipeline, model)


if __name__ == "__main__":
    main()
