"""How the weights are made: corpora read as annotated, variants that keep their annotation, the same from one seed."""

from __future__ import annotations

import gzip
import hashlib
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from nlp.model import MODEL, read, write
from nlp.name_lists import BODY, ENDING, GIVEN, PLACE, SURNAME, TITLE, known_bodies, listed_as, listed_names
from nlp.train import silver, train
from nlp.train.augment import Disguise, Renaming, curled, ended
from nlp.train.corpora import Corpus, corpora
from nlp.train.press import press_releases
from nlp.train.sentence import Sentence, spans
from nlp.train.tags import fit_tags

TREES = """\
# newdoc id = {document}
# sent_id = {document}-1
# text = "Jane Roe of Ofsted isn't here," he said.
1	"	"	PUNCT	``	_	3	punct	_	SpaceAfter=No
2	Jane	Jane	PROPN	NNP	_	7	nsubj	_	{jane}
3	Roe	Roe	PROPN	NNP	_	2	flat	_	_
4	of	of	ADP	IN	_	5	case	_	_
5	Ofsted	Ofsted	PROPN	NNP	_	2	nmod	_	{ofsted}
6-7	isn't	_	_	_	_	_	_	_	_
6	is	be	AUX	VBZ	_	8	cop	_	_
7	n't	not	PART	RB	_	8	advmod	_	_
8	here	here	ADV	RB	_	0	root	_	SpaceAfter=No
9	,	,	PUNCT	,	_	8	punct	_	SpaceAfter=No
10	"	"	PUNCT	''	_	8	punct	_	_
11	he	he	PRON	PRP	_	12	nsubj	_	_
12	said	say	VERB	VBD	_	8	parataxis	_	SpaceAfter=No
13	.	.	PUNCT	.	_	8	punct	_	_

"""
NAMES = """\
# sent_id = other-edition-1
1	"	O	-	-
2	Jane	B-PER	-	-
3	Roe	I-PER	-	-
4	of	O	-	-
5	Ofsted	B-ORG	-	-
6	is	O	-	-
7	n't	O	-	-
8	here	O	-	-
9	,	O	-	-
10	"	O	-	-
11	he	O	-	-
12	said	O	-	-
13	.	O	-	-

"""
FLAT = """\
Leeds I-LOC
and O
Mary I-PER
Roe I-PER
John B-PER
won O
Gold I-MISC
. O

"""


def corpus(folder: Path, name: str, use: str = "train", **files: str) -> Corpus:
    """A corpus of these files, which it writes."""
    names, sums = [], []
    for file, text in files.items():
        path = folder / f"{file.replace('_', '.')}.gz"
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
        names.append(path.name)
        sums.append(hashlib.sha256(path.read_bytes()).hexdigest())
    return Corpus(name, tuple(names), use, tuple(sums), "CC BY 4.0")


def trees(document: str = "d1", jane: str = "_", ofsted: str = "_") -> str:
    return TREES.format(document=document, jane=jane, ofsted=ofsted)


# Corpora


def test_trees_and_names_are_joined_by_their_words(tmp_path: Path) -> None:
    (sentence,) = corpus(tmp_path, "ewt-dev", x_conllu=trees(), x_iob2=NAMES).sentences(tmp_path)
    assert sentence.words[:7] == ('"', "Jane", "Roe", "of", "Ofsted", "is", "n't")
    assert sentence.spaces[:9] == (False, True, True, True, True, False, True, False, False)
    assert list(spans(sentence)) == [(1, 3, "PER"), (4, 5, "ORG")]
    assert (sentence.heads[7], sentence.deps[7]) == (7, "ROOT")


def test_mentions_become_names(tmp_path: Path) -> None:
    text = trees(
        jane="Entity=(1-person-new-snsnn-cf1-2-coref", ofsted="Entity=(2-organization-new-snsnn-cf2-1-coref)1)"
    )
    (sentence,) = corpus(tmp_path, "gum-x", gum_conllu=text).sentences(tmp_path)
    assert list(spans(sentence)) == [(1, 3, "PER"), (4, 5, "ORG")]


def test_labels_of_two_schemes_and_of_no_kind_of_ours(tmp_path: Path) -> None:
    (sentence,) = corpus(tmp_path, "wikigold", x_conll=FLAT).sentences(tmp_path)
    assert list(spans(sentence)) == [(0, 1, "LOC"), (2, 4, "PER"), (4, 5, "PER")]
    assert sentence.heads is None


