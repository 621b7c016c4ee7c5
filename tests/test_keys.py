"""Keys of programming interfaces: sent where they belong, and to be found nowhere else."""

from __future__ import annotations

import gzip
import json
import logging
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from onrecord.newsroom import Newsroom
from spiders.keys import Blot
from spiders.registry import Listing, RegistryError, Source, read_registry
from tests.command import LOCAL, onrecord
from tests.crawling import crawl
from tests.faults.server import Answer, FaultySite, leads_to

VARIABLE = "MARLBURY_API_KEY"
SECRET = "s3cret-4f/9+1 x"  # as inconvenient as a key can be
SENT = f"api-key={quote(SECRET, safe='')}"
SEARCH = "/search?q=ofsted&page=1"
BODY = "<p>Inspectors found children’s services in Marlbury much improved, Ofsted said.</p>"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)


def paper(site: FaultySite, path: str = SEARCH) -> Source:
    listing = Listing("guardian", site.address + path, key=VARIABLE)
    return Source(id="marlbury", name="Marlbury", hosts=("127.0.0.1",), listing=(listing,))


def found(site: FaultySite, page: int = 1, pages: int = 1) -> Answer:
    result = {
        "webUrl": f"{site.address}/{page}",
        "webTitle": f"Marlbury {page}",
        "webPublicationDate": "2026-03-31T09:00:00Z",
        "fields": {"body": f"{BODY}<p>Page {page}.</p>"},
    }
    body = {"response": {"currentPage": page, "pages": pages, "results": [result]}}
    return Answer(json.dumps(body), type="application/json", etag=f'"{page}"')


