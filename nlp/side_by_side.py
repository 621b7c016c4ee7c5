"""Parses the paragraphs of a text side by side: each step of the arithmetic then serves them all, not one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy
from spacy.attrs import DEP, ENT_IOB, ENT_TYPE, HEAD
from spacy.language import Language
from spacy.tokens import Doc

# What the parser and the recogniser say of a token; a head is told by how far off it is, so it is the same in a part.
_SAID = [HEAD, DEP, ENT_IOB, ENT_TYPE]


@Language.factory("side_by_side", assigns=["token.head", "token.dep", "doc.ents"])
class SideBySide:
    """The parser and the entity recogniser of a pipeline in which both listen to one tok2vec, as one component.

    No sentence goes on into another paragraph, so that nothing is lost but a look at the next one's first words.
    """

    def __init__(self, nlp: Language, name: str) -> None:  # noqa: ARG002 (spaCy gives it)
        self._components: list[Any] = [nlp.get_pipe("parser"), nlp.get_pipe("ner")]

    def __call__(self, doc: Doc) -> Doc:
        """Sets heads, dependency labels and entities."""
        parts = _paragraphs(doc)
        if not parts:
            return doc
        for component in self._components:
            component.set_annotations(parts, component.predict(parts))
        said: Any = numpy.concatenate([part.to_array(_SAID) for part in parts])
        return doc.from_array(_SAID, said)


def _paragraphs(doc: Doc) -> list[Doc]:
    """A Doc of each paragraph, with its sentences and the vectors of its tokens; a break belongs to the one before."""
    words = [token.text for token in doc]
    spaces = [bool(token.whitespace_) for token in doc]
    starts: list[bool | int | None] = [token.is_sent_start for token in doc]
    edges = [0, *(i + 1 for i, word in enumerate(words[:-1]) if "\n" in word), len(words)]
    parts = []
    for start, end in pairwise(edges):
        part = Doc(doc.vocab, words=words[start:end], spaces=spaces[start:end], sent_starts=starts[start:end])
        part.tensor = doc.tensor[start:end]
        parts.append(part)
    return parts if words else []
