"""The word lists: every one of them loads, and a bad line is refused with its file and number."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import FOLDER
from nlp.gazetteer import by_id
from nlp.lexicon import LexiconError, lexicon, read_rows

NAMES = sorted(path.stem for path in (FOLDER / "lexicon").glob("*.csv"))


@pytest.mark.parametrize("name", NAMES)
def test_every_lexicon_loads(name: str) -> None:
    rows = lexicon(name)
    assert all(value == value.strip() for row in rows for value in row.values())


def file(folder: Path, text: str) -> Path:
    path = folder / "words.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("word,use\n", "has a header and no line"),
        ("word,use\nhome\n", ":2: 1 cells where the header has 2"),
        ("word,use\n\n# a comment\nhome,noun,more\n", ":4: 3 cells where the header has 2"),
        ("word,use\n,noun\n", ":2: word is empty"),
        ("word,use\nhome,noun\nhome,verb\n", ":3: word 'home' stands in line 2 already"),
        ('word,use\n"home,noun\n', ":2: "),
        ("word,use,use\nhome,noun,verb\n", ":1: a column stands there twice"),
    ],
)
def test_a_bad_line_is_refused_with_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = file(tmp_path, text)
    with pytest.raises(LexiconError) as error:
        read_rows(path)
    assert str(error.value).startswith(str(path))
    assert complaint in str(error.value)


def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"nowhere\.csv: cannot be read"):
        read_rows(tmp_path / "nowhere.csv")
    (tmp_path / "latin.csv").write_bytes(b"word\ncaf\xe9\n")
    with pytest.raises(LexiconError, match=r"latin\.csv: cannot be read"):
        read_rows(tmp_path / "latin.csv")


def test_columns_that_are_asked_for(tmp_path: Path) -> None:
    path = file(tmp_path, "word,use\nhome,\ncare,\n")
    assert [row["word"] for row in read_rows(path)] == ["home", "care"]
    with pytest.raises(LexiconError, match=r":2: use is empty"):
        read_rows(path, required=("use",))
    with pytest.raises(LexiconError, match=r":1: no column 'kind'"):
        read_rows(path, unique="kind")
    with pytest.raises(LexiconError, match=r":3: not this"):
        read_rows(path, check=lambda row: "not this" if row["word"] == "care" else None)


def test_posts_name_bodies_that_are_listed() -> None:
    assert {row["organisation"] for row in lexicon("posts")} - {""} <= set(by_id())
    kinds = {entry.kind for entry in by_id().values()} | {"safeguarding"}  # unlisted bodies, known by their names
    for row in lexicon("posts"):
        assert bool(row["organisation"]) != bool(row["kind"])
        assert not row["kind"] or any(kind.startswith(row["kind"]) for kind in kinds)


def test_party_labels_name_bodies_that_are_listed() -> None:
    assert {row["organisation"] for row in lexicon("party_labels")} <= set(by_id())


def test_kinds_and_uses_are_the_ones_that_are_read() -> None:
    assert {row["type"] for row in lexicon("speaker_nouns")} == {
        "group",
        "document",
        "role",
        "outsider",
        "epithet",
    }
    assert {row["gender"] for row in lexicon("given_names")} == {"f", "m", "u"}
    assert {row["gender"] for row in lexicon("titles")} <= {"f", "m", ""}
    assert {row["kind"] for row in lexicon("reporting_verbs")} <= {
        "neutral",
        "praise",
        "criticism",
        "concession",
        "call",
    }
    uses = {"ends", "either", "place", "opener", "particle", "honour", "not a person"}
    assert {row["use"] for row in lexicon("name_words")} == uses
