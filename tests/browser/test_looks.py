"""For everybody: narrow and wide, light and dark, by keyboard, by ear, on paper; and nothing of a page runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Open, served
from tests.sample_file import build

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import expect

PAGES = (
    "/", "/organisation/1", "/organisation/2?status=open", "/review/quote?status=all", "/review/figure",
    "/review/stance", "/article/1", "/search?q=visit",
)  # fmt: skip

TOO_FAINT = Path(__file__).with_name("too_faint.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("looks") / "onrecord.db"
    fill(path)
    with served(path) as address:
        yield address


def fill(path: Path) -> None:
    """The sample file with decisions of every kind, and long words everywhere."""
    db = build(path)
    long = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2
    db.execute("UPDATE organisations SET name = name || ? WHERE id = 1", [f" {long}"])
    db.execute("UPDATE articles SET title = ?", [long])
    keys = [key for (key,) in db.execute("SELECT quote_key FROM quotes LIMIT 3")]
    for key, decision in zip(keys, ("accepted", "rejected", "corrected"), strict=True):
        db.execute(
            "INSERT INTO reviews (item_kind, item_key, decision, corrected, reviewer, at, text)"
            " VALUES ('quote', ?, ?, ?, 'Bo', '2026-05-02T10:00:00Z', 'x')",
            [key, decision, '{"role": "chair"}' if decision == "corrected" else None],
        )
    db.conn.commit()
    db.close()


@pytest.mark.parametrize("width", [390, 1600])
def test_no_page_is_wider_than_the_window(site: str, open_page: Open, width: int) -> None:
    page = open_page(site, width=width)
    for address in PAGES:
        page.goto(site + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        if "/review" in address:
            page.keyboard.press("c")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_what_is_behind_it(site: str, open_page: Open, scheme: str) -> None:
    page = open_page(site, color_scheme=scheme)
    for address in PAGES:
        page.goto(site + address)
        if "/review" in address:
            page.keyboard.press("c")
        assert page.evaluate(TOO_FAINT) == [], address


def test_on_a_phone_one_decides_with_a_thumb(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote", width=390, has_touch=True, is_mobile=True)
    for name in ("Accept", "Reject", "Correct", "Skip"):
        room = page.get_by_role("button", name=name).bounding_box()
        assert room["height"] >= 40
        assert room["width"] >= 44
        assert room["y"] > 700, "at the lower edge"
    before = page.locator(".item.current .words").text_content()
    page.get_by_role("button", name="Skip").tap()
    assert page.locator(".item.current .words").text_content() != before
    who, bar = page.locator(".item.current .who").bounding_box(), page.locator(".bar").bounding_box()
    assert 0 < who["y"] < bar["y"] - who["height"], "the words and who says them are in sight"


def test_a_screen_reader_is_told_what_is_where_and_what_became_of_it(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote?status=all")
    for role, name in (
        ("banner", None), ("main", None), ("navigation", "Main"), ("search", None), ("feed", "Quotes"),
        ("toolbar", "Decide on the record that is chosen"), ("progressbar", "Reviewed"), ("heading", "Quotes"),
    ):  # fmt: skip
        expect(page.get_by_role(role, **({"name": name} if name else {})).first).to_be_attached()
    chosen = page.locator('.item[aria-current="true"]')
    expect(chosen).to_have_count(1)
    expect(chosen).to_have_attribute("aria-posinset", "1")
    expect(chosen).to_have_attribute("aria-setsize", "7")
    words = chosen.get_attribute("aria-labelledby")
    assert page.locator(f"#{words}").text_content() == "The visit was fair and right,"
    expect(page.locator('.bar [role="status"]')).to_have_attribute("aria-live", "polite")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_all_of_it_can_be_reached_by_keyboard_and_the_focus_is_seen(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/organisation/2")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert outline == "3px"


def test_keys_are_left_alone_in_fields_and_with_other_keys(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote?status=open")
    page.get_by_role("searchbox").press_sequentially("arjs")
    page.keyboard.press("Control+a")
    expect(page.locator(".settled-now")).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_have_value("arjs")


def test_paper_gets_the_words_and_no_buttons(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote")
    page.emulate_media(media="print")
    expect(page.get_by_role("toolbar")).to_be_hidden()
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".item").nth(2).locator(".where")).to_be_visible()
    page.goto(f"{site}/organisation/2")
    expect(page.get_by_role("search")).to_be_hidden()
    expect(page.get_by_text("a blunt tool").first).to_be_visible()


def test_nothing_of_a_page_runs(tmp_path: Path, open_page: Open) -> None:
    """Hostile text in every field that a site or a reviewer fills; `open_page` tells of scripts and requests."""
    path = tmp_path / "onrecord.db"
    db = build(path)
    bad = """'"></textarea></p></template><script>alert(1)</script><img src=//evil.example/x onerror=alert(2)>\u202e"""
    text = f"{bad} He said: “{bad} quite so {bad}” {bad}"
    db.execute("UPDATE articles SET title = :bad, standfirst = :bad, byline = :bad", {"bad": bad})
    db.execute("UPDATE articles SET url = 'javascript:alert(' || id || ')' WHERE id > 1")
    db.execute("DELETE FROM quotes WHERE article_id = 1")
    db.execute("UPDATE articles SET text = ? WHERE id = 1", [text])
    start = text.index("quite so")
    for table, rest in (
        ("quotes (quote_key, text_key, form, role, organisation_id, person_id,", ("q", "q", "direct", bad, 1, 1)),
        ("figures (figure_key, value, unit, of, organisation_id, person_id,", ("f", 1, "count", bad, 1, 1)),
        ("stances (stance_key, topic, polarity, organisation_id, person_id,", ("s", bad, "mixed", 1, 1)),
    ):
        row = (*rest, 1, start, start + 8, "quite so", 0.5, bad)
        places = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {table} article_id, start, end, text, confidence, rule) VALUES ({places})", row)
    for sql in (
        "people SET name = ?",
        "organisations SET name = id || ?",
        "sources SET name = ?",
        "appointments SET role = ?",
    ):
        db.execute(f"UPDATE {sql}", [bad])
    db.execute(
        "INSERT INTO reviews (item_kind, item_key, decision, corrected, reviewer, at, text, note)"
        " VALUES ('quote', 'q', 'corrected', json_object('role', :bad), :bad, '2026-05-02T10:00:00Z', :bad, :bad)",
        {"bad": bad},
    )
    db.conn.commit()
    db.close()
    with served(path) as site:
        page = open_page(f"{site}/", reviewer=None)
        for address in (*PAGES, "/review/quote?item=q", f"/search?q={bad}"):
            page.goto(site + address)
            assert "alert(1)" in page.locator("body").inner_text() or "search?q=v" in address, address
            assert page.locator("main img, main script, a[href^='javascript']").count() == 0
            if "/review" in address:
                page.keyboard.press("c")
                page.keyboard.press("Escape")
        page.goto(f"{site}/review/quote?item=q")
        page.keyboard.press("r")
        page.keyboard.type(bad)
        page.keyboard.press("Enter")
        expect(page.locator(".reviewer")).to_contain_text("alert(1)")
        expect(page.locator(".item .badge")).to_have_text("rejected")
        page.reload()
        expect(page.locator(".by")).to_contain_text("alert(1)")
