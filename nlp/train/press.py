"""Sentences in the manner of British press releases, with the names that were put into them: names only, no trees."""

from __future__ import annotations

import random
import re
from pathlib import Path

import spacy
from spacy.training import offsets_to_biluo_tags

from nlp.gazetteer import organisations
from nlp.lexicon import lexicon
from nlp.train.sentence import Sentence

_SLOT = re.compile(r"\{(PER|SUR|ORG|ACR|LOC)\}")
_KIND = {"PER": "PER", "SUR": "PER", "ORG": "ORG", "ACR": "ORG", "LOC": "LOC"}
_DOUBLE = 0.06  # share of double-barrelled surnames


class Names:
    """Draws names of people, bodies and British places."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.given = [row["name"] for row in lexicon("given_names")]
        self.surnames = [row["name"] for row in lexicon("census_names") if row["use"] != "given"]
        bodies = [entry for entry in organisations() if len(entry.name.split()) < 9]
        self.bodies = [name for entry in bodies for name in (entry.name, *entry.names)]
        self.acronyms = [name for entry in bodies for name in entry.acronyms] or ["ADCS"]
        self.places = [place for entry in bodies for place in entry.places]

    def draw(self, slot: str) -> str:
        match slot:
            case "PER":
                return f"{self.chance.choice(self.given)} {self.draw('SUR')}"
            case "SUR":
                surname = self.chance.choice(self.surnames)
                return f"{surname}-{self.chance.choice(self.surnames)}" if self.chance.random() < _DOUBLE else surname
            case "ORG":
                return self.chance.choice(self.bodies if self.chance.random() < 0.8 else self.acronyms)
            case "ACR":
                return self.chance.choice(self.acronyms)
            case _:
                return self.chance.choice(self.places)


def press_releases(count: int, seed: int) -> list[Sentence]:
    """`count` sentences, each template filled about equally often."""
    chance = random.Random(seed)  # noqa: S311 (a seed is the point)
    names = Names(chance)
    lines = Path(__file__).with_name("press_releases.txt").read_text(encoding="utf-8").splitlines()
    templates = [line for line in lines if line and not line.startswith("#")]
    tokenize = spacy.blank("en").tokenizer
    sentences = []
    for number in range(count):
        text, entities, last = "", [], 0
        template = templates[number % len(templates)]
        for slot in _SLOT.finditer(template):
            text += template[last : slot.start()]
            name = names.draw(slot[1])
            entities.append((len(text), len(text) + len(name), _KIND[slot[1]]))
            text, last = text + name, slot.end()
        text += template[last:]
        if chance.random() < 0.3:
            text = text.translate(str.maketrans("“”‘’", "\"\"''"))
        doc = tokenize(text)
        labels = offsets_to_biluo_tags(doc, entities)
        ents = tuple(label.replace("L-", "I-").replace("U-", "B-") for label in labels)
        words, spaces = tuple(t.text for t in doc), tuple(bool(t.whitespace_) for t in doc)
        sentences.append(Sentence(f"press-{number}", f"press-{number}", words, spaces, ents=ents))
    return sentences
