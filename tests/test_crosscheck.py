"""Pages read by selectors are read a second way, and what disagrees is flagged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from pipelines.article import read_article
from pipelines.crosscheck import BAD, disagreement
from pipelines.page import Page
from tests.command import LOCAL, onrecord
from tests.crawling import crawl, registry_of, source_at
from tests.faults.server import Answer, FaultySite

STORY = (
    "Inspectors who spent two weeks with children’s services in Marlbury have found them much improved this time.",
    "Their report, published on Tuesday, praises social workers for staying with families through hard times.",
    "Managers know their services well, it says, and children in care are now listened to when plans are made.",
    "The council was told three years ago that it left too many children waiting for help, and promised to do better.",
)
ASIDE = (
    "Sign up for the weekly letter of the Marlbury Herald and have weather, crosswords and football results sent home.",
    "Readers who pay a small sum each month help our newsroom to stay open, and get tickets for the summer fair.",
    "Adverts for rooms, bicycles, pianos and puppies can be handed in at the counter on weekdays from nine to five.",
)


def markup(story: tuple[str, ...] = STORY) -> str:
    def paragraphs(texts: tuple[str, ...]) -> str:
        return "".join(f"<p>{text}</p>" for text in texts)

    return (
        f"<html><body><main><h1>Ofsted praises Marlbury</h1><article class=story>{paragraphs(story)}</article></main>"
        f"<footer class=more>{paragraphs(ASIDE)}</footer></body></html>"
    )


def read(body: str, css: str | None = None) -> float | None:
    selectors = {"body": css} if css else {}
    page = Page("https://herald.example/1", body.encode(), headers={"content-type": "text/html"}, selectors=selectors)
    return disagreement(page, read_article(page))


def test_two_readings_of_the_same_words_agree() -> None:
    found = read(markup(), ".story")
    assert found is not None
    assert found < 0.05


def test_selectors_that_have_gone_stale_disagree() -> None:
    found = read(markup(), ".more")
    assert found is not None
    assert BAD < found <= 1


def test_disagreement_is_what_is_missing_from_the_f1_of_the_words() -> None:
    part, whole = (sum(len(text.split()) for text in texts) for texts in (STORY[:3], STORY))
    f1 = 2 * part / (part + whole)
    assert read(markup(), ".story p:nth-child(-n+3)") == pytest.approx(1 - f1, abs=0.03)
    assert f1 < 0.9


def test_what_cannot_be_compared_is_not() -> None:
    assert read(markup()) is None  # the second reading is the first
    assert read(markup(STORY[:2]), ".story") is None  # 34 words
    assert read(markup(), ".story p:first-child") is None


def test_pages_of_another_kind_are_not_compared() -> None:
    page = Page("https://herald.example/1.txt", "\n\n".join(("Marlbury praised", *STORY)).encode())
    text = replace(page, headers={"content-type": "text/plain"})
    assert disagreement(text, read_article(text)) is None
    carried = replace(page, body=markup().encode(), selectors={"format": "content"})
    assert disagreement(carried, read_article(carried)) is None


@pytest.fixture
def site() -> Iterator[FaultySite]:
    items = "".join(f"<item><title>{name}</title><link>/{name}</link></item>" for name in ("good", "stale"))
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>M</title>{items}</channel></rss>'
    made_over = markup().replace("class=story", "class=news").replace("class=more", "class=story")
    pages = {"/good": Answer(markup()), "/stale": Answer(made_over)}
    with FaultySite({"/feed": Answer(feed, type="text/xml"), **pages}) as site:
        yield site


def night(site: FaultySite, file: Path, **settings: Any) -> tuple[dict[str, Any], dict[str, float | None]]:
    """Stats, and the disagreement of each article by its path."""
    whatever_the_topic = {f"pipelines.stages.{stage}": n for n, stage in enumerate(("Arrive", "Read", "Store"))}
    source = replace(source_at(site.address), article={"body": ".story"})
    stats = dict(crawl(source, file, ITEM_PIPELINES=whatever_the_topic, **settings))
    db = Database(file)
    found = {row["url"].rsplit("/")[-1]: row["disagreement"] for row in db["articles"].rows}
    db.close()
    return stats, found


def test_a_body_that_disagrees_is_stored_flagged_and_counted(site: FaultySite, tmp_path: Path) -> None:
    stats, found = night(site, tmp_path / "onrecord.db")
    assert (stats["compared"], stats["disagreeing"]) == (2, 1)
    good, stale = found["good"], found["stale"]
    assert good is not None
    assert stale is not None
    assert good < 0.05 < BAD < stale
    db = Database(tmp_path / "onrecord.db")
    (health,) = db.query("SELECT articles, disagreeing FROM source_health")
    assert health == {"articles": 2, "disagreeing": 1}
    db.close()


def test_it_can_be_switched_off(site: FaultySite, tmp_path: Path) -> None:
    stats, found = night(site, tmp_path / "onrecord.db", ONRECORD_CROSSCHECK=False)
    assert found == {"good": None, "stale": None}
    assert "compared" not in stats


def test_trying_a_source_shows_how_each_field_was_found(site: FaultySite, tmp_path: Path) -> None:
    registry = tmp_path / "sources.toml"
    registry.write_text(registry_of(replace(source_at(site.address), article={"body": ".story"})), encoding="utf-8")
    tried = onrecord("sources", "try", "marlbury", "--registry", registry, **LOCAL)
    assert tried.returncode == 0, tried.stderr
    assert "Marlbury: ok. 4 requests made (answers: 3 × 200, 1 × 404)." in tried.stdout
    assert "1 of 2 bodies disagree with a second reading" in tried.stdout
    assert "Listed: 2 items" in tried.stdout
    assert "words (selectors): Inspectors who spent" in tried.stdout
    assert "second reading by trafilatura: 0% of the words differ\n" in tried.stdout
