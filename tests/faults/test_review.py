"""Section F: what hostile pages and hostile visitors try on the review, Datasette, terminals, logs and file names.

What the words of a page can do in a browser, what other sites can ask for and what is served to whom is held by
tests/test_review_safety.py (see held_elsewhere.toml).
"""

from __future__ import annotations

import ast
import json
import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette_auth_passwords.utils import hash_password

from onrecord.backup import backup
from onrecord.review import training
from onrecord.review.decisions import Decision, decide
from onrecord.review.export import write_jsonl
from onrecord.review.golden import write_gold
from onrecord.serve import Hosted, datasette, hosted_at
from onrecord.terminal import OneEntry, visible
from pipelines.archive import Archive
from pipelines.page import Page
from pipelines.schema import open_database
from tests.command import LOCAL, ROOT, onrecord
from tests.crawling import registry_of, source_at
from tests.faults.server import Answer, FaultySite
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, article, build, records, store
from tests.serving import served

REVIEW = ROOT / "onrecord/review"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    build(tmp_path / "night.db").close()
    return tmp_path / "night.db"


@pytest.fixture
def client(path: Path) -> Iterator[httpx.Client]:
    with served(datasette(path)) as client:
        yield client


def ask(path: Path, sql: str, *parameters: object) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql, parameters).fetchall()


# Templates and SQL, read ----------------------------------------------------------------------------------------------


def test_84_no_template_takes_words_for_markup() -> None:
    templates = list((REVIEW / "templates").glob("*.html"))
    assert len(templates) > 10
    for template in templates:
        source = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*(?:safe|xmlattr|urlize)\b|autoescape|Markup\b", source), template.name
        assert source.count("tojson") == source.count("tojson|forceescape"), (
            template.name
        )  # it is safe in scripts alone
        assert not re.search(r"\s[\w-]+=\{[{%]", source), f"{template.name}: an attribute without its marks"
    makers = {file.name for file in REVIEW.rglob("*.py") if "Markup(" in file.read_text(encoding="utf-8")}
    assert makers == {"plots.py"}  # which draws with ElementTree
    for script in (REVIEW / "static").glob("*.js"):
        source = script.read_text(encoding="utf-8")
        given = re.findall(r"(?:(?:inner|outer)HTML\s*\+?=|insertAdjacentHTML|document\.write|\beval)(.*?);", source)
        assert set(given) <= {" page.html"}, script.name  # drawn by the page's own template


# What may stand between the words of a statement: names of our own tables, columns and pieces of SQL. Whatever else is
# bound as a parameter. A name that is added here must never hold a word of a page, of a visitor or of the file.
OF_OUR_OWN = {
    *("article", "body", "changes", "column", "columns", "day", "differs", "holder", "key", "kind", "organisation"),
    *("otherwise", "person", "table", "values", "wanted", "when", "where", "TABLES[kind]", "key_column(kind)"),
    *("_AROUND", "_FIELDS[kind]", "_IN_TIME", "_RECOUNT", "_RECOUNT_STANCES", "_UNLISTED", "' AND '.join(led)"),
    *("' AND '.join(rest.values()) or '1'", "' AND '.join(where)", "_CHECKS if kind == 'figure' else ''"),
    *("marks", "name", "named", "names", "_ARTICLES"),  # merge and bulk: tables and columns of our own schema
    *("_ONE.format(first=':first')", "_ONE.format(first='ifnull(people.same_as, people.id)')"),
}
STATEMENT = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|WITH|PRAGMA|ATTACH|CREATE|DROP|JOIN|WHERE|VALUES)\b")


