"""Reads the annotated corpora into sentences, from the files that corpora.toml names.

CoNLL-U gives tags and trees; the formats of named entities are told apart by the file's ending: `.iob2` (Universal NER,
joined to the trees by `sent_id`), `.conll` (word and label, IOB1 or IOB2), and GUM's brackets in CoNLL-U (see gum.py).
"""

from __future__ import annotations

import gzip
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nlp.train.gum import names_in
from nlp.train.sentence import KINDS, Sentence


@dataclass(frozen=True, slots=True)
class Corpus:
    """One entry of corpora.toml: a file, or two (trees and names), with what they may be used for."""

    name: str
    files: tuple[str, ...]
    use: str
    checksums: tuple[str, ...]
    licence: str

    def sentences(self, folder: Path) -> list[Sentence]:
        """All its sentences. Raises ValueError where a file is not the one that the weights were made from."""
        for file, checksum in zip(self.files, self.checksums, strict=True):
            found = hashlib.sha256((folder / file).read_bytes()).hexdigest()
            if found != checksum:
                raise ValueError(f"{file} is not the file that corpora.toml names: its SHA-256 is {found}")
        trees = [folder / file for file in self.files if ".conllu" in file]
        names = [folder / file for file in self.files if ".iob2" in file]
        flat = [folder / file for file in self.files if file.endswith(".conll.gz")]
        sentences = [s for file in trees for s in _conllu(file)] + [s for file in flat for s in _flat(file)]
        if names:
            labels = {s.words: s.ents for file in names for s in _iob2(file)}  # sentence ids differ between editions
            sentences = [replace(s, ents=labels.get(s.words)) for s in sentences]
        return sentences


def corpora() -> list[Corpus]:
    """The entries of corpora.toml."""
    entries = tomllib.loads((Path(__file__).parent / "corpora.toml").read_text())["corpus"]
    return [Corpus(e["name"], tuple(e["files"]), e["use"], tuple(e["sha256"]), e["licence"]) for e in entries]


def _blocks(path: Path) -> Iterator[tuple[str, dict[str, str], list[list[str]]]]:
    """Document, comments and lines of each sentence."""
    document, comments, lines = "", {}, []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in [*file, "\n"]:
            line = line.rstrip("\n")
            if line.startswith("# "):
                key, _, value = line[2:].partition(" = ")
                if key == "newdoc id":
                    document = value
                comments[key] = value
            elif line.strip():
                lines.append(line.split("\t") if "\t" in line else line.split(" "))
            elif lines:
                yield document, comments, lines
                comments, lines = {}, []


def _conllu(path: Path) -> Iterator[Sentence]:
    gum = path.name.startswith("gum")
    for document, comments, lines in _blocks(path):
        rows = [line for line in lines if line[0].isdigit() and "-" not in line[0] and "." not in line[0]]
        joined = {line[0].split("-")[1]: "SpaceAfter=No" in line[9] for line in lines if "-" in line[0]}
        inside = set()
        for line in lines:
            if "-" in line[0]:
                first, last = map(int, line[0].split("-"))
                inside |= set(range(first, last))
        heads = tuple(int(row[6]) - 1 if row[6] != "0" else i for i, row in enumerate(rows))
        deps = tuple("ROOT" if row[7] == "root" else row[7] for row in rows)
        sentence = Sentence(
            document,
            comments["sent_id"],
            words=tuple(row[1] for row in rows),
            spaces=tuple(
                not (joined[row[0]] if row[0] in joined else "SpaceAfter=No" in row[9]) and int(row[0]) not in inside
                for row in rows
            ),
            tags=tuple(row[4] for row in rows),
            pos=tuple(row[3] for row in rows),
            heads=heads,
            deps=deps,
        )
        if gum:
            sentence = replace(sentence, ents=names_in(sentence, [row[9] for row in rows]))
        yield sentence


def _iob2(path: Path) -> Iterator[Sentence]:
    for document, comments, lines in _blocks(path):
        yield Sentence(
            document,
            comments["sent_id"],
            words=tuple(line[1] for line in lines),
            spaces=(True,) * len(lines),
            ents=tuple(line[2] if line[2][2:] in KINDS else "O" for line in lines),
        )


def _flat(path: Path) -> Iterator[Sentence]:
    """Word and label; documents are not marked, so a hundred sentences count as one."""
    for number, (_, _, lines) in enumerate(_blocks(path)):
        lines = [line for line in lines if line[0]]
        if not lines:
            continue
        labels: list[str] = []
        before = "O"
        for line in lines:
            label = line[-1]
            kind = label[2:]
            if kind not in KINDS:
                labels.append("O")
            else:
                begins = label.startswith("B-") or before[2:] != kind
                labels.append(("B-" if begins else "I-") + kind)
            before = label
        words = tuple(line[0] for line in lines)
        yield Sentence(
            f"{path.name}-{number // 100}", f"{path.name}-{number}", words, _spaces(words), ents=tuple(labels)
        )


def _spaces(words: tuple[str, ...]) -> tuple[bool, ...]:
    """Whether a blank follows each word, as English is set, where a corpus does not say."""
    out = []
    for i, word in enumerate(words):
        after = words[i + 1] if i + 1 < len(words) else ""
        out.append(not (after in {".", ",", ";", ":", "!", "?", ")", "'s", "n't", "%"} or word in {"(", "$", "£"}))
    return tuple(out)