def test_another_file_than_the_one_named_is_refused(tmp_path: Path) -> None:
    one = corpus(tmp_path, "x", x_conllu=trees())
    (tmp_path / one.files[0]).write_bytes(gzip.compress(trees("d2").encode()))
    with pytest.raises(ValueError, match=r"x\.conllu\.gz is not the file"):
        one.sentences(tmp_path)


def test_nothing_is_trained_on_that_it_is_tested_on() -> None:
    listed = corpora()
    trained = {file for corpus in listed if corpus.use == "train" for file in corpus.files}
    assert trained
    assert trained.isdisjoint(file for corpus in listed if corpus.use == "test" for file in corpus.files)
    assert all(corpus.licence and len(corpus.files) == len(corpus.checksums) for corpus in listed)


# Variants


@pytest.fixture
def sentence(tmp_path: Path) -> Sentence:
    (one,) = corpus(tmp_path, "ewt-dev", x_conllu=trees(), x_iob2=NAMES).sentences(tmp_path)
    return one


def test_marks_are_curled_by_their_tags(sentence: Sentence) -> None:
    assert [word for word in curled(sentence).words if word in '“”’"n’t'] == ["“", "n’t", "”"]


def test_the_blank_line_behind_a_sentence(sentence: Sentence) -> None:
    variant = ended(sentence)
    assert (variant.words[-1], variant.tags[-1], variant.heads[-1]) == ("\n\n", "_SP", len(sentence.words) - 1)
    assert list(spans(variant)) == list(spans(sentence))


def test_others_are_named_in_as_many_words(sentence: Sentence) -> None:
    variants = [Renaming([sentence], seed)(sentence) for seed in range(20)]
    assert {len(variant.words) for variant in variants} == {len(sentence.words)}
    assert len({variant.words[1:3] for variant in variants}) > 10
    assert all(variant.words[0] == '"' and variant.ents == sentence.ents for variant in variants)


def test_a_renamed_word_has_the_tag_of_the_word_that_is_there() -> None:
    def body(*words: str, tags: tuple[str, ...]) -> Sentence:
        ents = ("B-ORG", *("I-ORG" for _ in words[1:]))
        return Sentence("d", "s", words, (True,) * len(words), tags=tags, ents=ents)

    nations = body("United", "Nations", tags=("NNP", "NNPS"))
    works = body("Wool", "Works", tags=("NNP", "NNPS"))
    tags = {}
    for seed in range(60):
        variant = Renaming([works], seed)(nations)
        tags[variant.words] = variant.tags
    assert tags["Wool", "Works"] == ("NNP", "NNPS")
    assert any(words[1].isalpha() and words[1][-1] != "s" for words in tags)
    assert all(found[1] == "NNP" for words, found in tags.items() if words[1].isalpha() and words[1][-1] != "s")


def test_rare_words_are_disguised(sentence: Sentence) -> None:
    kiln = replace(sentence, words=("Jane", "rebricked", "the", "old", "kiln-house", "twice", "twice", "twice"))
    first, second = (Disguise([kiln], 1.0, seed)(kiln).words for seed in (1, 2))
    assert first[0] == "Jane"  # is on a list
    assert first[2:] == kiln.words[2:]  # short, no word, or seen thrice
    assert first[1] != second[1] != "rebricked"
    assert {word[0] + word[-3:] for word in (first[1], second[1])} == {"rked"}
    assert {len(first[1]), len(second[1])} == {len("rebricked")}
    assert Disguise([kiln], 0.0, 1)(kiln) == kiln


def test_semicolons_are_tagged_alike() -> None:
    one = Sentence("d", "s", ("yes", ";", ",", "–"), (True,) * 4, tags=("UH", ",", ",", ","))
    assert train._with_colons(one).tags == ("UH", ":", ",", ":")


def test_press_releases_know_their_names() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = press_releases(200, 1)
        assert made == press_releases(200, 1)
    first = made[0]
    found = {kind: " ".join(first.words[start:end]) for start, end, kind in spans(first)}
    assert first.words[0] == "Cllr"
    assert set(found) == {"PER", "ORG"}
    assert all("{" not in word for one in made for word in one.words)


def test_where_teachers_disagree_nothing_is_learnt() -> None:
    assert silver._agreed([["O", "B-PER", "O"], ["O", "B-ORG", "O"]]) == ("O", "-", "O")
    sentence = Sentence("d", "s", ("a", "b"), (True, False), ents=("-", "O"))
    assert [token.ent_iob_ for token in sentence.doc(pytest.importorskip("spacy").blank("en").vocab)] == ["", "O"]