def kept(folder: Path) -> str:
    """All that a crawl has written, the archive unpacked."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return "\n".join(
        (gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()).decode("latin-1")
        for file in files
    )


def is_secret_in(text: str) -> bool:
    return SECRET in text or quote(SECRET, safe="") in text or "s3cret" in text


@pytest.fixture
def night(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Any:
    """A crawl of which nothing may tell the key; gives its stats."""
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(logging.Formatter("%(message)s"))

    def run(source: Source, **settings: Any) -> dict[str, Any]:
        stats = dict(crawl(source, tmp_path / "onrecord.db", **settings))
        assert not is_secret_in(kept(tmp_path))
        assert not is_secret_in(str(stats))
        assert not is_secret_in(caplog.text)
        return stats

    return run


def test_the_key_is_sent_with_every_page_of_the_listing_and_kept_nowhere(night: Any, tmp_path: Path) -> None:
    with FaultySite() as site:
        for page in (1, 2):
            site.answers[f"/search?q=ofsted&page={page}&{SENT}"] = found(site, page, 2)
        stats = night(paper(site))
        assert (stats["new"], stats["fetched"]) == (2, 2)
        assert site.paths == [f"/search?q=ofsted&page=1&{SENT}", f"/search?q=ofsted&page=2&{SENT}"]
        with sqlite3.connect(tmp_path / "onrecord.db") as db:
            listings = {url for (url,) in db.execute("SELECT url FROM pages WHERE role = 'listing'")}
        assert listings == {f"{site.address}/search?page={page}&q=ofsted" for page in (1, 2)}
        site.asked.clear()
        night(paper(site))
        assert site.paths == [f"/search?q=ofsted&page=1&{SENT}"]
        assert site.asked[-1].headers["If-None-Match"] == '"1"'


def test_pages_and_robots_are_asked_for_without_it(night: Any) -> None:
    with FaultySite() as site:
        answer = json.loads(str(found(site).body))
        answer["response"]["results"][0]["fields"] = {}
        site.answers[f"{SEARCH}&{SENT}"] = Answer(json.dumps(answer), type="application/json")
        site.answers["/1"] = Answer(f"<html><h1>Marlbury</h1>{BODY}</html>")
        night(paper(site))
        assert [asked.path for asked in site.asked] == ["/robots.txt", f"{SEARCH}&{SENT}", "/1"]


@pytest.mark.parametrize(
    ("answer", "settings", "said"),
    [
        (Answer(status=401), {}, "HTTP 401"),
        (Answer(wait=1), {"DOWNLOAD_TIMEOUT": 0.2}, "took longer than"),
        (Answer("x" * 2_000), {"DOWNLOAD_MAXSIZE": 1_000}, "larger than download max size"),
        (Answer("x" * 2_000, breaks_after=100), {}, "DataLoss"),
        (Answer("<p>No such key</p>"), {}, "no list of results"),
    ],
    ids=["refused", "timeout", "too large", "cut", "no list"],
)
def test_what_goes_wrong_is_said_without_it(
    night: Any, tmp_path: Path, answer: Answer, settings: dict[str, Any], said: str
) -> None:
    with FaultySite({f"{SEARCH}&{SENT}": answer}) as site:
        stats = night(paper(site), **settings)
    assert said in stats["note"]
    assert SEARCH in stats["note"]
    assert not site.paths[1:]


def test_a_redirect_that_repeats_the_address_does_not_betray_it(night: Any, tmp_path: Path) -> None:
    with FaultySite() as site:
        site.answers[f"{SEARCH}&{SENT}"] = leads_to(f"/new{SEARCH}&{SENT}")
        site.answers[f"/new{SEARCH}&{SENT}"] = found(site)
        assert night(paper(site))["new"] == 1
        assert site.paths == [f"{SEARCH}&{SENT}", f"/new{SEARCH}&{SENT}"]


def test_another_site_is_not_told_it(night: Any) -> None:
    with FaultySite() as site, FaultySite() as other:
        site.answers[f"{SEARCH}&{SENT}"] = leads_to(f"{other.address}{SEARCH}&{SENT}")
        night(paper(site))
        assert other.paths == [SEARCH]


def test_a_key_that_the_address_has_already_is_replaced(night: Any) -> None:
    with FaultySite() as site:
        site.answers[f"{SEARCH}&{SENT}"] = found(site)
        assert night(paper(site, "/search?api-key=test&q=ofsted&page=1"))["new"] == 1


def test_a_traceback_is_blotted_too() -> None:
    handler = logging.StreamHandler()
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "asked %s", (f"/s?{SENT}",), None)
    try:
        raise ValueError(f"no answer to {SECRET}")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    handler.addFilter(Blot(SECRET))
    assert handler.filter(record)
    told = handler.format(record)
    assert "asked /s?api-key=***\n" in told
    assert "ValueError: no answer to ***" in told
    assert not is_secret_in(told)


def test_a_key_is_no_part_of_a_longer_word() -> None:
    assert Blot("demo")("demo, democracy, a-demo, /demo/ key=demo&") == "***, democracy, a-demo, /***/ key=***&"


# The registry ---------------------------------------------------------------------------------------------------------

GOOD = f"""
[marlbury]
name = "Marlbury"
hosts = ["api.marlbury.example"]
[[marlbury.listing]]
type = "guardian"
url = "https://api.marlbury.example/search?q=ofsted"
key = "{VARIABLE}"
"""


def registry(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f'key = "{VARIABLE}"', "", "key is the name of an environment variable"),
        (f'key = "{VARIABLE}"', 'key = "s3cret"', "key is the name of an environment variable"),
        (f'key = "{VARIABLE}"', 'key = "S3CRET"', "key is the name of an environment variable"),
        ('type = "guardian"', 'type = "feed"', "a listing of type feed takes no key"),
        ("?q=ofsted", "?q=ofsted&api-key=s3cret", "must not hold api-key"),
        ('type = "guardian"', 'type = "theyworkforyou"', None),
    ],
)
def test_the_registry_holds_the_name_of_a_key_and_no_key(tmp_path: Path, old: str, new: str, said: str | None) -> None:
    path = registry(tmp_path, GOOD.replace(old, new, 1))
    if said is None:
        assert read_registry(path)["marlbury"].listing[0].key == VARIABLE
        return
    with pytest.raises(RegistryError, match=said) as error:
        read_registry(path)
    assert "s3cret" not in str(error.value).lower()


def test_a_source_says_which_variable_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = read_registry(registry(tmp_path, GOOD))["marlbury"]
    assert source.skipped is None
    monkeypatch.setenv(VARIABLE, "")
    assert source.skipped == f"it needs a key: put yours into the environment variable {VARIABLE}"
    monkeypatch.delenv(VARIABLE)
    assert source.skipped


def test_a_crawl_without_the_key_asks_nothing(night: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    with FaultySite() as site:
        assert "listed" not in night(paper(site))
        assert not site.asked


# The commands ---------------------------------------------------------------------------------------------------------


def without_key() -> dict[str, str]:
    return {**LOCAL, "NEWSROOM_API_KEY": ""}


def test_a_night_without_the_key_skips_the_source_and_all_is_well(tmp_path: Path) -> None:
    with Newsroom() as room:
        file = registry(tmp_path, room.registry)
        chosen = ("--source", "national-paper", "--source", "charity-press")
        given = (*chosen, "--registry", file, "--db", tmp_path / "onrecord.db")
        done = onrecord("nightly", *given, **without_key())
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
        assert "national-paper" not in {request.site for request in room.requests}
        shown = onrecord("nightly", "-v", "--source", "national-paper", *given[4:], **without_key())
    with sqlite3.connect(tmp_path / "onrecord.db") as db:
        verdicts = dict(db.execute("SELECT source_id, verdict || ': ' || coalesce(note, '') FROM run_sources"))
        runs = db.execute("SELECT DISTINCT verdict, exit_code FROM runs").fetchall()
    needs = "it needs a key: put yours into the environment variable NEWSROOM_API_KEY"
    assert verdicts == {"national-paper": f"skipped: {needs}", "charity-press": "ok: "}
    assert runs == [("ok", 0)]
    assert shown.returncode == 0
    assert f"national-paper: skipped: {needs}" in shown.stderr


def test_the_commands_on_sources_say_which_variable_to_set(tmp_path: Path) -> None:
    with Newsroom() as room:
        file = registry(tmp_path, room.registry)
        tried = onrecord("sources", "try", "national-paper", "--registry", file, **without_key())
        assert not room.requests
    listed = onrecord("sources", "list", "--registry", file, **without_key(), COLUMNS="200")
    assert tried.returncode == 2
    assert tried.stderr.count("\n") == 1
    assert "NEWSROOM_API_KEY" in tried.stderr
    assert listed.stdout.count("NEWSROOM_API_KEY") == 2
    assert "NEWSROOM_API_KEY" not in onrecord("sources", "list", "--registry", file, **LOCAL).stdout


def test_neither_the_log_of_a_night_nor_the_screen_tells_it(tmp_path: Path) -> None:
    with FaultySite() as site:
        site.answers[f"{SEARCH}&{SENT}"] = Answer("x" * 2_000, breaks_after=100)
        text = GOOD.replace("https://api.marlbury.example/search?q=ofsted", site.address + SEARCH)
        file = registry(tmp_path, text.replace("api.marlbury.example", "127.0.0.1"))
        environment = {**LOCAL, VARIABLE: SECRET}
        night = onrecord("nightly", "-v", "--registry", file, "--db", tmp_path / "onrecord.db", **environment)
        tried = onrecord("sources", "try", "marlbury", "--registry", file, **environment)
    assert (night.returncode, tried.returncode) == (1, 1)
    assert SEARCH in (tmp_path / "nightly.log").read_text(encoding="utf-8")
    assert not is_secret_in(kept(tmp_path))
    for done in (night, tried):
        assert not is_secret_in(done.stdout + done.stderr)
