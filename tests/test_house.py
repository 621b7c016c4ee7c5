"""The rules of the house (docs/design.md), read off the tree."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("onrecord", "spiders", "pipelines", "nlp", "data")
MAY_IMPORT = {
    "data": set(),
    "nlp": {"data"},
    "spiders": {"data"},
    "pipelines": {"nlp", "data"},
    "onrecord": {"spiders", "pipelines", "nlp", "data"},
}
# What text-to-records must not need: the same text gives the same records anywhere, at any time.
NOT_FOR_NLP = {
    "scrapy",
    "twisted",
    "sqlite3",
    "sqlite_utils",
    "socket",
    "urllib",
    "http",
    "requests",
    "time",
    "datetime",
    "random",
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(file: Path) -> set[str]:
    """Top-level names of all that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package: str) -> None:
    for file in modules(package):
        others = imported(file) & set(PACKAGES) - {package}
        assert others <= MAY_IMPORT[package], f"{file.relative_to(ROOT)} imports {others - MAY_IMPORT[package]}"


def test_design_says_the_same() -> None:
    """The table of docs/design.md is the rule that is tested."""
    design = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    table = design.split("| package | may import |")[1].split("\n\n")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE))
    assert rows.keys() == MAY_IMPORT.keys()
    for package, text in rows.items():
        named = set(re.findall(r"`(\w+)`", text.split(";")[0]))
        assert named == MAY_IMPORT[package] or (package == "onrecord" and text.startswith("all"))


def test_nlp_needs_no_network_no_database_no_clock() -> None:
    for file in modules("nlp"):
        training = file.parent.name == "train"  # draws from a seed
        assert not imported(file) & (NOT_FOR_NLP - {"random"} if training else NOT_FOR_NLP), file.name


def test_every_package_ships() -> None:
    """pyproject.toml's lists hold every package of the tree, and every file of data that the code reads."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {pattern.rstrip("*") for pattern in patterns} == set(PACKAGES)
    shipped = {
        file
        for package, globs in project["tool"]["setuptools"]["package-data"].items()
        for glob in globs
        for file in (ROOT / package).glob(glob)
    }
    kept = {"onrecord.db", "archive"}
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*"):
            if (
                file.is_file()
                and file.suffix in {".csv", ".toml", ".sql", ".yaml", ".html", ".rss", ".atom"}
                and not kept & set(file.parts)
            ):
                assert file in shipped, f"{file.relative_to(ROOT)} would be missing from an installation"


def test_every_module_says_what_it_is_for() -> None:
    for package in PACKAGES:
        for file in modules(package):
            assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), file


def test_lock_names_no_registry() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index" not in lock


def test_lock_holds_every_dependency_hashed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["bulk"], *extras["dev"]]
    wanted.remove("onrecord[bulk]")  # ourselves, with what `bulk` needs
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = {
        re.sub(r"[-_.]+", "-", name).lower()
        for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", lock, re.MULTILINE)
    }
    for requirement in wanted:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert name
        assert re.sub(r"[-_.]+", "-", name.group()).lower() in pinned, requirement
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        if "==" in block.split("\n")[0]:
            assert "--hash=sha256:" in block, block.split("\n")[0]


def test_no_path_of_a_machine() -> None:
    for package in (*PACKAGES, "docs", "tests"):
        for file in (ROOT / package).rglob("*"):
            if file.suffix in {".py", ".toml", ".md", ".csv", ".yaml", ".sql"}:
                text = file.read_text(encoding="utf-8")
                assert not re.search(r"/(?:work|home|Users|root)/[a-z]", text), file
