"""The matrix of stances and the timeline: seen narrow and wide, light and dark, by keyboard, by ear and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Open, go, served
from tests.sample_file import UNION, build
from tests.test_stance_pages import CAP, FUNDING, TRUST, fill

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import expect

PAGES = ("/stances", "/stances?kind=charity", FUNDING, f"{FUNDING}?from=2024-06&to=2024-06&polarity=neither")
TOO_FAINT = Path(__file__).with_name("too_faint.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("stand") / "onrecord.db"
    db = build(path)
    fill(db)
    # Every topic that there is, so that the matrix is as wide as it gets.
    topics = ("leadership", "demand", "inspectorate", "service-quality", "intervention", "partnership", "other",
              "inspection-findings", "government-policy", "improvement-support")  # fmt: skip
    for number, topic in enumerate(topics):
        db.execute(
            "INSERT INTO stances (stance_key, article_id, start, end, text, topic, polarity, organisation_id,"
            "  confidence, rule)"
            " SELECT ?, article_id, start, end, text, ?, polarity, organisation_id, 1, 'test' FROM stances"
            " WHERE id = 1",
            [f"extra {number}", topic],
        )
    db.execute("UPDATE organisations SET name = name || ' of Llanfairpwllgwyngyllgogerychwyrndrob' WHERE id = 1")
    db.conn.commit()
    db.close()
    with served(path) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_it_fits_and_can_be_read(site: str, open_page: Open, width: int, scheme: str) -> None:
    page = open_page(site, width=width, color_scheme=scheme)
    for address in PAGES:
        page.goto(site + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate(TOO_FAINT) == [], address


def test_on_a_phone_the_matrix_moves_under_its_bodies(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/stances", width=390)
    region = page.get_by_role("region", name="Bodies by topics")
    body = page.get_by_role("rowheader", name=UNION.name)
    before = body.bounding_box()["x"]
    region.focus()
    page.keyboard.press("End")
    region.evaluate("it => it.scrollLeft = it.scrollWidth")
    assert region.evaluate("it => it.scrollLeft") > 300
    assert body.bounding_box()["x"] == pytest.approx(before, abs=3), "whose row it is stays in sight"


def test_a_cell_is_heard_and_leads_to_its_words(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/stances")
    table = page.get_by_role("table", name="Stances of bodies by topic")
    expect(table.get_by_role("columnheader", name="funding")).to_have_count(1)
    cell = table.get_by_role("link", name="7 divided: 2 supportive, 3 critical, 1 mixed, 1 neutral")
    cell.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{TRUST.name} on funding")
    expect(page.locator(".statement .words")).to_have_count(7)
    go(page, page.locator(".statement").first.get_by_role("link", name="Inspectors praise Marlbury"))
    expect(page.locator("mark.stance:has(:target)")).to_have_text(CAP)


def test_a_point_of_the_timeline_leads_to_its_words(site: str, open_page: Open) -> None:
    page = open_page(f"{site}{FUNDING}")
    picture = page.get_by_role("img", name="Thrapcombe Trust on funding. 2021: 1 critical")
    expect(picture).to_be_visible()
    above, below = (picture.locator(f"rect.{kind}").last.bounding_box() for kind in ("supportive", "critical"))
    assert above["y"] + above["height"] < below["y"], "told by its place, not by its colour alone"
    go(page, picture.locator("rect.supportive"))
    expect(page.get_by_role("heading", name="The words that show it")).to_contain_text("2024")
    expect(page.locator(".statement .words")).to_have_count(2)
    with page.expect_navigation():
        page.get_by_role("link", name="1 mixed or neutral, June 2024").press("Enter")
    expect(page.locator(".statement .polarity")).to_have_text("neutral")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("!document.activeElement.closest('svg')"), "the table serves the keyboard"


def test_paper_gets_the_matrix_whole(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/stances", width=794)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.locator(".legend")).to_be_visible()
    assert page.locator(".matrix").bounding_box()["width"] <= 794
    assert page.evaluate("document.documentElement.scrollWidth") <= 794
