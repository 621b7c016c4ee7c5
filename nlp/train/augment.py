"""Variants of training sentences that the corpora have too few of: British marks, leads and titles, unseen names.

Every variant keeps the annotation of its sentence, so nothing is learnt that a person has not annotated, but that the
words around and inside it may be others.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nlp.gazetteer import organisations
from nlp.lexicon import lexicon
from nlp.name_lists import listed_as
from nlp.train.sentence import Sentence, spans

_OURS = 0.3  # share of bodies that are renamed to one of data/organisations.csv
_KNOWN = 0.3  # to one that is known everywhere
_RARE, _LONG = 2, 5  # occurrences and letters of words that are disguised
_LETTERS = "abcdefghiklmnoprstuvwy"
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


class Disguise:
    """Words that come once or twice with other letters between the first one and the last three.

    So are words that no training text has: the pipeline learns to tell them by their ending, their form and what stands
    around them.
    """

    def __init__(self, sentences: Sequence[Sentence], share: float, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (a seed is the point)
        self.share = share
        self.count = Counter(word.lower() for sentence in sentences for word in sentence.words)

    def __call__(self, sentence: Sentence) -> Sentence:
        return replace(sentence, words=tuple(self.other(word) for word in sentence.words))

    def other(self, word: str) -> str:
        """The word in disguise, now and then, where it is a rare one that no list knows."""
        if len(word) < _LONG or not word.isalpha() or self.count[word.lower()] > _RARE or listed_as(word):
            return word
        if self.random.random() >= self.share:
            return word
        inner = "".join(self.random.choice(_LETTERS) for _ in word[1:-3])
        return word[0] + (inner.upper() if word.isupper() else inner) + word[-3:]


_Name = list[tuple[str, str]]  # words with their tags; "": that of the word in whose place it stands


class Renaming:
    """Other people, places and bodies in the place of those annotated, of as many words, so that trees stay.

    A name that was annotated brings its own tags along. One of a list has NNP, but where a word may be a plural or none
    of a name's own: there the tag stays.
    """

    def __init__(self, sentences: Sequence[Sentence], seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (a seed is the point)
        self.given = [row["name"] for row in lexicon("given_names")]
        self.surnames = [row["name"] for row in lexicon("census_names") if row["use"] != "given"]
        self.names: dict[tuple[str, int], list[_Name]] = {}
        self.ours: dict[int, list[_Name]] = {}
        self.known: dict[int, list[_Name]] = {}
        for row in lexicon("world_places"):
            name = _of_list(row["name"].split())
            self.names.setdefault(("LOC", len(name)), []).append(name)
        for words in _bodies():
            self.ours.setdefault(len(words), []).append(_of_list(words))
        for row in lexicon("world_bodies"):
            name = _of_list(row["name"].split())
            if row["use"] == "body" and all(word.isalnum() for word, _ in name):  # one token each
                self.known.setdefault(len(name), []).append(name)
        for sentence in sentences:
            for start, end, kind in spans(sentence):
                said = sentence.words[start:end]
                if kind in {"ORG", "LOC"} and all(word[:1].isupper() or not word.isalpha() for word in said):
                    tags = sentence.tags[start:end] if sentence.tags else ("",) * len(said)
                    self.names.setdefault((kind, end - start), []).append(list(zip(said, tags, strict=True)))

    def __call__(self, sentence: Sentence) -> Sentence:
        words, tags = list(sentence.words), list(sentence.tags or [])
        for start, end, kind in spans(sentence):
            if kind == "PER":
                words[start:end] = self.person(words[start:end])
            elif name := self.other(kind, words[start:end]):
                words[start:end] = [word for word, _ in name]
                if tags:
                    tags[start:end] = [tag or tags[start + i] for i, (_, tag) in enumerate(name)]
        return replace(sentence, words=tuple(words), tags=tuple(tags) if tags else None)

    def person(self, words: list[str]) -> list[str]:
        """Another person's name of as many words; the same one where it is of an unusual form."""
        if len(words) > 3 or not all(word[:1].isupper() for word in words):
            return words
        if len(words) == 1:
            return [self.random.choice(self.given if self.random.random() < 0.4 else self.surnames)]
        return [self.random.choice(self.given), *words[1:-1], self.random.choice(self.surnames)]

    def other(self, kind: str, words: list[str]) -> _Name:
        """A name of the same kind and as many words; none where no other fits."""
        choices = self.names.get((kind, len(words)))
        if kind == "ORG":
            chance = self.random.random()
            if chance < _OURS:
                choices = self.ours.get(len(words), choices)
            elif chance < _OURS + _KNOWN:
                choices = self.known.get(len(words), choices)
        if not choices or not words[0][:1].isupper():
            return []
        name = self.random.choice(choices)
        alike = [word.islower() for word, _ in name] == [word.islower() for word in words]  # "of" for "of": trees stay
        return name if alike else []


def _of_list(words: Sequence[str]) -> _Name:
    return [(word, "" if word.islower() or word.endswith("s") or not word.isalpha() else "NNP") for word in words]


def _bodies() -> Iterator[list[str]]:
    """Names of bodies in data/organisations.csv, as words."""
    for entry in organisations():
        for name in (entry.name, *entry.names, *entry.acronyms):
            yield name.replace("'s", " 's").replace("’s", " ’s").replace(",", " ,").split()
