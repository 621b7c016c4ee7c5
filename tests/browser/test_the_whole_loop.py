"""From a night to the review to the next night: decisions stay, corrections are what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from onrecord.newsroom.server import Newsroom
from tests.browser.conftest import Open, ask, go, served
from tests.command import LOCAL, onrecord

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import expect

SITES = ("council-newsroom", "trade-weekly")  # one article of theirs is edited before the second night
DECIDED = "SELECT quote_key, review_status, shown_person_id FROM quotes WHERE review_status IS NOT NULL ORDER BY id"


def test_what_people_decide_outlives_the_next_night(tmp_path: Path, open_page: Open) -> None:
    database, registry = tmp_path / "onrecord.db", tmp_path / "sources.toml"
    with Newsroom() as room:
        registry.write_text(room.registry, encoding="utf-8")
        chosen = [part for site in SITES for part in ("--source", site)]
        command = ("nightly", "--registry", registry, "--db", database, *chosen)
        assert onrecord(*command, **LOCAL).returncode == 0
        with served(database) as site:
            page = open_page(f"{site}/")
            go(page, page.get_by_role("link", name="Westmere Council").first)
            expect(page.get_by_role("heading", name="What it said")).to_be_visible()
            go(page, page.locator("a.button"))
            expect(page.get_by_role("heading", name="Westmere Council")).to_be_visible()
            page.locator(".item").filter(has=page.locator(".who", has_text="Bryony Skelhorn")).first.click()
            for key in ("a", "r"):
                with page.expect_response("**/review/decide"):
                    page.keyboard.press(key)
            page.keyboard.press("c")
            page.keyboard.type("Una Thirkettle")
            page.locator(".correct").get_by_label("Post").fill("headteacher")
            with page.expect_response("**/review/decide"):
                page.keyboard.press("Enter")
            with page.expect_response("**/review/decide"):
                page.keyboard.press("a")
            with page.expect_response("**/review/undo"):
                page.keyboard.press("u")
            before = ask(database, DECIDED)
            assert sorted(status for _, status, _ in before) == ["accepted", "corrected", "rejected"]

            room.night = 2
            assert onrecord(*command, **LOCAL).returncode == 0
            assert ask(database, "SELECT count(*) FROM article_versions") > [(0,)]
            assert ask(database, DECIDED) == before
            page.reload()
            expect(page.locator(".numbers")).to_contain_text("3 of ")
            page.goto(f"{site}/search?q=Thirkettle")
            go(page, page.get_by_role("link", name="Una Thirkettle"))
            expect(page.locator(".item .who")).to_contain_text("Una Thirkettle, headteacher, Westmere Council")
            expect(page.locator(".item .was")).to_contain_text("Bryony Skelhorn")
    assert "is whole" in onrecord("check", "--db", database).stdout
