"""Variants of training sentences that the corpora have too few of: British marks, leads and titles, unseen names.

Every variant keeps the annotation of its sentence, so nothing is learnt that a person has not annotated, but that the
words around and inside it may be others.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nlp.gazetteer import organisations
from nlp.lexicon import lexicon
from nlp.train.sentence import Sentence, spans

_OURS = 0.3  # share of bodies that are renamed to one of data/organisations.csv
_CURLY = {'"': "“”", "'": "‘’", "``": "“”", "''": "””"}


def curled(sentence: Sentence) -> Sentence:
    """The sentence with typographic marks; the same sentence where it has none."""
    words, open_marks = [], dict.fromkeys(_CURLY, False)
    for word, tag in zip(sentence.words, sentence.tags or ("",) * len(sentence.words), strict=True):
        if word in _CURLY and tag in {"``", "''", ""}:
            words.append(_CURLY[word][tag == "''" if tag else open_marks[word]])
            open_marks[word] = not open_marks[word]
        else:
            words.append(word.replace("'", "’"))
    return replace(sentence, words=tuple(words))


def straightened(sentence: Sentence) -> Sentence:
    """The sentence with typewriter marks."""
    table = str.maketrans("“”‘’", "\"\"''")
    return replace(sentence, words=tuple(word.translate(table) for word in sentence.words))


def ended(sentence: Sentence) -> Sentence:
    """The sentence with the blank line behind it that ends a paragraph in our texts."""
    last = len(sentence.words) - 1
    return replace(
        sentence,
        words=(*sentence.words, "\n\n"),
        spaces=(*sentence.spaces[:-1], False, False),
        tags=(*sentence.tags, "_SP") if sentence.tags else None,
        pos=(*sentence.pos, "SPACE") if sentence.pos else None,
        heads=(*sentence.heads, last) if sentence.heads else None,
        deps=(*sentence.deps, "dep") if sentence.deps else None,
        ents=(*sentence.ents, "O") if sentence.ents is not None else None,
    )


class Renaming:
    """Other people, places and bodies in the place of those annotated, of as many words, so that trees stay."""

    def __init__(self, sentences: Sequence[Sentence], seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (a seed is the point)
        self.given = [row["name"] for row in lexicon("given_names")]
        self.surnames = [row["name"] for row in lexicon("census_names") if row["use"] != "given"]
        self.names: dict[tuple[str, int], list[list[str]]] = {}
        for row in lexicon("world_places"):
            words = row["name"].split()
            self.names.setdefault(("LOC", len(words)), []).append(words)
        self.ours: dict[int, list[list[str]]] = {}
        for words in _bodies():
            self.ours.setdefault(len(words), []).append(words)
        for sentence in sentences:
            for start, end, kind in spans(sentence):
                if kind in {"ORG", "LOC"} and all(
                    w[:1].isupper() or not w.isalpha() for w in sentence.words[start:end]
                ):
                    self.names.setdefault((kind, end - start), []).append(list(sentence.words[start:end]))

    def __call__(self, sentence: Sentence) -> Sentence:
        words = list(sentence.words)
        for start, end, kind in spans(sentence):
            words[start:end] = self.other(kind, words[start:end])
        return replace(sentence, words=tuple(words))

    def other(self, kind: str, words: list[str]) -> list[str]:
        """A name of the same kind and as many words; the same one where no other fits."""
        if kind == "PER":
            if len(words) > 3 or not all(word[:1].isupper() for word in words):
                return words
            if len(words) == 1:
                return [self.random.choice(self.given if self.random.random() < 0.4 else self.surnames)]
            return [self.random.choice(self.given), *words[1:-1], self.random.choice(self.surnames)]
        choices = self.names.get((kind, len(words)))
        if kind == "ORG" and len(words) in self.ours and self.random.random() < _OURS:
            choices = self.ours[len(words)]
        if not choices or not words[0][:1].isupper():
            return words
        name = self.random.choice(choices)
        alike = [word.islower() for word in name] == [word.islower() for word in words]  # "of" for "of": trees stay
        return list(name) if alike else words


def _bodies() -> Iterator[list[str]]:
    """Names of bodies in data/organisations.csv, as words."""
    for entry in organisations():
        for name in (entry.name, *entry.names, *entry.acronyms):
            yield name.replace("'s", " 's").replace("’s", " ’s").replace(",", " ,").split()
