"""Trains the pipeline of data/model from the corpora: `python -m nlp.train.train CORPORA OUT`."""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_loop
from spacy.util import load_config, load_model_from_config
from spacy.vocab import Vocab

from nlp.model import MODEL, write
from nlp.train.augment import Disguise, Renaming, curled, ended
from nlp.train.corpora import corpora
from nlp.train.press import press_releases
from nlp.train.sentence import Sentence
from nlp.train.silver import label
from nlp.train.tags import fit_tags

SEED = 7
HELD_OUT = 12  # one document in so many is for choosing the best weights
PRESS_RELEASES = 4_000  # sentences
CURLED, ENDED = 0.4, 0.2  # shares of sentences
DISGUISED = 0.7  # share of the rare words of sentences that are seen a second time
_COLONS = frozenset(";–—")  # tagged ":" by the guidelines of the Penn Treebank and in GUM, "," in EWT


def data(folder: Path, out: Path, seed: int) -> tuple[list[Sentence], list[Sentence]]:
    """Sentences to train on, with their variants, and sentences to choose the weights by."""
    chance = random.Random(seed)  # noqa: S311 (a seed is the point)
    train, dev = _split(folder, chance)
    gold = [s for s in train if s.ents and s.heads]
    disguise = Disguise(train, DISGUISED, seed)
    rename = Renaming(gold, seed)
    nameless = [s for s in train if not s.ents]
    train = [s for s in train if s.ents] + _with_silver(nameless, gold + [rename(s) for s in gold], out, seed)
    train += [rename(disguise(s)) for s in train if s.ents and any(label.startswith("B-") for label in s.ents)]
    train += [s for s in gold if s.id.startswith(("answers", "email", "newsgroup", "reviews", "weblog"))]
    train = [curled(s) if chance.random() < CURLED else s for s in train] + press_releases(PRESS_RELEASES, seed)
    train = [ended(s) if chance.random() < ENDED else s for s in train]
    chance.shuffle(train)
    return train, dev


def tagged(folder: Path, seed: int) -> tuple[list[Sentence], list[Sentence]]:
    """The sentences with tags of both kinds as they are printed, those to train on with the marks that we meet."""
    chance = random.Random(seed)  # noqa: S311 (a seed is the point)
    train, dev = ([s for s in part if s.tags] for part in _split(folder, chance))
    train = [curled(s) if chance.random() < CURLED else s for s in train]
    return [ended(s) if chance.random() < ENDED else s for s in train], dev


def _split(folder: Path, chance: random.Random) -> tuple[list[Sentence], list[Sentence]]:
    """The sentences to train on, and those of the documents held out."""
    train: list[Sentence] = []
    dev: list[Sentence] = []
    for corpus in corpora():
        if corpus.use == "train":
            sentences = corpus.sentences(folder)
            documents = sorted({s.document for s in sentences})
            held = set(chance.sample(documents, max(1, len(documents) // HELD_OUT)))
            dev += [s for s in sentences if s.document in held and corpus.name != "btc"]
            train += [s for s in sentences if s.document not in held]
    return [_with_colons(s) for s in train], dev


def _with_colons(sentence: Sentence) -> Sentence:
    if not sentence.tags:
        return sentence
    pairs = zip(sentence.words, sentence.tags, strict=True)
    return replace(sentence, tags=tuple(":" if tag == "," and word in _COLONS else tag for word, tag in pairs))


def _with_silver(sentences: list[Sentence], gold: list[Sentence], out: Path, seed: int) -> list[Sentence]:
    """The sentences with names as the teachers see them, which are kept in OUT for another run."""
    kept = out / "silver.json"
    if not kept.exists():
        kept.write_text(json.dumps([s.ents for s in label(sentences, gold, seed)]))
    labels = json.loads(kept.read_text())
    return [replace(s, ents=tuple(ents)) for s, ents in zip(sentences, labels, strict=True)]


def _to_disk(sentences: list[Sentence], path: Path) -> str:
    vocab = Vocab()
    DocBin(docs=[sentence.doc(vocab) for sentence in sentences]).to_disk(path)
    return str(path)


def train(folder: Path, out: Path, seed: int, steps: int | None = None) -> Language:
    """The trained pipeline: the weights that did best on the sentences held out. `out` keeps what it was made from."""
    out.mkdir(parents=True, exist_ok=True)
    sentences, held_out = data(folder, out, seed)
    words = sum(len(sentence.words) for sentence in sentences)
    print(f"{len(sentences)} sentences of {words} words to train on, {len(held_out)} held out")
    overrides: dict[str, Any] = {
        "paths.train": _to_disk(sentences, out / "train.spacy"),
        "paths.dev": _to_disk(held_out, out / "dev.spacy"),
        "system.seed": seed,
        **({"training.max_steps": steps, "training.eval_frequency": steps} if steps else {}),
    }
    config = load_config(Path(__file__).with_name("config.cfg"), overrides=overrides, interpolate=False)
    pipeline = init_nlp(load_model_from_config(config, auto_fill=True).config)
    train_loop(pipeline, out, use_gpu=-1)
    pipeline = spacy.load(out / "model-best")
    fit_tags(pipeline, *tagged(folder, seed), seed)
    return pipeline


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the pipeline of data/model from the corpora of corpora.toml.")
    parser.add_argument("corpora", type=Path, help="the folder with the files")
    parser.add_argument("out", type=Path, help="a folder for what the weights are made from")
    parser.add_argument("--into", type=Path, default=MODEL, help="where the weights go")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    write(train(args.corpora, args.out, args.seed), args.into)


if __name__ == "__main__":
    main()
