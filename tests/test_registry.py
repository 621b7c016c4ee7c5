"""The registry is refused, with file and source, where it is wrong; and it makes spiders."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from sqlite_utils import Database

from nlp.gazetteer import organisations
from onrecord.newsroom import Newsroom
from pipelines.archive import Archive, read_archive
from pipelines.article import read_article
from pipelines.dates import MONTH_FIRST, is_month_first
from pipelines.page import Page
from spiders.registry import (
    ARTICLE_KEYS,
    DATE_ORDERS,
    REGISTRY,
    Listing,
    RegistryError,
    RegistrySpiderLoader,
    Source,
    read_registry,
)
from spiders.source import spider_for

CHECKOUT = Path(__file__).parents[1]

GOOD = """
[marlbury]
name = "Marlbury"
hosts = ["news.marlbury.example"]
[[marlbury.listing]]
type = "html"
url = "https://news.marlbury.example/news"
item = "li"
[marlbury.article]
body = [".text", ".more"]
date = "time@datetime"
"""


def registry(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(tmp_path: Path, text: str) -> str:
    """What is said of a registry, after the file's name."""
    path = registry(tmp_path, text)
    with pytest.raises(RegistryError) as error:
        read_registry(path)
    said = str(error.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    return said.removeprefix(f"{path}: ")


def test_a_source_is_what_its_table_says(tmp_path: Path) -> None:
    (source,) = read_registry(registry(tmp_path, GOOD)).values()
    assert (source.id, source.name, source.hosts) == ("marlbury", "Marlbury", ("news.marlbury.example",))
    assert source.listing == (Listing("html", "https://news.marlbury.example/news", item="li"),)
    assert (source.kind, source.floor, source.verified, source.disabled) == ("article", 1, False, None)
    assert source.article == {"body": [".text", ".more"], "date": "time@datetime"}
    assert not source.is_local


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[marlbury]", "[Marlbury-News]", "an id is lower-case words"),
        ('name = "Marlbury"', "", "no name"),
        ('name = "Marlbury"', 'name = ""', "no name"),
        ('name = "Marlbury"', "name = 5", "name is 5, which is no str"),
        ('name = "Marlbury"', 'name = "M"\nflor = 3', "unknown key 'flor'"),
        ('name = "Marlbury"', 'name = "M"\nfloor = "3"', "floor is '3', which is no int"),
        ('name = "Marlbury"', 'name = "M"\nfloor = true', "floor is True, which is no int"),
        ('name = "Marlbury"', 'name = "M"\nverified = "yes"', "verified is 'yes', which is no bool"),
        ('name = "Marlbury"', 'name = "M"\nkind = "news"', "kind 'news' is none of article, press-release"),
        ('hosts = ["news.marlbury.example"]', "", "no hosts"),
        ('hosts = ["news.marlbury.example"]', "hosts = []", "no hosts"),
        ('hosts = ["news.marlbury.example"]', 'hosts = "news.marlbury.example"', "which is no list"),
        ('hosts = ["news.marlbury.example"]', "hosts = [5]", "5 is no host"),
        ('["news.marlbury.example"]', '["https://news.marlbury.example"]', "is no host"),
        ('["news.marlbury.example"]', '["News.marlbury.example"]', "is no host"),
        (
            '["news.marlbury.example"]',
            '["www.marlbury.example"]',
            "listing 1: 'https://news.marlbury.example/news' is not",
        ),
        ('type = "html"', 'type = "gopher"', "listing 1: type 'gopher' is none of feed, govuk, html"),
        ('type = "html"', "", "listing 1: no type"),
        ('url = "https://news.marlbury.example/news"', "", "listing 1: no url"),
        ("https://news.marlbury.example/news", "ftp://news.marlbury.example/news", "is not on one of its hosts"),
        ("https://news.marlbury.example/news", "/news", "listing 1: '/news' is not on one of its hosts"),
        ("https://news.marlbury.example/news", "https://[news", "listing 1: "),
        ('item = "li"', "", "listing 1: an html listing needs item"),
        ('item = "li"', 'item = "li["', "listing 1: item 'li[' is no CSS selector"),
        ('item = "li"', 'item = "li"\ndate = "time[@datetime"', "listing 1: date 'time[@datetime' is no CSS selector"),
        ('item = "li"', 'item = "li"\ntitel = "h2"', "listing 1: unknown key 'titel'"),
        ('item = "li"', "item = 5", "listing 1: item is 5, which is no str"),
        ('item = "li"', "item = 'li'\nmatch = '(a'", "listing 1: match '(a' is no regular expression: missing )"),
        ("[[marlbury.listing]]", "[marlbury.listing]", "listing is {"),
        ("[marlbury.article]", "[marlbury.article]\nheadline = 'h1'", "article: unknown key 'headline'"),
        ("[marlbury.article]", "[marlbury.article]\nformat = 'pdf'", "article: format 'pdf' is not govuk-content"),
        (
            "[marlbury.article]",
            "[marlbury.article]\ndates = 'US'",
            "article: dates 'US' is none of day first, month first",
        ),
        ("[marlbury.article]", "[marlbury.article]\ndates = 5", "article: dates 5 is none of day first, month first"),
        ("[marlbury.article]", "[marlbury.article]\nremove = ['p', '>>']", "article: remove '>>' is no CSS selector"),
        ("[marlbury.article]", "[marlbury.article]\nremove = [['p']]", "article: remove is ['p'], which is no str"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_source(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    told = complaint(tmp_path, GOOD.replace(old, new, 1))
    assert told.startswith("[Marlbury-News]: " if "Marlbury-News" in new else "[marlbury]: ")
    assert said in told


def test_an_article_that_is_no_table_is_refused(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("[marlbury.article]")].replace("hosts", 'article = "p"\nhosts', 1)
    assert complaint(tmp_path, text) == "[marlbury]: article: is not a table"


FIRST, SECOND = '[[marlbury.article]]\nuntil = "2026-03-31"\nbody = ".old"', '[[marlbury.article]]\nbody = ".new"'
MADE_OVER = f"{GOOD[: GOOD.index('[marlbury.article]')]}{FIRST}\n{SECOND}\n"


def test_a_page_is_read_by_the_block_of_the_day_on_which_it_was_fetched(tmp_path: Path) -> None:
    (source,) = read_registry(registry(tmp_path, MADE_OVER)).values()
    assert source.article == {"body": ".new"}
    assert source.former == ({"until": "2026-03-31", "body": ".old"},)
    page = Page(
        "https://news.marlbury.example/1",
        b"<p class=old>Old words.</p><p class=new>New words.</p>",
        headers={"content-type": "text/html"},
    )
    archive = Archive(tmp_path)
    days = {"2026-03-31T23:59:59Z": "Old words.", "2026-04-01T00:00:00Z": "New words."}
    for day in days:
        archive.write(replace(page, fetched_at=day))
    replayed = [replace(it, selectors=source.article, former=source.former) for it in read_archive(archive.path)]
    assert {it.fetched_at: read_article(it).text for it in replayed} == days
    undated = replace(page, selectors=source.article, former=source.former)
    assert read_article(undated).text == "New words."


def test_the_spider_hands_all_blocks_on(tmp_path: Path) -> None:
    (source,) = read_registry(registry(tmp_path, MADE_OVER)).values()
    spider = spider_for(source)()
    asked = Request("https://news.marlbury.example/1", meta={"role": "article"})
    (page,) = spider.parse(HtmlResponse(asked.url, request=asked))
    assert (page["selectors"], page["former"]) == (source.article, source.former)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2026-03-31", "31 March", "article 1: until is '31 March', which is no day as in '2026-03-31'"),
        ("2026-03-31", "20260331", "article 1: until is '20260331'"),
        ('"2026-03-31"', "2026-03-31", "article 1: until is datetime.date(2026, 3, 31)"),
        (".old", "p[", "article 1: body 'p[' is no CSS selector"),
        (".new", "p[", "article 2: body 'p[' is no CSS selector"),
        ('until = "2026-03-31"', "", "article: each block but the last needs an until"),
        (SECOND, f'{SECOND}\nuntil = "2026-04-30"', "article: the last block is how pages are now, and has no until"),
        (SECOND, f"{FIRST}\n{SECOND}", "article: each block but the last needs an until, later than the one before"),
        (
            SECOND,
            f"{FIRST.replace('-03-31', '-02-28')}\n{SECOND}",
            "article: each block but the last needs an until, later",
        ),
    ],
)
def test_blocks_follow_each_other(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in complaint(tmp_path, MADE_OVER.replace(old, new, 1))


def test_a_source_without_a_listing_says_why(tmp_path: Path) -> None:
    text = '[m]\nname = "M"\nhosts = ["m.example"]\n'
    assert "no reason why it is disabled" in complaint(tmp_path, text)
    (source,) = read_registry(registry(tmp_path, text + 'disabled = "behind a wall"\n')).values()
    assert source.disabled == "behind a wall"


@pytest.mark.parametrize(
    ("text", "said"), [("name = 'M'\n", "[name]: is not a table"), ("[m\n", ""), ("[m]\n[m]\n", "")]
)
def test_what_is_no_registry_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in complaint(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(RegistryError, match="cannot be read"):
            read_registry(path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RegistryError, match=r"binary\.toml: cannot be read"):
        read_registry(tmp_path / "binary.toml")


# The project's own ---------------------------------------------------------------------------------------------------


def test_the_projects_registry_keeps_its_word() -> None:
    sources = read_registry()
    known = {organisation.id for organisation in organisations()}
    assert {source.publisher for source in sources.values() if source.publisher} <= known
    for source in sources.values():
        assert source.home
        assert source.terms
        assert source.floor > 1
        assert all(listing.url.startswith("https://") for listing in source.listing)


def test_what_is_not_verified_is_said_in_a_comment() -> None:
    _, *tables = re.split(r"^\[(?=[a-z0-9-]+\]$)", REGISTRY.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(tables) == len(read_registry())
    for table in tables:
        assert "verified = true" in table or "# " in table, table


def test_every_key_is_explained_at_the_head_of_the_file() -> None:
    head = REGISTRY.read_text(encoding="utf-8").split("\n[")[0]
    keys = {*(field.name for field in (*fields(Source), *fields(Listing))), *ARTICLE_KEYS} - {"id"}
    assert keys <= set(re.findall(r"[a-z_]+", head))


# Spiders -------------------------------------------------------------------------------------------------------------


def test_the_loader_makes_a_spider_of_every_source_that_is_not_disabled(tmp_path: Path) -> None:
    text = GOOD + '[off]\nname = "Off"\nhosts = ["off.example"]\ndisabled = "gone"\n'
    loader = RegistrySpiderLoader.from_settings(Settings({"ONRECORD_SOURCES": str(registry(tmp_path, text))}))
    assert loader.list() == ["marlbury"]
    spider = loader.load("marlbury")
    assert (spider.name, spider.__name__) == ("marlbury", "MarlburySpider")
    with pytest.raises(KeyError):
        loader.load("off")
    assert loader.find_by_request(Request("https://news.marlbury.example/a?b")) == ["marlbury"]
    assert loader.find_by_request(Request("https://off.example/")) == []
    assert loader.find_by_request(Request("https://elsewhere.example/")) == []


def scrapy(*arguments: str, **ours: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    settings = {f"ONRECORD_{name}": value for name, value in ours.items()}
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(
        command, cwd=CHECKOUT, env={**inherited, **settings}, capture_output=True, text=True, timeout=120
    )


def test_scrapy_lists_the_sources_of_the_checkout() -> None:
    listed = scrapy("list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.split() == sorted(name for name, source in read_registry().items() if not source.disabled)


def test_scrapy_crawls_one_source_into_the_file(tmp_path: Path) -> None:
    file = tmp_path / "onrecord.db"
    with Newsroom() as newsroom:
        sources = registry(tmp_path, newsroom.registry)
        done = scrapy("crawl", "charity-press", SOURCES=str(sources), DB=str(file), LOOPBACK="1", DELAY="0")
        expected = [article for article in newsroom.expected("charity-press") if not article.off_topic]
    assert done.returncode == 0, done.stderr
    db = Database(file)
    stored = {row["url"]: (row["title"], row["text"]) for row in db["articles"].rows}
    assert stored == {article.url: (article.title, article.text) for article in expected}
    assert db.execute("SELECT count(*) FROM quotes").fetchone()[0] > 0
    assert {row["source_id"] for row in db["pages"].rows} == {"charity-press"}
    assert list((tmp_path / "archive").glob("*.warc.gz"))
    db.close()


def test_scrapy_says_which_registry_is_wrong(tmp_path: Path) -> None:
    done = scrapy("list", SOURCES=str(registry(tmp_path, GOOD.replace("item", "itme"))))
    assert done.returncode != 0
    assert f"{tmp_path / 'sources.toml'}: [marlbury]: listing 1: unknown key 'itme'" in done.stderr


def test_a_live_site_is_not_asked_without_a_contact(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "ofsted"],
        cwd=Path(__file__).parent.parent,
        env={**environment, "ONRECORD_DB": str(tmp_path / "onrecord.db")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "ONRECORD_CONTACT" in done.stderr
    assert "downloader/request_count" not in done.stderr


def test_the_order_of_dates_is_the_readers(tmp_path: Path) -> None:
    assert MONTH_FIRST in DATE_ORDERS
    text = GOOD.replace("[marlbury.article]", f'[marlbury.article]\ndates = "{MONTH_FIRST}"')
    (source,) = read_registry(registry(tmp_path, text)).values()
    assert is_month_first(source.article)
    assert not any(map(is_month_first, ({}, {"dates": "day first"})))


def test_a_sources_state_is_said_in_one_way() -> None:
    def state(**more: Any) -> str:
        return Source("a", "A", ("a.example",), **more).state

    assert [state(), state(verified=True), state(disabled="why")] == ["not verified", "verified", "disabled: why"]
    assert state(verified=True, disabled="why") == "disabled: why"
