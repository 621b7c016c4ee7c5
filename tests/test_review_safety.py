"""What other sites, hostile pages and strangers try, over real HTTP on loopback, and what browsers are told."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup
from datasette_auth_passwords.utils import hash_password

from nlp.records import Quote, Records, Stance
from onrecord.review.markup import neutral
from onrecord.review.safety import SETTINGS
from onrecord.review.spreadsheet import Rows, asgi_wrapper, harmless
from onrecord.serve import Hosted, ServeError, datasette, hosted_at
from pipelines.stories import group_stories
from tests.command import onrecord
from tests.sample_file import LATER, add_source, article, build, records, spot, store
from tests.serving import served

BIDI = "\u202egnp.elif\u2066\u200f"
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)></textarea></title>{{7*7}}" + BIDI
)
SQL = ["'; DROP TABLE quotes; --", '" OR 1=1 --', "%' UNION SELECT sql FROM sqlite_master --", "*", "\\", ":x", "\x00"]
OURS = [
    *(
        "/",
        "/?body=a",
        "/search",
        "/search?q=hostile",
        "/organisation/1",
        "/organisation/2",
        "/article/1",
        "/article/4",
    ),
    *("/review/quote", "/review/figure", "/review/stance"),
]
ERRORS = ["/nothing", "/night/nothing", "/organisation/999", "/night?sql=selec", f"/review/quote?rule={HOSTILE}"]
# What no page has a say in: times by our own clock, days that were checked, and keys.
OURS_ALONE = [
    *(
        "first_seen",
        "last_seen",
        "seen_from",
        "checked_at",
        "extracted_at",
        "gone_at",
        "replaced_at",
        "started",
        "ended",
    ),
    *("at", "published", "first_published", "last_published"),
    *("quote_key", "figure_key", "stance_key", "text_key", "text_hash"),
]


def write_hostile(path: Path) -> None:
    """A file in which every text that the schema lets be anything holds what would run, turn or count."""
    db = build(path)
    add_source(db, "hostile")
    said = f"=1+1 {HOSTILE} we said so."
    text = f"{HOSTILE} leads.\n\n“{said}” said somebody hostile.\n\nThe end of {HOSTILE}"
    words = {**spot(text, said), "confidence": 0.5, "rule": HOSTILE}
    holder = records().people[0].organisation
    found = Records(
        quotes=(Quote(**words, speaker="Ada Quillfeather", role=HOSTILE, organisation=holder, cue=HOSTILE),),
        stances=(Stance(**words, topic=HOSTILE, polarity="critical", organisation=holder, quote=0),),
    )
    for outlet in ("hostile", "herald"):
        url = f"https://{outlet}.example/{len(outlet)}"
        store(db, article(url, text, source=outlet, title=HOSTILE, byline=HOSTILE, standfirst=HOSTILE), found)
    group_stories(db)
    key = db.execute("SELECT quote_key FROM quotes WHERE text = ?", [said]).fetchone()[0]
    review = {"item_kind": "quote", "item_key": key, "decision": "accepted", "reviewer": HOSTILE, "at": LATER}
    db.table("reviews").insert({**review, "text": said, "note": HOSTILE, "context": text})
    db.table("reviews").insert({**review, "item_key": "a quote that is gone", "text": said, "context": text})
    db.table("runs").insert({"id": 1, "started": LATER, "version": HOSTILE, "verdict": "partial"})
    db.table("run_sources").insert({"run_id": 1, "source_id": "hostile", "verdict": "failed", "note": HOSTILE})
    db.table("figure_checks").insert({"figure_id": 1, "verdict": "contradicted", "expected": 18, "why": HOSTILE})
    db.close()
    spoil(path)


def spoil(path: Path) -> None:
    """Adds hostile words to every text that neither the schema nor a key holds fast."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA foreign_keys = ON")
    tables = [
        name for (name,) in db.execute("SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
    ]
    for table in tables:
        if table.startswith(("sqlite", "_sqlite", "reviews")) or "_fts" in table:
            continue
        for column, hidden in db.execute(f"SELECT name, hidden FROM pragma_table_xinfo('{table}') WHERE type = 'TEXT'"):
            if not hidden and column not in OURS_ALONE:
                added = "javascript:alert(1)//" if column in ("url", "home", "listing") else f"={HOSTILE}"
                try:
                    db.execute(f'UPDATE {table} SET "{column}" = ? || ifnull("{column}", \'\')', [added])
                    db.commit()
                except sqlite3.Error:
                    db.rollback()
    db.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("safety") / "night.db"
    write_hostile(path)
    return path


@pytest.fixture(scope="module")
def client(path: Path) -> Iterator[httpx.Client]:
    with served(datasette(path)) as client:
        yield client


@pytest.fixture(scope="module")
def hosted(path: Path) -> Iterator[httpx.Client]:
    accounts = Hosted({"ada": hash_password("open sesame", iterations=1000)}, hosts=["review.example"])
    with served(datasette(path, accounts)) as client:
        yield client


@pytest.fixture(scope="module")
def tables(path: Path) -> list[str]:
    db = sqlite3.connect(path)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    db.close()
    return [name for name in names if "_fts" not in name and not name.startswith(("sqlite", "_sqlite"))]


@pytest.fixture(scope="module")
def pages(client: httpx.Client, tables: list[str]) -> dict[str, httpx.Response]:
    """Every page of ours, and one of each kind of Datasette's, by address."""
    queries = client.get("/night.json").json()["queries"]
    rows = ("quotes", "articles", "organisations", "people", "stances")
    addresses = [
        *OURS,
        *(f"/night/{table}" for table in tables),
        *(f"/night/{query['name']}?who=a&body=a&about=&since=&organisation=a" for query in queries),
        *(f"/night/{table}/1" for table in rows),
        *("/night", "/night?sql=select+*+from+quotes", f"/search?q={HOSTILE}", f"/night/quotes?_search={HOSTILE}"),
        *(f"/?body={HOSTILE}", *ERRORS),
    ]
    return {address: client.get(address, follow_redirects=True) for address in addresses}


# What pages show ------------------------------------------------------------------------------------------------------


def test_every_page_is_there(pages: dict[str, httpx.Response]) -> None:
    for address, page in pages.items():
        assert page.status_code == 200 or (address in ERRORS and page.status_code < 500), address


def test_words_stay_words(pages: dict[str, httpx.Response]) -> None:
    shown = 0
    for address, page in pages.items():
        soup = BeautifulSoup(page.text, "lxml")
        assert "alert(" not in " ".join(script.get_text() for script in soup.find_all("script")), address
        for tag in soup.find_all(True):
            handlers = [name for name in tag.attrs if name.startswith("on")]
            assert not handlers, (address, tag)
            assert tag.get("src") != "x", address
        assert "</title>49" not in soup.get_text(), address  # no template is made of it
        shown += "alert(1)" in soup.get_text()
    assert shown > 30  # it is all there to read


def test_nothing_leads_to_a_script(pages: dict[str, httpx.Response]) -> None:
    shown = 0
    for address, page in pages.items():
        for tag in BeautifulSoup(page.text, "lxml").find_all(True):
            for name in ("href", "src", "action", "formaction", "data", "xlink:href"):
                leads = re.sub(r"[\x00-\x20]", "", str(tag.get(name, ""))).lower()
                assert not leads.startswith(("javascript:", "data:", "vbscript:", "//")), (address, tag)
        shown += "javascript:" in page.text
    assert shown


def test_no_text_turns_its_direction(pages: dict[str, httpx.Response], client: httpx.Client) -> None:
    others = {address: client.get(address) for address in ("/feed/statements.atom", "/review/quote.json")}
    for address, page in {**pages, **others}.items():
        assert page.text == neutral(page.text), address
        assert not re.search("&#(x20[02][ef]|x202a|x2066|820[67]|823[4-8]|829[4-7]);", page.text, re.IGNORECASE), (
            address
        )
    assert "\ufffdgnp.elif\ufffd\ufffd" in pages["/article/4"].text
    assert neutral(BIDI) == "\ufffdgnp.elif\ufffd\ufffd"  # as many characters: offsets count on it


# The content security policy ------------------------------------------------------------------------------------------


def test_every_page_has_a_policy_and_keeps_it(pages: dict[str, httpx.Response]) -> None:
    for address, page in pages.items():
        policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert not re.search("unsafe|http|\\*", page.headers["content-security-policy"])
        soup = BeautifulSoup(page.text, "lxml")
        for tag in soup.find_all(["script", "style"]):
            if not tag.get("src"):
                assert f"'nonce-{tag.get('nonce')}'" in policy[f"{tag.name}-src"], (address, tag)
        if address in OURS:
            assert "nonce" not in page.headers["content-security-policy"], address
        assert not [tag for tag in soup.find_all(True) if tag.get("style")], address
        for tag in soup.find_all(["script", "link", "img", "iframe", "object"]):
            leads = str(tag.get("src") or tag.get("href") or tag.get("data") or "")
            assert not re.match("(?!http://127)[a-z]+:|//", leads), (address, tag)


def test_a_nonce_is_good_for_one_page(client: httpx.Client) -> None:
    assert len({client.get("/night/quotes").headers["content-security-policy"] for _ in range(3)}) == 3


def test_every_answer_says_what_browsers_may_not(client: httpx.Client) -> None:
    ours = "/-/static-plugins/onrecord.review/review.js"
    for address in (
        "/",
        "/night/quotes.json",
        "/night/quotes.csv",
        "/-/static/app.css",
        ours,
        "/nothing",
        "/search.atom",
    ):
        headers = client.get(address).headers
        assert headers["x-content-type-options"] == "nosniff", address
        assert headers["x-frame-options"] == "DENY"
        assert headers.get_list("referrer-policy") == ["no-referrer"]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "content-security-policy" in headers


# Spreadsheets ---------------------------------------------------------------------------------------------------------


def test_no_cell_of_any_csv_is_a_formula(client: httpx.Client, tables: list[str]) -> None:
    prefixed = 0
    for table in tables:
        options = ("", "?_labels=on", "?_stream=on", "?_dl=on") if table in ("quotes", "statements") else ("",)
        for option in options:
            response = client.get(f"/night/{table}.csv{option}")
            assert response.status_code == 200
            for cell in itertools.chain(*csv.reader(io.StringIO(response.text, newline=""))):
                assert not re.match(r"[=+\-@\t\r\n]", cell) or re.fullmatch(r"-?[0-9.]+", cell), (table, cell)
                prefixed += cell.startswith("'=")
    assert prefixed > 20
    sql = "select '@x' as \"=a\", '-2+3' as b, -2.5 as c, '+44' as d, char(9) || '=1' as e, '=\"a,\"' || char(10) as f"
    query = client.get("/night.csv", params={"sql": sql})
    assert list(csv.reader(io.StringIO(query.text, newline=""))) == [
        ["'=a", "b", "c", "d", "e", "f"],
        ["'@x", "'-2+3", "-2.5", "+44", "'\t=1", '\'="a,"\n'],
    ]
    assert client.get("/night.csv?sql=selec").status_code == 400


def test_rows_that_come_in_pieces_are_the_same(client: httpx.Client) -> None:
    whole = 'a,b\r\n=1,"=2, ""x""\r\n=3"\r\n"é",\r\n'.encode()
    for size in range(1, len(whole)):
        rows = Rows()
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        got = b"".join(rows.take(piece, last=number == len(pieces)) for number, piece in enumerate(pieces, start=1))
        assert got.decode() == 'a,b\r\n\'=1,"\'=2, ""x""\r\n=3"\r\n"é",\r\n', size
    assert harmless("1,-1,+2.5e3,-x\r\n") == "1,-1,+2.5e3,'-x\r\n"


def test_a_page_at_an_address_of_csv_stays_a_page() -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 400, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<p>a,=b"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asgi_wrapper()(page)({"type": "http", "path": "/night.csv"}, None, send))
    assert sent[1]["body"] == b"<p>a,=b"


# Other sites ----------------------------------------------------------------------------------------------------------


def decision(client: httpx.Client) -> dict[str, object]:
    """A decision on some quote that the client's page may send."""
    (row,) = client.get("/night/quotes.json?_shape=array&_size=1&review_status__isnull=1").json()
    return {
        "kind": "quote",
        "key": row["quote_key"],
        "verdict": "accepted",
        "corrected": None,
        "note": None,
        "seen": None,
    }


def with_token(client: httpx.Client) -> dict[str, str]:
    """What our pages send: the token that their cookie vouches for."""
    client.get("/review/quote")
    return {"x-csrftoken": client.cookies["ds_csrftoken"]}


def count_reviews(path: Path) -> int:
    db = sqlite3.connect(path)
    (count,) = db.execute("SELECT count(*) FROM reviews").fetchone()
    db.close()
    return int(count)


def test_nothing_is_written_without_the_page_s_token(client: httpx.Client, path: Path) -> None:
    before, given = count_reviews(path), decision(client)
    token = with_token(client)
    client.cookies.set("onrecord_reviewer", "bo")
    cookies = dict(client.cookies)
    for headers, jar in (
        ({}, cookies),
        ({"x-csrftoken": "forged"}, cookies),
        ({}, {}),
        (token, {"onrecord_reviewer": "bo"}),
        ({"content-type": "text/plain"}, {}),
    ):
        with httpx.Client(base_url=client.base_url, cookies=jar) as other:
            assert other.post("/review/decide", json=given, headers=headers).status_code == 403, headers
    for headers in (
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert client.post("/review/decide", json=given, headers={**token, **headers}).status_code == 403, headers
    for path_ in ("/review/undo", "/review/accept-rule", "/review/name"):
        with httpx.Client(base_url=client.base_url) as other:
            assert other.post(path_, json={"name": "x"}).status_code == 403
    assert count_reviews(path) == before
    ours = {"origin": str(client.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
    assert client.post("/review/decide", json=given, headers={**token, **ours}).status_code == 200
    assert count_reviews(path) == before + 1


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.168.0.1", "localhost.evil.example:80", "", "[::1"]
)
def test_a_name_that_is_not_ours_gets_nothing(client: httpx.Client, host: str) -> None:
    for address in ("/", "/night/quotes.json", "/-/static/app.css"):
        assert client.get(address, headers={"host": host}).status_code in (400, 421), address


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8001", "[::1]:8001", "LOCALHOST:1"])
def test_this_machine_s_names_are_ours(client: httpx.Client, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


def test_other_sites_may_link_here_and_no_more(client: httpx.Client) -> None:
    cross = {"sec-fetch-site": "cross-site"}
    assert client.get("/night.json?sql=select+1", headers={**cross, "sec-fetch-mode": "no-cors"}).status_code == 403
    assert client.get("/", headers={**cross, "sec-fetch-mode": "navigate"}).status_code == 200


# SQL ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", SQL)
def test_search_boxes_take_words_not_sql(client: httpx.Client, path: Path, words: str) -> None:
    for address, names in {
        "/": ("body",),
        "/search": ("q",),
        "/organisation/1": ("person", "source", "rule", "status", "topic", "min", "from", "after"),
        "/review/quote": ("organisation", "person", "source", "rule", "status", "topic", "max", "to", "after"),
        "/review/quote.json": ("organisation", "after"),
        "/night/quotes": ("_search", "rule", "_next"),
        "/night/statements": ("_search", "person__contains"),
        "/night/what_did_they_say": ("who", "about", "since"),
        "/night/who_speaks_for": ("body",),
    }.items():
        for name in names:
            response = client.get(address, params={"who": "a", "about": "", "since": "", name: words})
            assert response.status_code < 500, (address, name, words)
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM quotes").fetchone()[0] >= 9
    db.close()


def test_no_query_makes_values_larger_than_any_page(client: httpx.Client) -> None:
    assert client.get("/night.json", params={"sql": "select length(zeroblob(900000000))"}).status_code == 400
    assert client.get("/night.json", params={"sql": "select length(zeroblob(1000000))"}).status_code == 200


# Served to others -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passwords", "sentence"),
    [
        (None, "Serving on {host} lets others in: name a file of passwords in ONRECORD_PASSWORDS"),
        ("", "holds no passwords"),
        ("ada:open sesame", "line 1, is not NAME:HASH"),
        ("# nobody\n\nada:$2b$12$abcdefghijklmnopqrstuv", "line 3, is not NAME:HASH"),
    ],
)
@pytest.mark.parametrize("host", ["0.0.0.0", "review.example"])
def test_without_passwords_it_is_served_to_nobody_else(
    path: Path, tmp_path: Path, host: str, passwords: str | None, sentence: str
) -> None:
    environment = {}
    if passwords is not None:
        (tmp_path / "passwords").write_text(passwords, encoding="utf-8")
        environment = {"ONRECORD_PASSWORDS": str(tmp_path / "passwords")}
    run = onrecord("serve", "--db", path, "--host", host, "--port", 0, **environment)
    assert run.returncode == 2
    assert sentence.format(host=host) in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not run.stdout


def test_the_environment_says_who_may_review_and_what_the_site_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = hash_password("open sesame", iterations=1000)
    (tmp_path / "passwords").write_text(f"# reviewers\n\nada:{hashed}\nbo.b-1:{hashed}\n", encoding="utf-8")
    monkeypatch.setenv("ONRECORD_PASSWORDS", str(tmp_path / "passwords"))
    monkeypatch.setenv("ONRECORD_HOSTS", "Review.example, other.example")
    passwords = {"ada": hashed, "bo.b-1": hashed}
    assert hosted_at("0.0.0.0") == Hosted(passwords, ["review.example", "other.example"])
    assert hosted_at("Own.example") == Hosted(passwords, ["own.example", "review.example", "other.example"])
    own = ("127.0.0.1", "127.8.8.8", "::1", "localhost")
    for host in own:  # to us, whom a proxy on this machine lets in comes from here
        assert hosted_at(host) == Hosted(passwords, ["review.example", "other.example"])
    monkeypatch.delenv("ONRECORD_PASSWORDS")
    assert [hosted_at(host) for host in own] == [None] * 4
    monkeypatch.setenv("ONRECORD_PASSWORDS", str(tmp_path))
    with pytest.raises(ServeError, match="can't be read"):
        hosted_at("0.0.0.0")


def test_others_read_and_those_who_have_logged_in_write(hosted: httpx.Client, path: Path) -> None:
    before, given = count_reviews(path), decision(hosted)
    token = with_token(hosted)
    hosted.cookies.set("onrecord_reviewer", "bo")
    assert hosted.post("/review/decide", json=given, headers=token).status_code == 403
    form = {"username": "ada", "password": "guessed", "csrftoken": token["x-csrftoken"]}
    assert "Invalid" in hosted.post("/-/login", data=form).text
    form["password"] = "open sesame"
    assert hosted.post("/-/login", data=form).status_code == 429  # so soon
    while (answer := hosted.post("/-/login", data=form)).status_code == 429:
        pass
    assert answer.status_code == 302
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert hosted.post("/review/decide", json=given).status_code == 403
    assert hosted.post("/review/decide", json=given, headers=token).status_code == 200
    assert count_reviews(path) == before + 1
    db = sqlite3.connect(path)
    assert db.execute("SELECT reviewer FROM reviews ORDER BY id DESC LIMIT 1").fetchone() == ("ada",)
    db.close()


def test_others_get_neither_sql_nor_the_file_nor_how_it_is_set_up(hosted: httpx.Client, path: Path) -> None:
    assert hosted.get("/night/quotes").status_code == 200
    assert hosted.get("/night.json?sql=select+1").status_code == 403
    assert hosted.get("/night/quotes?_where=1=1").status_code == 403
    assert hosted.get("/night.db").status_code == 403
    for page in (
        "metadata",
        "metadata.json",
        "settings",
        "plugins",
        "databases",
        "permissions",
        "password-tool",
        "threads",
        "actor",
    ):
        answer = hosted.get(f"/-/{page}")
        assert answer.status_code == 404, page
        assert "pbkdf2" not in answer.text


def test_there_is_one_way_in(hosted: httpx.Client) -> None:
    hosted.cookies.clear()
    token = with_token(hosted)
    given = decision(hosted)
    for authorization in (("ada", "open sesame"), None):
        headers = {} if authorization else {"authorization": "Basic ?"}
        answer = hosted.post("/review/decide", json=given, headers={**token, **headers}, auth=authorization)
        assert answer.status_code == 403
    assert hosted.get("/", headers={"authorization": "Basic ?"}).status_code == 200
    hosted.cookies.set("ds_actor", "forged")
    assert hosted.post("/review/decide", json=given, headers=token).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"), [("review.example", 200), ("192.168.0.7:8001", 200), ("evil.example", 421)]
)
def test_others_ask_by_address_or_by_a_name_that_is_set(hosted: httpx.Client, host: str, status: int) -> None:
    assert hosted.get("/", headers={"host": host}).status_code == status


def test_on_this_machine_there_is_no_login(path: Path) -> None:
    application = datasette(path)
    with served(application) as client:
        assert client.get("/-/login").status_code == 404
        assert "Log in" not in client.get("/night").text
        assert client.get("/night.json?sql=select+1").status_code == 200
    assert not application.plugin_config(SETTINGS)


def test_search_engines_are_asked_to_stay_away(hosted: httpx.Client) -> None:
    assert hosted.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
