"""CONTRIBUTING.md is true: its commands exist, its examples work."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from click.testing import CliRunner

from nlp import build
from onrecord.cli import cli
from spiders.registry import read_registry
from spiders.source import READERS, spider_for
from tests.reading import read_case, told

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def example(language: str, section: str) -> str:
    """The block of code in that language under that heading."""
    part = TEXT.split(f"## {section}\n")[1].split("\n## ")[0]
    (found,) = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", part, re.MULTILINE | re.DOTALL)
    indent, code = found
    return "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))


def test_make_knows_its_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z-]+)", TEXT))
    assert {"test", "check", "format", "lock", "sources-doc"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_onrecord_knows_its_commands() -> None:
    commands = re.findall(r"\.venv/bin/onrecord ([a-z -]+)`", TEXT)
    assert sorted(commands) == ["reextract", "sources try marlbury"]
    for words in commands:
        names = [word for word in words.split() if word != "marlbury"]
        assert CliRunner().invoke(cli, [*names, "--help"]).exit_code == 0, words
    for setting in re.findall(r"\bONRECORD_\w+", TEXT):
        assert setting in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:\w+/)+[\w.]*|pyproject\.toml)`", TEXT))
    assert {"data/lexicon/", "tests/cases/", "nlp/build.py", "spiders/listed.py"} <= named
    for path in {*named, "tests/test_listings.py", *re.findall(r"\]\(([^)]+)\)", TEXT)}:
        assert (ROOT / path).exists(), path
    assert build.EXTRACTOR


def test_the_block_of_a_source_is_one(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(example("toml", "A source"), encoding="utf-8")
    (source,) = read_registry(tmp_path / "sources.toml").values()
    assert spider_for(source).name == "marlbury"
    assert {listing.type for listing in source.listing} <= READERS.keys()
    assert not source.verified
    assert set(re.findall(r"^\[+marlbury\.(\w+)", example("toml", "A source"), re.MULTILINE)) == {"listing", "article"}


def test_the_first_reading_of_saved_pages_asks_for_review() -> None:
    """The third step, as tests/test_listings.py has it."""
    tests = (ROOT / "tests/test_listings.py").read_text(encoding="utf-8")
    assert re.search(r"if not expected\.exists\(\):\s+expected\.write_text\(.*\n\s+pytest\.fail\(", tests)
    assert re.search(r"SOURCES = .* if not source\.disabled", tests), "a disabled source needs no pages"


def test_the_example_of_a_rule_works() -> None:
    line = example("csv", "A rule").strip()
    assert line in (ROOT / "data/lexicon/reporting_verbs.csv").read_text(encoding="utf-8").splitlines()
    (case,) = tomllib.loads(example("toml", "A rule"))["case"]
    found = read_case(case)._.quotes
    assert [told(quote, stated) for quote, stated in zip(found, case["quotes"], strict=True)] == case["quotes"]
