"""A sentence as training sees it, whatever corpus it is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Doc
from spacy.vocab import Vocab

KINDS = frozenset({"PER", "ORG", "LOC"})
MISSING = "-"  # a word's label of which nothing is known


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with what is known of them; None where a corpus says nothing of it.

    `heads` are positions in the sentence (a root is its own head), `ents` BIO labels.
    """

    document: str
    id: str
    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    tags: tuple[str, ...] | None = None
    pos: tuple[str, ...] | None = None
    heads: tuple[int, ...] | None = None
    deps: tuple[str, ...] | None = None
    ents: tuple[str, ...] | None = None

    def doc(self, vocab: Vocab) -> Doc:
        """A spaCy Doc; what is not annotated is left missing, so that nothing is learnt from it."""
        ents = [None if label == MISSING else label for label in self.ents] if self.ents is not None else None
        return Doc(
            vocab,
            words=list(self.words),
            spaces=list(self.spaces),
            tags=list(self.tags) if self.tags else None,
            pos=list(self.pos) if self.pos else None,
            heads=list(self.heads) if self.heads else None,
            deps=list(self.deps) if self.deps else None,
            sent_starts=[i == 0 for i in range(len(self.words))] if self.heads else None,
            ents=ents,  # type: ignore[arg-type]
        )


def spans(sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of each entity; words whose annotation is missing have none."""
    labels = sentence.ents or ()
    start = None
    for i, label in enumerate((*labels, "O")):
        if start is not None and not label.startswith("I-"):
            yield start, i, labels[start][2:]
            start = None
        if label.startswith("B-"):
            start = i