def interpolated(file: Path) -> Iterator[str]:
    """Expressions that stand in SQL; with `%` or `format`, the statement itself."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            words = " ".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            if STATEMENT.search(words):
                yield from (ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            yield from [ast.unparse(node)] if STATEMENT.search(str(node.left.value)) else []


def test_90_sql_is_made_of_our_own_words_alone() -> None:
    found = {
        expression: str(file.relative_to(ROOT))
        for package in ("onrecord", "pipelines", "spiders", "nlp")
        for file in (ROOT / package).rglob("*.py")
        for expression in interpolated(file)
    }
    assert len(found) > 20
    assert {name: file for name, file in found.items() if name not in OF_OUR_OWN} == {}


def test_90_the_search_for_sql_finds_what_is_forbidden(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("a(f'SELECT {q}')\nb('DELETE FROM x WHERE y = %s' % z)\nc(f'no {words}')", encoding="utf-8")
    assert list(interpolated(bad)) == ["q", "'DELETE FROM x WHERE y = %s' % z"]


# Visitors -------------------------------------------------------------------------------------------------------------


def test_86_no_cookie_goes_along_from_another_site(client: httpx.Client, path: Path) -> None:
    hosted = datasette(path, Hosted({"ada": hash_password("open sesame", iterations=1000)}))
    with served(hosted) as login:
        token = login.get("/-/login").cookies["ds_csrftoken"]
        form = {"username": "ada", "password": "open sesame", "csrftoken": token}
        answers = [login.get("/review/quote"), login.post("/-/login", data=form)]
    token = client.get("/review/quote").cookies["ds_csrftoken"]
    answers.append(client.post("/review/name", json={"name": "Bo"}, headers={"x-csrftoken": token}))
    cookies = SimpleCookie()
    for answer in answers:
        for line in answer.headers.get_list("set-cookie"):
            cookies.load(line)
    assert {"ds_actor", "onrecord_reviewer"} <= set(cookies)
    for name, cookie in cookies.items():
        assert cookie["samesite"].lower() in ("lax", "strict"), name


def test_86_a_form_of_another_site_writes_nothing(client: httpx.Client, path: Path) -> None:
    [(key,)] = ask(path, "SELECT quote_key FROM quotes LIMIT 1")
    given = {"kind": "quote", "key": key, "verdict": "accepted"}
    token = client.get("/review/quote").cookies["ds_csrftoken"]
    client.cookies.set("onrecord_reviewer", "bo")
    elsewhere = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site", "content-type": "text/plain"}
    for more in ({}, {"x-csrftoken": token}):
        answer = client.post("/review/decide", content=json.dumps(given), headers={**elsewhere, **more})
        assert answer.status_code == 403
    assert ask(path, "SELECT count(*) FROM reviews") == [(0,)]
    assert client.post("/review/decide", json=given, headers={"x-csrftoken": token}).status_code == 200


def test_87_a_proxy_on_this_machine_lets_nobody_write_who_has_not_logged_in(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = hash_password("open sesame", iterations=1000)
    (tmp_path / "passwords").write_text(f"ada:{hashed}\n", encoding="utf-8")
    monkeypatch.setenv("ONRECORD_PASSWORDS", str(tmp_path / "passwords"))
    monkeypatch.setenv("ONRECORD_HOSTS", "review.example")
    [(key,)] = ask(path, "SELECT quote_key FROM quotes LIMIT 1")
    with served(datasette(path, hosted_at("127.0.0.1"))) as client:
        token = client.get("/review/quote").cookies["ds_csrftoken"]
        client.cookies.set("onrecord_reviewer", "bo")
        given = {"kind": "quote", "key": key, "verdict": "accepted"}
        for name in ({}, {"host": "review.example"}):  # a proxy sends on what was asked for, or our own address
            headers = {**name, "x-csrftoken": token}
            assert client.post("/review/decide", json=given, headers=headers).status_code == 403
            assert client.get("/night.json?sql=select+1", headers=name).status_code == 403
    assert ask(path, "SELECT count(*) FROM reviews") == [(0,)]


def test_89_sql_reads_for_a_second_and_writes_nothing(client: httpx.Client, path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    for sql in (
        *("DELETE FROM quotes", "DROP TABLE quotes", "ATTACH 'x.db' AS x", "PRAGMA writable_schema = 1"),
        *("WITH x AS (SELECT 1) DELETE FROM quotes", "VACUUM INTO 'x.db'", "SELECT load_extension('x')", endless),
        *("SELECT zeroblob(900000000)", "SELECT length(zeroblob(900000000))"),
    ):
        answer = client.get("/night.json", params={"sql": sql})
        assert answer.status_code == 400, sql
    assert client.get("/night.json?sql=select+count(*)+from+quotes").json()["rows"] == [[7]]
    assert not path.with_name("x.db").exists()


def test_91_two_reviewers_on_one_quote_are_both_kept(client: httpx.Client, path: Path) -> None:
    [(key,)] = ask(path, "SELECT quote_key FROM quotes WHERE text = ? LIMIT 1", SAID)
    token = client.get("/review/quote").cookies["ds_csrftoken"]

    def says(name: str, verdict: str, seen: int | None = None) -> httpx.Response:
        client.cookies.set("onrecord_reviewer", name)
        given = {"kind": "quote", "key": key, "verdict": verdict, "seen": seen}
        return client.post("/review/decide", json=given, headers={"x-csrftoken": token})

    assert says("ann", "accepted").status_code == 200
    first = ask(path, "SELECT * FROM reviews")
    unseen = says("bo", "rejected")
    assert (unseen.status_code, unseen.json()["reviewer"]) == (409, "ann")
    assert ask(path, "SELECT * FROM reviews") == first
    assert says("bo", "rejected", seen=unseen.json()["review_id"]).status_code == 200
    assert ask(path, "SELECT * FROM reviews ORDER BY id")[:1] == first
    assert ask(path, "SELECT reviewer, decision, at IS NOT NULL FROM reviews ORDER BY id") == [
        ("ann", "accepted", 1),
        ("bo", "rejected", 1),
    ]
    assert ask(path, "SELECT DISTINCT review_status FROM quotes WHERE quote_key = ?", key) == [("rejected",)]


@pytest.mark.parametrize("how", ["the site took it down", "its row is gone"])
def test_92_a_decision_outlives_its_article(path: Path, how: str) -> None:
    db = open_database(path)
    [(key, article_id)] = db.execute("SELECT quote_key, article_id FROM quotes WHERE text = ? LIMIT 1", [SAID])
    decide(db.conn, Decision("quote", key, "accepted", "ann", note="I was there"), AT)
    if how == "its row is gone":
        db.execute("DELETE FROM articles WHERE id = ?", [article_id])
    else:
        db.execute("UPDATE articles SET gone_at = ? WHERE id = ?", [LATER, article_id])
    db.close()
    with served(datasette(path)) as client:
        if how == "its row is gone":
            assert client.get(f"/article/{article_id}").status_code == 404
            page = client.get("/review/lost").text
        else:
            assert "Its site had taken it down" in client.get(f"/article/{article_id}").text
            page = client.get("/review/quote?status=accepted").text
            assert "taken down since" in page
    assert SAID in page
    assert "ann" in page
    assert ask(path, "SELECT reviewer, text, note FROM reviews") == [("ann", SAID, "I was there")]


# Terminals and logs ---------------------------------------------------------------------------------------------------

# Erases the screen, sets the window's title, begins a line, turns the direction, and does so again in eight bits.
COMMANDS = "\x1b[2J\x1b]0;owned\x07\r\n2026-01-01 INFO all is well\u202e\u2066\x9b31m\u2028\x7f"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def test_93_what_is_printed_commands_no_terminal() -> None:
    assert not RAW.search(visible(COMMANDS))
    assert "\n" not in visible(COMMANDS)
    assert visible("“É” – 𝒳 [bold] \\n") == "“É” – 𝒳 [bold] \\n"
    assert visible("\x1b[2J\n\u202e\ud800") == r"\x1b[2J\n\u202e\ud800"


def test_93_no_entry_of_the_log_can_be_forged() -> None:
    try:
        raise ValueError(COMMANDS)
    except ValueError as error:
        what = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("pipelines", logging.ERROR, "x.py", 1, "%s failed", (COMMANDS,), what)
    entry = OneEntry("%(asctime)s %(levelname)s %(name)s: %(message)s").format(record)
    first, *rest = entry.split("\n")
    assert r"\x1b[2J" in first
    assert all(line.startswith("    ") for line in rest)
    assert "Traceback" in rest[0]
    assert not RAW.search(entry)


def test_93_no_file_name_commands_the_terminal_that_reads_it(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2J\n\u202e.txt").write_text(" ", encoding="utf-8")
    done = onrecord("extract", tmp_path)
    assert done.returncode == 2
    assert not RAW.search(done.stderr)
    assert r"\x1b[2J\n\u202e.txt holds no article" in done.stderr


def test_93_a_hostile_site_writes_neither_to_terminals_nor_lines_of_the_log(tmp_path: Path) -> None:
    items = "".join(f'<li><a href="/{number}">{COMMANDS}<time>{COMMANDS}</time></a></li>' for number in range(3))
    registry = tmp_path / "sources.toml"
    with FaultySite({"/news": Answer(items)}) as site:
        for number in range(3):
            site.answers[f"/{number}"] = Answer(f"<p>{COMMANDS}", type="text\x1b[31m/hostile\x07")
        source = source_at(site.address, "html", "/news", item="li", date="time")
        registry.write_text(registry_of(source), encoding="utf-8")
        tried = onrecord("sources", "try", "marlbury", "--registry", registry, **LOCAL)
        night = onrecord("nightly", "--registry", registry, "--db", tmp_path / "x.db", **LOCAL)
    log = (tmp_path / "nightly.log").read_text(encoding="utf-8")
    for printed in (tried.stdout, tried.stderr, night.stdout, night.stderr, log):
        assert not RAW.search(printed)
    assert r"\x1b]0;owned\x07" in tried.stdout
    assert r"text\x1b[31m/hostile\x07" in night.stderr
    assert r"text\x1b[31m/hostile\x07" in log
    assert all(re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:|    ", line) for line in log.splitlines())
    assert not re.search(r"^2026-01-01", log, re.MULTILINE)


# File names -----------------------------------------------------------------------------------------------------------

NAMES = ["../../x", "CON", "nul.txt", "a" * 300, "/etc/x", "-rf", "x\0y", "..", "C:\\x", "$(touch x)"]


def test_94_no_title_and_no_address_names_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    db = open_database(folder / "night.db")
    archive = Archive(folder / "archive")
    for number, name in enumerate(NAMES):
        url = f"https://news.example/{number}/{name}"
        store(db, article(url, title=name, byline=name, standfirst=name), records(organisation=COUNCIL))
        archive.write(Page(url=url, body=TEXT.encode(), headers={"content-disposition": f'filename="{name}"'}))
    keys = [key for (key,) in db.execute("SELECT quote_key FROM quotes")]
    for key in keys:
        decide(db.conn, Decision("quote", key, "accepted", "../ann"), AT)
    for held_out in (False, True):
        write_gold(db, folder / f"gold{held_out}", held_out=held_out)
        write_jsonl(db, folder / f"reviews{held_out}.jsonl", held_out=held_out)
        training.write_spacy(db, folder / f"names{held_out}.spacy", held_out=held_out)
    db.close()
    backup(folder / "night.db", folder / "copy.db")
    with ExitStack() as stack:
        client = stack.enter_context(served(datasette(folder / "night.db")))
        for place in ("/article/", "/-/static/", "/-/static-plugins/onrecord.review/", "/night/articles/"):
            for name in ("..%2f..%2fnight.db", "..%2f..%2f..%2fetc%2fpasswd", "..%5c..%5cnight.db", "%2fetc%2fpasswd"):
                assert client.get(place + name, follow_redirects=True).status_code in (400, 404), place + name
    made = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    documents = {name for name in made if re.fullmatch(r"kept/gold\w+/(?:expected|documents)/[0-9a-f]{16}\.json", name)}
    assert len(documents) == 2 * len(NAMES)
    assert {
        name for name in made - documents if not re.fullmatch(r"kept/archive/onrecord-[\da-f-]+\.warc\.gz", name)
    } == {
        *("kept/night.db", "kept/night.db-wal", "kept/night.db-shm", "kept/copy.db", "kept/copy.reviews.jsonl"),
        *(f"kept/{name}" for it in ("False", "True") for name in (f"reviews{it}.jsonl", f"names{it}.spacy")),
    }