# Lists


def test_lists_know_words_as_they_are_printed() -> None:
    assert listed_as("Jane") & GIVEN
    assert listed_as("Smith") & SURNAME
    assert listed_as("SMITH") == listed_as("Smith")
    assert listed_as("Leeds") & PLACE
    assert listed_as("Council") & BODY
    assert listed_as("Cllr") & TITLE
    assert listed_as("Restaurant") & ENDING
    assert not listed_as("Restaurant") & BODY
    assert listed_as("smith") == listed_as("Xyzzy") == 0


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["Wal", "-", "Mart", "hired"], [(0, 3, False)]),
        (["Wal-Mart", "hired"], [(0, 1, False)]),
        (["Lloyd", "’s", "of", "London"], [(0, 4, False)]),
        (["the", "NASA", "and", "Nasa"], [(1, 2, False), (3, 4, False)]),
        (["New", "York", "Times"], [(0, 3, False)]),  # the longest
        (["in", "New", "York"], []),
        (["Liverpool"], [(0, 1, True)]),
        (["apple", "Xyzzy"], []),
    ],
)
def test_known_bodies_however_they_are_cut(words: list[str], found: list[tuple[int, int, bool]]) -> None:
    assert known_bodies(words) == found


def test_what_the_recogniser_reads_of_a_word() -> None:
    words = ["Jane", "of", "Wal", "-", "Mart", "in", "Liverpool"]
    doc = listed_names(Doc(Vocab(), words=words))
    read = [token.lemma_ for token in doc]
    assert read[0] == f"J{listed_as('Jane')}"
    assert [read[i][-1] for i in (2, 3, 4, 6)] == ["b", "i", "i", "a"]
    assert read[5] == "i"


# The tagger's last layer


def _weights(pipeline: Language, name: str) -> bytes:
    pipe: Any = pipeline.get_pipe(name)
    return bytes(pipe.to_bytes(exclude=["vocab"]))


def _tagged(tags: str, document: str) -> list[Sentence]:
    words = ("Inspectors", "praised", "Westmere", "Council", ".")
    return [Sentence(document, document, words, (True,) * 5, tags=tuple(tags.split()))] * 60


def test_the_last_layer_learns_tags_and_all_else_stays() -> None:
    pipeline = read(MODEL)
    before = {name: _weights(pipeline, name) for name in ("tok2vec", "parser", "ner")}
    odd = "NNS VBD FW FW ."
    assert [token.tag_ for token in pipeline("Inspectors praised Westmere Council.")] != odd.split()
    shares = fit_tags(pipeline, _tagged(odd, "train") * 300, _tagged(odd, "held"), seed=1)
    assert shares[0] < shares[-1] == 1.0
    assert [token.tag_ for token in pipeline("Inspectors praised Westmere Council.")] == odd.split()
    for name, weights in before.items():
        assert _weights(pipeline, name) == weights, name


def test_what_does_worse_on_sentences_held_out_is_not_kept() -> None:
    pipeline = read(MODEL)
    before = _weights(pipeline, "tagger")
    right = "NNS VBD NNP NNP ."
    shares = fit_tags(pipeline, _tagged("NNS VBD FW FW .", "train") * 300, _tagged(right, "held"), seed=1)
    assert shares[0] == 1.0
    assert shares[-1] < 1.0
    assert _weights(pipeline, "tagger") == before


# The whole


def test_a_seed_gives_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = "".join(trees(f"d{n}") for n in range(30))
    parts = [
        corpus(tmp_path, "trees", x_conllu=documents),
        corpus(tmp_path, "both", y_conllu=documents.replace("d1", "e1"), y_iob2=NAMES),
    ]
    monkeypatch.setattr(train, "corpora", lambda: parts)
    monkeypatch.setattr(train, "PRESS_RELEASES", 5)
    monkeypatch.setattr(silver, "TEACHERS", 1)
    monkeypatch.setattr(silver, "EPOCHS", 1)
    for run in ("one", "two"):
        write(train.train(tmp_path, tmp_path / run, seed=1, steps=2), tmp_path / run / "model")
    files = sorted(path.name for path in (tmp_path / "one" / "model").iterdir())
    assert files == ["config.cfg", *(f"{name}.msgpack.gz" for name in ("ner", "parser", "tagger", "tok2vec"))]
    for file in files:
        one, two = (tmp_path / run / "model" / file for run in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), file
