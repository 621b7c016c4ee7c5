"""The commands as users run them: what they print, and what they say to bad input."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.command import ROOT, onrecord

RELEASE = """Westmere Council

Children in Westmere are safer, say inspectors

12 November 2026

Inspectors from Ofsted have rated children’s services in Westmere ‘good’ after a three-week inspection in October.

Councillor Imelda Sorrel, cabinet member for children at Westmere Council, said: “This took 240 social workers.

“We know that we must keep on improving.”

Share this page
"""


@pytest.fixture
def release(tmp_path: Path) -> Path:
    file = tmp_path / "release.txt"
    file.write_text(RELEASE, encoding="utf-8")
    return file


def test_help_lists_every_command_of_the_design() -> None:
    design = (ROOT / "docs/design.md").read_text(encoding="utf-8").split("## 4. The commands")[1].split("## 5")[0]
    designed = set(re.findall(r"^\| `onrecord (\w+)", design, re.MULTILINE))
    shown = onrecord("--help").stdout.split("Commands:")[1]
    assert designed == set(re.findall(r"^  (\w+)", shown, re.MULTILINE))


def test_help_imports_nothing_heavy() -> None:
    heavy = ("spacy", "scrapy", "sqlite_utils", "datasette", "rich")
    code = f"import sys, onrecord.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_extract_prints_a_json_object_a_line(release: Path) -> None:
    done = onrecord("extract", release, release)
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == second
    assert first["id"] == "release"
    assert first["title"] == "Children in Westmere are safer, say inspectors"
    assert first["published"] == "2026-11-12"
    assert first["text"].startswith("Inspectors from Ofsted")
    assert first["text"].endswith("keep on improving.”")
    assert [quote["speaker"] for quote in first["quotes"]] == ["Imelda Sorrel", "Imelda Sorrel"]
    assert "Ofsted" in first["organisations"]
    for kind in ("quotes", "figures"):
        for record in first[kind]:
            assert first["text"][record["start"] : record["end"]] == record["text"]


def test_extract_takes_html_and_folders(tmp_path: Path) -> None:
    paragraph = "Ofsted said the council’s services for children had improved since the last inspection. " * 4
    (tmp_path / "in").mkdir()
    headline = "Inspectors return to Westmere"
    body = f"<article><h1>{headline}</h1><p>{paragraph}</p><p>{paragraph}</p></article>"
    page = f"<html><head><title>{headline}</title></head><body>{body}</body></html>"
    (tmp_path / "in" / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "in" / "page.txt").write_text(RELEASE, encoding="utf-8")
    (tmp_path / "in" / "notes.doc").write_bytes(b"\x00")
    done = onrecord("extract", tmp_path / "in")
    assert done.returncode == 0, done.stderr
    titles = [json.loads(line)["title"] for line in done.stdout.splitlines()]
    assert titles == ["Inspectors return to Westmere", "Children in Westmere are safer, say inspectors"]


def test_extract_works_with_an_empty_environment(release: Path) -> None:
    """As cron runs it: no PATH, no HOME, no locale."""
    command = [sys.executable, "-m", "onrecord", "extract", str(release)]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "‘good’" in json.loads(done.stdout.decode("utf-8"))["text"]


def test_add_stores_once(release: Path, tmp_path: Path) -> None:
    db = tmp_path / "new" / "onrecord.db"
    assert onrecord("add", release, "--db", db).stdout == "1 new\n"
    assert onrecord("add", release, "--db", db).stdout == "1 unchanged\n"
    release.write_text(RELEASE.replace("240", "250"), encoding="utf-8")
    assert onrecord("add", release, "--db", db).stdout == "1 changed\n"
    with sqlite3.connect(db) as connection:
        [(person, organisation)] = set(connection.execute("SELECT person, organisation FROM statements"))
    assert (person, organisation) == ("Imelda Sorrel", "Westmere Council")
    assert onrecord("check", "--db", db).stdout.endswith("is whole.\n")


def test_reextract_says_what_was_gained_and_lost(release: Path, tmp_path: Path) -> None:
    db = tmp_path / "onrecord.db"
    onrecord("add", release, "--db", db)
    assert "0 articles read" in onrecord("reextract", "--db", db).stdout
    with sqlite3.connect(db) as connection:
        connection.execute("DELETE FROM quotes")
        connection.execute("UPDATE articles SET extractor = 'an older one'")
    done = onrecord("reextract", "--db", db)
    assert done.returncode == 0, done.stderr
    assert re.search(r"quotes +2 gained +0 lost", done.stdout)


def test_backup_opens_and_holds_everything(release: Path, tmp_path: Path) -> None:
    db, copy = tmp_path / "onrecord.db", tmp_path / "copy.db"
    onrecord("add", release, "--db", db)
    done = onrecord("backup", copy, "--db", db)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM quotes").fetchone() == (2,)
    assert (tmp_path / "copy.reviews.jsonl").exists()


def test_evaluate_scores_documents(release: Path, tmp_path: Path) -> None:
    expected = {
        "title": "Children in Westmere are safer, say inspectors",
        "published": "2026-11-12",
        "body_starts": "Inspectors from Ofsted have rated",
        "body_ends": "keep on improving.”",
        "not_body": ["Share this page"],
        "organisations": ["Ofsted", "Westmere Council"],
        "people": [
            {"name": "Imelda Sorrel", "role": "cabinet member for children", "organisation": "Westmere Council"}
        ],
        "quotes": [
            {"text": "We know that we must keep on improving.", "form": "direct", "speaker": "Imelda Sorrel"},
            {"text": "Words that stand nowhere in it.", "form": "direct", "speaker": None},
        ],
        "figures": [],
        "stances": [],
    }
    (tmp_path / "release.json").write_text(json.dumps(expected), encoding="utf-8")
    done = onrecord("evaluate", tmp_path, "--each")
    assert done.returncode == 0, done.stderr
    assert "1 documents; headline, date and body: 0 misses" in done.stdout
    assert re.search(r"people +P 1.000 +R 1.000 +F1 1.000", done.stdout)
    assert re.search(r"quotes +P 0.500 +R 0.500 +F1 0.500", done.stdout)
    assert "quote missed: Words that stand nowhere in it." in done.stdout


BINARY = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["extract", "{here}/missing.txt"], "no file"),
        (["extract", "{here}/binary.txt"], "holds no article"),
        (["extract", "{here}/empty.txt"], "holds no article"),
        (["extract", "{here}/table.csv"], "none of .txt, .html"),
        (["extract", "{here}/bare"], "holds no file of .txt, .html"),
        (["extract"], "Missing argument"),
        (["add", "{here}/missing.txt", "--db", "{here}/x.db"], "no file"),
        (["add", "{here}/fine.txt", "--db", "{here}/binary.txt"], "is not a database"),
        (["add", "{here}/fine.txt", "--db", "{here}/other.db"], "another program"),
        (["add", "{here}/fine.txt", "--db", "{here}"], "folder"),
        (["check", "--db", "{here}/none.db"], "no database"),
        (["check", "--db", "{here}/other.db"], "another program"),
        (["serve", "--db", "{here}/none.db"], "no database"),
        (["reextract", "--db", "{here}/none.db"], "no database"),
        (["backup", "{here}/no/where.db", "--db", "{here}/ours.db"], "no folder"),
        (["backup", "{here}/ours.db", "--db", "{here}/ours.db"], "database itself"),
        (["nightly", "--source", "nobody", "--db", "{here}/x.db"], "no source 'nobody'"),
        (["nightly", "--registry", "{here}/missing.toml", "--db", "{here}/x.db"], "cannot be read"),
        (["nightly", "--registry", "{here}/table.csv", "--db", "{here}/x.db"], "table.csv"),
        (["nightly", "--registry", "{here}/local.toml", "--db", "{here}/other.db"], "another program"),
        (["nightly", "--registry", "{here}/local.toml", "--db", "{here}/newer.db"], "newer onrecord"),
        (["sources", "show", "nobody"], "no source 'nobody'"),
        (["sources", "try", "nobody"], "no source 'nobody'"),
        (["evaluate", "{here}/missing"], "no folder"),
        (["evaluate", "{here}/bare"], "holds no gold document"),
        (["nonsense"], "No such command"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "binary.txt").write_bytes(BINARY)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "fine.txt").write_text(RELEASE, encoding="utf-8")
    (tmp_path / "bare").mkdir()
    local = '[here]\nname = "Here"\nhosts = ["127.0.0.1"]\n[[here.listing]]\ntype = "feed"\nurl = "http://127.0.0.1:9/feed"\n'
    (tmp_path / "local.toml").write_text(local)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, other:
        other.execute("CREATE TABLE invoices (id INTEGER)")
    if "ours.db" in " ".join(arguments) or "newer.db" in " ".join(arguments):
        onrecord("add", tmp_path / "fine.txt", "--db", tmp_path / "ours.db")
        (tmp_path / "newer.db").write_bytes((tmp_path / "ours.db").read_bytes())
        with closing(sqlite3.connect(tmp_path / "newer.db")) as newer, newer:
            columns = [row[1] for row in newer.execute("PRAGMA table_info(_sqlite_migrations)")]
            values = {"migration_set": "onrecord", "name": "9999_from_the_future", "applied_at": "2030-01-01"}
            kept = [column for column in columns if column in values]
            newer.execute(
                f"INSERT INTO _sqlite_migrations ({', '.join(kept)}) VALUES ({', '.join('?' * len(kept))})",
                [values[c] for c in kept],
            )
    before = {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    done = onrecord(*(argument.replace("{here}", str(tmp_path)) for argument in arguments), ONRECORD_LOOPBACK="1")
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stderr.startswith("onrecord: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == ""
    for file, content in before.items():
        assert file.read_bytes() == content, f"{file.name} was touched"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_one_sentence(release: Path, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    done = onrecord("add", release, "--db", folder / "onrecord.db")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_reader_that_has_seen_enough_is_no_error(release: Path) -> None:
    command = f"{sys.executable} -m onrecord extract {' '.join([str(release)] * 40)} | head -c 1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout == "{"
    assert done.stderr == ""
