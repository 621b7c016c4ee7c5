"""docs/operations.md can be done as it says: backups are restored, units and settings name what there is."""

from __future__ import annotations

import configparser
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from onrecord.cli import cli
from onrecord.nightly import ALREADY_RUNNING, CANNOT_RUN, INTERRUPTED, OK, TROUBLE
from tests.command import ROOT
from tests.sample_file import SAID, build, decide

PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    """The commands of a block that the page has a name for."""
    (found,) = re.findall(rf"^```sh {name}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def units() -> list[configparser.ConfigParser]:
    found = []
    for text in re.findall(r"^```ini\n(\[Unit\].*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        unit = configparser.ConfigParser(interpolation=None, strict=True)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(text)
        found.append(unit)
    return found


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who follows the page: a file with decisions, an archive, and a disk for backups."""
    for folder in ("live/archive", "backups", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "live/archive/onrecord-1.warc.gz").write_bytes(b"as it came")
    db = build(tmp_path / "live/onrecord.db")
    decide(db, db.execute("SELECT quote_key FROM quotes WHERE text = ?", [SAID]).fetchone()[0], "accepted")
    db.close()
    command = tmp_path / "bin/onrecord"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m onrecord "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    return {
        **inherited,
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "ONRECORD_DB": str(tmp_path / "live/onrecord.db"),
        "BACKUPS": str(tmp_path / "backups"),
    }


def run(commands: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-eu", "-c", commands], env=environment, capture_output=True, text=True, timeout=120
    )


def dump(path: Path | str) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_a_backup_is_restored_as_the_page_says(shell: dict[str, str]) -> None:
    live, backups = Path(shell["ONRECORD_DB"]), Path(shell["BACKUPS"])
    before = dump(live)
    done = run(block("backup"), shell)
    assert done.returncode == 0, done.stderr
    assert sorted(file.name for file in backups.iterdir()) == ["archive", "onrecord.db", "onrecord.reviews.jsonl"]
    writer = sqlite3.connect(live)  # something of the broken file is in its log when it breaks
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("UPDATE articles SET title = 'after the backup'")
    writer.commit()
    assert Path(f"{live}-wal").stat().st_size > 0
    content = bytearray(live.read_bytes())
    content[4096:40960] = b"\xff" * 36864
    live.write_bytes(content)
    (live.parent / "archive/onrecord-1.warc.gz").unlink()
    done = run(block("restore"), shell)
    writer.close()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"{live} is whole.\n"
    assert dump(live) == before
    assert (live.parent / "archive/onrecord-1.warc.gz").read_bytes() == b"as it came"
    assert live.with_name("onrecord.db.broken").stat().st_size == len(content)


def test_a_file_that_is_gone_is_restored_too(shell: dict[str, str]) -> None:
    live = Path(shell["ONRECORD_DB"])
    before = dump(live)
    assert run(block("backup"), shell).returncode == 0
    live.unlink()
    assert run(block("restore"), shell).returncode == 0
    assert dump(live) == before


def test_the_units_run_a_command_that_there_is() -> None:
    service, timer, trouble = units()
    assert service["Service"]["ExecStart"].split("/bin/onrecord ")[1] in cli.commands
    assert service["Service"]["SuccessExitStatus"] == f"{ALREADY_RUNNING} {INTERRUPTED}"
    assert re.fullmatch(r"\*-\*-\* 0[3-9]:\d\d:\d\d", timer["Timer"]["OnCalendar"])  # clocks change at one and two
    assert service["Unit"]["OnFailure"] == "onrecord-trouble@%n.service"
    assert "%i" in trouble["Service"]["ExecStart"]


def test_every_setting_of_the_page_is_one() -> None:
    settings = set(re.findall(r"\b(ONRECORD_\w+|\w+_API_KEY)\b", PAGE))
    assert len(settings) > 4
    assert settings <= set(re.findall(r"`(\w+)`", README.split("## Settings")[1].split("\n## ")[0]))


def test_every_command_of_the_page_is_one() -> None:
    named = set(re.findall(r"(?:`|^|/)onrecord ([a-z]+)", PAGE, re.MULTILINE))
    assert {"nightly", "backup", "check", "reextract", "serve", "sources"} <= named <= set(cli.commands)


def test_every_exit_code_is_told() -> None:
    table = PAGE.split("| exit code |")[1].split("\n\n")[0]
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    assert codes == {OK, TROUBLE, CANNOT_RUN, ALREADY_RUNNING, INTERRUPTED}


def test_what_crons_line_reads_reaches_the_command(shell: dict[str, str], tmp_path: Path) -> None:
    """`set -a` hands on what the file of settings says; nothing else of the environment is needed."""
    (line,) = re.findall(r"^30 3 \* \* \*  (.*)$", PAGE, re.MULTILINE)
    (tmp_path / "srv/.venv/bin").mkdir(parents=True)
    (tmp_path / "srv/.venv/bin/onrecord").symlink_to(tmp_path / "bin/onrecord")
    settings = tmp_path / "onrecord.env"
    settings.write_text(f"ONRECORD_DB={tmp_path}/no/such/folder/x.db\nONRECORD_SOURCES={tmp_path}/none.toml\n")
    line = line.replace("/srv/onrecord", str(tmp_path / "srv")).replace("/etc/onrecord.env", str(settings))
    done = run(line, {"PYTHONPATH": str(ROOT)})
    assert done.returncode == CANNOT_RUN
    assert f"{tmp_path}/none.toml: cannot be read" in done.stderr
