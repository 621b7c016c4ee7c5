"""Names in sentences whose trees people drew but whose names nobody marked: EWT's training part.

Teachers that see the gold tags and dependencies (which part names from other words far better than a tagger's guesses)
are trained on the sentences that have both, each from a seed of its own. Where they agree, their label stands; where
they don't, the word's label is missing, so that the pipeline learns nothing from it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import spacy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import Adam, fix_random_seed

from nlp.name_lists import listed_names
from nlp.train.sentence import MISSING, Sentence

TEACHERS = 4
EPOCHS = 7


def label(sentences: Sequence[Sentence], gold: Sequence[Sentence], seed: int) -> list[Sentence]:
    """The sentences with `ents` as the teachers agree on them; `gold` are sentences with trees and names."""
    votes: list[list[list[str]]] = []
    for number in range(TEACHERS):
        teacher = _teacher(gold, seed + number)
        votes.append([_labels(doc) for doc in teacher.pipe((_seen(teacher, s) for s in sentences), batch_size=64)])
    return [replace(sentence, ents=_agreed([vote[i] for vote in votes])) for i, sentence in enumerate(sentences)]


def _agreed(votes: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(labels[0] if len(set(labels)) == 1 else MISSING for labels in zip(*votes, strict=True))


def _labels(doc: Doc) -> list[str]:
    return [f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in doc]


def _seen(teacher: Language, s: Sentence) -> Doc:
    """What a teacher sees of a sentence: everything but the names."""
    return replace(s, ents=None).doc(teacher.vocab)


def _teacher(gold: Sequence[Sentence], seed: int) -> Language:
    fix_random_seed(seed)
    chance = random.Random(seed)  # noqa: S311 (a seed is the point)
    nlp: Language = spacy.blank("en")
    nlp.add_pipe("listed_names")
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": 96,
        "attrs": ["LOWER", "LEMMA", "SUFFIX", "SHAPE", "TAG", "DEP"],
        "rows": [3000, 1000, 1000, 1000, 100, 100],
        "include_static_vectors": False,
    }
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 96,
        "depth": 3,
        "window_size": 1,
        "maxout_pieces": 3,
    }
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": True,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode},
    }
    nlp.add_pipe("ner", config={"model": model})
    examples = [Example(listed_names(_seen(nlp, s)), s.doc(nlp.vocab)) for s in gold]
    nlp.initialize(lambda: examples[:500])
    optimizer = Adam(0.001, L2=0.01, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True)
    for _ in range(EPOCHS):
        chance.shuffle(examples)
        for batch in minibatch(examples, 32):  # type: ignore[no-untyped-call]
            nlp.update(batch, sgd=optimizer, drop=0.35)
    ner = cast(TrainablePipe, nlp.get_pipe("ner"))
    with ner.model.use_params(optimizer.averages):
        weights = ner.to_bytes()
    ner.from_bytes(weights)
    return nlp
