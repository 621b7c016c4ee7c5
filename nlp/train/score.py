"""Scores the pipeline of data/model on the corpora kept for testing: `python -m nlp.train.score CORPORA [MODEL]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from nlp.model import MODEL, read
from nlp.train.corpora import corpora
from nlp.train.sentence import Sentence

SCORES = "scores.json"  # beside the weights


def scores(pipeline: Language, folder: Path) -> dict[str, dict[str, float]]:
    """For each test set: accuracy of tags, labelled and unlabelled attachment, F1 of exact spans, in per cent.

    The words are the corpora's own, as in the papers; punctuation counts in no attachment.
    """
    found: dict[str, dict[str, float]] = {}
    for corpus in corpora():
        if corpus.use == "test":
            sentences = corpus.sentences(folder)
            found[corpus.name] = _score(pipeline, sentences)
            if corpus.name == "pud":
                found["pud news"] = _score(pipeline, [s for s in sentences if s.id.startswith("n")])
    return found


def _score(pipeline: Language, sentences: list[Sentence]) -> dict[str, float]:
    vocab = pipeline.vocab
    examples = [
        Example(Doc(vocab, words=list(s.words), spaces=list(s.spaces)), s.doc(vocab)) for s in sentences if s.ents
    ]
    found = pipeline.evaluate(examples)
    rates = {"TAG": found["tag_acc"], "UAS": found["dep_uas"], "LAS": found["dep_las"]}
    rates |= {kind: found["ents_per_type"].get(kind, {"f": 0.0})["f"] for kind in ("PER", "ORG", "LOC")}
    return {name: round(100 * rate, 1) for name, rate in rates.items()}


def main() -> None:
    folder, model = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else MODEL
    found = scores(read(model), folder)
    (model / SCORES).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, rates in found.items():
        print(f"{name:9}", "  ".join(f"{key} {rate:.1f}" for key, rate in rates.items()))


if __name__ == "__main__":
    main()
