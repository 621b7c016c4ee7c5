"""The documentation says what the code does."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import spiders.settings
from onrecord import nightly
from onrecord.cli import cli
from onrecord.ledger import Verdict
from pipelines.schema import open_database

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DESIGN = (ROOT / "docs/design.md").read_text(encoding="utf-8")


def test_readme_lists_every_command() -> None:
    table = README.split("## Commands")[1].split("## Settings")[0]
    assert set(re.findall(r"^\| `onrecord (\w+)", table, re.MULTILINE)) == set(cli.commands)


def test_readme_lists_every_setting_with_its_default() -> None:
    documented = dict(re.findall(r"^\| `(ONRECORD_\w+)` \| .* \| (.*) \|$", README, re.MULTILINE))
    sources = [(ROOT / file).read_text(encoding="utf-8") for file in ("spiders/settings.py", "pipelines/tasks.py")]
    read = dict(re.findall(r'os\.environ\.get\("(ONRECORD_\w+)", "(.*?)"\)', "".join(sources)))
    for file in ("nlp/model.py", "onrecord/serve.py"):  # which need what they name only where it is named
        read |= dict.fromkeys(re.findall(r'"(ONRECORD_\w+)"', (ROOT / file).read_text(encoding="utf-8")), "")
    assert documented.keys() == read.keys()
    for name, default in read.items():
        assert default in documented[name], name


def test_readme_commands_that_make_knows() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make (\w+)", README + DESIGN.split("Make targets:")[1].split("\n\n")[0])):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_ci_calls_the_test_command_of_the_readme() -> None:
    assert "make check" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert re.search(r"^check: .*test", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_design_lists_every_table_and_view(tmp_path: Path) -> None:
    open_database(tmp_path / "x.db").close()
    with sqlite3.connect(tmp_path / "x.db") as db:
        found = db.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    documented = set(re.findall(r"`(\w+)`", DESIGN.split("## 3. The file")[1].split("## 4")[0]))
    ours = {name for name, _ in found if "_fts" not in name and not name.startswith(("sqlite_", "_sqlite"))}
    assert ours <= documented


def test_design_lists_every_verdict_and_exit_code() -> None:
    commands = DESIGN.split("## 4. The commands")[1].split("## 5")[0]
    for verdict in Verdict.__args__:  # type: ignore[attr-defined]
        assert re.search(rf"^\| .*\b{verdict}\b.* \|", commands, re.MULTILINE), verdict
    codes = {nightly.OK, nightly.TROUBLE, nightly.CANNOT_RUN, nightly.ALREADY_RUNNING, nightly.INTERRUPTED}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", commands, re.MULTILINE)} == codes


def test_design_names_the_stages_in_their_order() -> None:
    by_order = sorted(spiders.settings.ITEM_PIPELINES.items(), key=lambda item: item[1])
    described = DESIGN.split("**Stages** (`pipelines/stages.py`): ")[1].split("Reading and")[0]
    names = [name for path, _ in by_order if (name := path.split(".")[-1])]
    assert re.findall(r"(?:^|→ )(\w+)", described) == names


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (page.parent / link).exists(), f"{page.name}: {link}"
