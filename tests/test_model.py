"""The trained pipeline: what it finds, that it comes with the code, and another in its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, Span

from nlp import model
from nlp.build import make_doc, pipeline
from nlp.syntax import agent_of, people, subject_of
from tests.command import onrecord
from tests.reading import cases

CORPORA = Path(__file__).parents[2] / "shared" / "corpora"
SENTENCES = cases("syntax")
PINNED = json.loads((model.MODEL / "scores.json").read_text(encoding="utf-8"))


def read(text: str) -> Doc:
    return pipeline()(make_doc(text))


# What it finds


def right(kind: str) -> float:
    """The share of the cases of tests/cases/syntax.toml in which the pipeline agrees."""
    asked = [case for case in SENTENCES if kind in case]
    hits = 0
    for case in asked:
        doc = read(case["text"])
        if kind == "people":
            hits += sorted({span.text for span in people(doc)}) == sorted(case["people"])
        else:
            verb = next(token for token in doc if token.text == case["verb"])
            subject = subject_of(verb)
            hits += (subject.text if subject is not None else "") == case["subject"]
    return hits / len(asked)


def test_subjects_of_verbs() -> None:
    assert len([case for case in SENTENCES if "subject" in case]) >= 30
    assert right("subject") >= 0.75


def test_names_of_people() -> None:
    assert len([case for case in SENTENCES if "people" in case]) >= 30
    assert right("people") >= 0.9


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here")
def test_scores_are_those_of_the_card() -> None:
    from nlp.train.score import scores

    found = scores(model.read(model.MODEL), CORPORA)
    for name, rates in PINNED.items():
        assert found[name] == pytest.approx(rates, abs=0.15), name


def test_the_card_tells_the_scores() -> None:
    card = (model.MODEL / "README.md").read_text(encoding="utf-8")
    for name, rates in PINNED.items():
        row = f"| {name} | " + " | ".join(f"{rate:.1f}" for rate in rates.values()) + " |"
        assert row in card, row


def test_the_weights_are_small() -> None:
    assert sum(file.stat().st_size for file in model.MODEL.iterdir()) <= 6_000_000


# How it is kept


def test_a_pipeline_is_read_as_it_was_written(tmp_path: Path) -> None:
    ours = model.read(model.MODEL)
    model.write(ours, tmp_path / "again")
    for file in model.MODEL.glob("*.gz"):
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()
    text = "Inspectors praised Jane Roe of Westmere Council, who said that she was pleased."
    again = model.read(tmp_path / "again")(text)
    assert [(t.tag_, t.dep_, t.head.i) for t in ours(text)] == [(t.tag_, t.dep_, t.head.i) for t in again]


def test_weights_take_half_the_room() -> None:
    weights = model.read(model.MODEL).get_pipe("tok2vec").to_bytes(exclude=["vocab"])
    packed = model.pack(weights)
    assert len(packed) < 0.55 * len(weights)
    assert model.unpack(packed) == weights  # which were 16-bit ones before


# Another pipeline in its place


def test_a_pipeline_that_is_not_installed_is_one_sentence(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("Inspectors said so.\n\nThey did.", encoding="utf-8")
    for command in (["extract", str(page)], ["add", str(page), "--db", str(tmp_path / "a.db")]):
        done = onrecord(*command, ONRECORD_SPACY_MODEL="en_core_web_nowhere")
        assert done.returncode == 2
        assert done.stderr.strip() == (
            "onrecord: ONRECORD_SPACY_MODEL names 'en_core_web_nowhere', which is not installed:"
            " install it, or unset it to use onrecord's own."
        )
    assert not (tmp_path / "a.db").exists()


def test_a_pipeline_without_a_parser_is_one_sentence(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(model.ModelError, match="has no parser and no ner"):
        model._installed(str(tmp_path / "blank"))


def test_of_another_pipeline_only_what_is_used_runs(tmp_path: Path) -> None:
    ours = model.read(model.MODEL)
    ours.add_pipe("sentencizer")
    ours.to_disk(tmp_path / "other")
    assert model._installed(str(tmp_path / "other")).pipe_names == [
        "listed_names",
        "tok2vec",
        "tagger",
        "parser",
        "ner",
    ]


def test_labels_of_other_schemes_mean_the_same() -> None:
    words = ["Jane", "Roe", "was", "praised", "by", "inspectors"]
    heads = [1, 3, 3, 3, 3, 4]
    vocab = spacy.blank("en").vocab
    clear = Doc(vocab, words=words, heads=heads, deps=["compound", "nsubjpass", "auxpass", "ROOT", "agent", "pobj"])
    clear.ents = [Span(clear, 0, 2, "PERSON"), Span(clear, 5, 6, "NORP")]
    universal = Doc(
        vocab,
        words=words,
        heads=[1, 3, 3, 3, 5, 3],
        deps=["compound", "nsubj:pass", "aux:pass", "ROOT", "case", "obl:agent"],
    )
    universal.ents = [Span(universal, 0, 2, "PER")]
    for doc in (clear, universal):
        assert [span.text for span in people(doc)] == ["Jane Roe"]
        assert subject_of(doc[3]) == doc[5]
        assert agent_of(doc[3]) == doc[5]
