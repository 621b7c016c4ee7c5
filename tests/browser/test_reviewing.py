"""Deciding in the browser: keys, mouse and touch, corrections in place, undo, conflicts, failures."""

from __future__ import annotations

import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nlp.records import Quote, Records
from pipelines.schema import open_database
from pipelines.store import store_records
from tests.browser.conftest import Open, ask, go
from tests.sample_file import COUNCIL, LATER, SAID, TEXT, UNION, spot

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import expect

DECISIONS = "SELECT decision, reviewer FROM reviews ORDER BY id"
STATUS = "SELECT review_status FROM quotes WHERE text = ? ORDER BY id"


def status(page: Any) -> Any:
    """What the page tells a screen reader."""
    return page.locator(".bar .said")


def saved(page: Any, press: str, path: str = "/review/decide") -> None:
    """Presses a key and waits until the server has answered."""
    with page.expect_response(lambda answer: answer.url.endswith(path)):
        page.keyboard.press(press)


def current(page: Any) -> Any:
    return page.locator(".item.current")


def item(page: Any, words: str) -> Any:
    return page.locator(".item").filter(has=page.locator(".words", has_text=words)).first


def test_one_key_decides_and_moves_on(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote")
    expect(current(page).locator(".words")).to_have_text("The visit was fair and right,")
    expect(page.locator(".numbers")).to_have_text("0 of 7 reviewed")
    saved(page, "a")
    expect(current(page).locator(".words")).to_have_text(SAID)
    expect(current(page)).to_be_focused()
    expect(status(page)).to_have_text("Accepted.")
    page.keyboard.press("s")
    expect(current(page).locator(".words")).to_have_text("We closed 17 cases.")
    page.keyboard.press("k")
    expect(current(page).locator(".words")).to_have_text(SAID)
    page.keyboard.press("j")
    saved(page, "r")
    expect(page.locator(".numbers")).to_have_text("2 of 7 reviewed")
    assert page.locator("progress").evaluate("bar => bar.value / bar.max") == pytest.approx(2 / 7)
    expect(page.locator(".kinds [aria-current]")).to_have_text("Quotes 5")
    expect(page.locator(".item").first.locator(".badge")).to_have_text("accepted")
    assert ask(database, DECISIONS) == [("accepted", "Bo"), ("rejected", "Bo")]
    page.reload()
    expect(page.locator(".item")).to_have_count(5)
    expect(page.locator(".numbers")).to_have_text("2 of 7 reviewed")


def test_the_page_changes_at_once_and_the_server_is_told_after(site: str, database: Path, open_page: Open) -> None:
    held: list[Any] = []
    page = open_page(f"{site}/review/quote", routes={"**/review/decide": lambda request: held.append(request)})
    took = page.evaluate(
        """() => {
            const item = document.querySelector(".item.current"), begun = performance.now();
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
            return item.dataset.status === "accepted" ? performance.now() - begun : Infinity;
        }"""
    )
    assert took < 100
    page.keyboard.press("r")
    expect(page.locator(".numbers")).to_have_text("2 of 7 reviewed")
    assert ask(database, DECISIONS) == []
    for request in held:
        with page.expect_response("**/review/decide"):
            request.continue_()
    assert ask(database, DECISIONS) == [("accepted", "Bo"), ("rejected", "Bo")]


def test_undo_puts_everything_back_one_decision_after_another(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    saved(page, "a")
    saved(page, "r")
    saved(page, "u", "/review/undo")
    expect(current(page).locator(".words")).to_have_text(SAID)
    expect(current(page).locator(".badge")).to_have_text("to review")
    saved(page, "u", "/review/undo")
    expect(current(page).locator(".words")).to_have_text("The visit was fair and right,")
    expect(page.locator(".numbers")).to_have_text("0 of 7 reviewed")
    page.keyboard.press("u")
    expect(status(page)).to_have_text("There is nothing to undo.")
    assert [decision for decision, _ in ask(database, DECISIONS)] == ["accepted", "rejected", "reopened", "reopened"]
    assert ask(database, "SELECT count(*) FROM quotes WHERE review_status IS NOT NULL") == [(0,)]
    saved(page, "r")
    assert ask(database, DECISIONS)[-1] == ("rejected", "Bo")


def test_a_wrong_speaker_is_put_right_in_place(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote")
    page.keyboard.press("c")
    form = page.get_by_role("textbox", name="Speaker").or_(page.get_by_role("combobox", name="Speaker"))
    expect(form).to_be_focused()
    page.keyboard.type("Joan Askey")
    page.keyboard.press("Tab")
    page.keyboard.type("general secretary")
    saved(page, "Enter")
    first = page.locator(".item").first
    expect(first.locator(".who")).to_have_text(f"Joan Askey, general secretary, {UNION.name}")
    expect(first.locator(".badge")).to_have_text("corrected")
    said = "SELECT person, role, organisation, quote FROM statements WHERE review_status = 'corrected'"
    corrected = ("Joan Askey", "general secretary", UNION.name, "The visit was fair and right,")
    assert ask(database, said) == [corrected]
    saved(page, "u", "/review/undo")
    expect(current(page).locator(".who")).to_have_text(UNION.name)
    assert ask(database, said) == []


def test_whoever_the_article_names_is_offered_with_post_and_body(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote")
    item(page, "a blunt tool").click()
    page.get_by_role("button", name="Correct").click()
    assert page.locator("#suggest-speaker option").evaluate_all("all => all.map(it => it.value)") == [
        "Ada Quillfeather"
    ]
    assert set(page.locator("#suggest-organisation option").evaluate_all("all => all.map(it => it.value)")) == {
        UNION.name, COUNCIL.name,
    }  # fmt: skip
    page.keyboard.type("Ada Quillfeather")
    page.keyboard.press("Tab")
    field = page.locator(".correct input")
    expect(field.nth(1)).to_have_value("director of children's services")
    expect(field.nth(2)).to_have_value(COUNCIL.name)
    page.keyboard.press("Escape")
    expect(page.locator(".correct")).to_have_count(0)
    expect(current(page)).to_be_focused()
    assert ask(database, DECISIONS) == []


@pytest.mark.parametrize("by", ["keys", "mouse"])
def test_the_words_are_put_right_in_their_context(site: str, database: Path, open_page: Open, by: str) -> None:
    page = open_page(f"{site}/review/quote")
    item(page, "We closed 17 cases.").click()
    page.keyboard.press("c")
    if by == "keys":
        context = current(page).locator(".context")
        context.focus()
        for key in ("ArrowRight", "ArrowRight", "Shift+Alt+ArrowLeft"):
            page.keyboard.press(key)
    else:
        current(page).locator(".words").evaluate(
            """words => {
                const range = document.createRange(), text = words.firstChild, whole = text.data;
                range.setStart(text, whole.indexOf(" closed"));
                range.setEnd(text, whole.indexOf("."));
                getSelection().removeAllRanges();
                getSelection().addRange(range);
                words.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
            }"""
        )
    expect(current(page).locator(".words")).to_have_text("closed 17 cases")
    with page.expect_response("**/review/decide"):
        page.get_by_role("button", name="Save").click()
    [(words, rule)] = ask(database, "SELECT shown_text, text FROM quotes WHERE review_status = 'corrected'")
    assert (words, rule) == ("closed 17 cases", "We closed 17 cases.")


def test_words_behind_what_takes_two_units_in_javascript_are_counted_as_characters(
    database: Path, open_page: Open
) -> None:
    from nlp.records import Quote, Records
    from onrecord.review.decisions import database as helped
    from tests.browser.conftest import served
    from tests.sample_file import article, spot, store

    text = "🏆 " * 200 + "A prize 🏆🏆 for staff: “Well 🎉 done indeed,” it said."
    with closing(sqlite3.connect(database)) as file:
        records = Records(quotes=(Quote(**spot(text, "Well 🎉 done indeed,"), rule="t"),))
        store(helped(file), article("https://news.example/prize", text, published="2026-06-01"), records)
    with served(database) as site:
        page = open_page(f"{site}/review/quote")
        page.keyboard.press("c")
        current(page).locator(".context").focus()
        page.keyboard.press("Shift+Alt+ArrowLeft")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        with page.expect_response("**/review/decide"):
            page.get_by_role("button", name="Save").click()
    assert ask(database, "SELECT shown_text FROM quotes WHERE review_status = 'corrected'") == [("🎉 done indeed",)]


def test_figures_and_stances_are_corrected_likewise(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/figure")
    page.keyboard.press("c")
    page.get_by_label("Value").fill("1,700")
    page.get_by_label("How exact").select_option("approx")
    saved(page, "Enter")
    expect(page.locator(".item").first.locator(".amount")).to_have_text("approx 1,700 · cases")
    page.goto(f"{site}/review/stance?topic=workforce")
    page.keyboard.press("c")
    page.get_by_label("Which way").select_option("mixed")
    with page.expect_response("**/review/decide"):
        page.get_by_role("button", name="Save").click()
    expect(page.locator(".item").first.locator(".polarity")).to_have_text("mixed")
    corrected = "SELECT shown_value, shown_qualifier, value FROM figures WHERE review_status = 'corrected'"
    assert ask(database, corrected) == [(1700, "approx", 17)]
    assert ask(database, "SELECT shown_polarity FROM stances WHERE review_status = 'corrected'") == [("mixed",)]


@pytest.mark.parametrize("choice", ["Keep mine", "Keep theirs"])
def test_two_reviewers_are_told_of_each_other_and_nothing_is_overwritten(
    site: str, database: Path, open_page: Open, choice: str
) -> None:
    bo = open_page(f"{site}/review/quote", reviewer="Bo")
    cy = open_page(f"{site}/review/quote", reviewer="Cy")
    saved(bo, "a")
    saved(cy, "r")
    said = cy.locator(".outcome").first
    expect(said).to_contain_text(re.compile(r"Bo accepted this on \d.*, while you were reading\. You rejected it\."))
    expect(current(cy).locator(".badge")).to_have_text("to review")
    assert ask(database, DECISIONS) == [("accepted", "Bo")]
    if choice == "Keep mine":
        with cy.expect_response("**/review/decide"):
            said.get_by_role("button", name=choice).click()
        expect(cy.locator(".item").first.locator(".badge")).to_have_text("rejected")
        assert ask(database, DECISIONS) == [("accepted", "Bo"), ("rejected", "Cy")]
    else:
        said.get_by_role("button", name=choice).click()
        expect(cy.locator(".item").first.locator(".badge")).to_have_text("accepted")
        expect(cy.locator(".item").first.locator(".by")).to_contain_text("by Bo")
        assert ask(database, DECISIONS) == [("accepted", "Bo")]
    expect(cy.locator(".numbers")).to_have_text("1 of 7 reviewed")
    expect(current(cy).locator(".words")).to_have_text(SAID)


def test_what_is_not_saved_is_put_back_and_says_why(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote", routes={"**/review/decide": lambda request: request.abort()})
    page.keyboard.press("a")
    first = page.locator(".item").first
    expect(first.locator(".outcome")).to_have_text(
        "This is not saved. The server does not answer: is it still running?"
    )
    expect(first.locator(".badge")).to_have_text("to review")
    expect(page.locator(".numbers")).to_have_text("0 of 7 reviewed")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.unroute("**/review/decide")
    first.click()
    page.keyboard.press("c")
    page.locator(".correct").get_by_label("Body").fill("x" * 300)
    saved(page, "Enter")
    expect(first.locator(".outcome")).to_contain_text("longer than 200 characters")
    expect(first.locator(".who")).to_have_text(UNION.name)
    page.context.clear_cookies()
    saved(page, "r")
    expect(page.locator(".outcome").first).to_contain_text("This is not saved.")
    assert ask(database, DECISIONS) == []


def test_whoever_is_new_is_asked_for_a_name_once(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote", reviewer=None)
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog", name="Who is reviewing?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert ask(database, DECISIONS) == []
    # Twice, faster than a browser tells of the first one's end.
    page.evaluate(
        """() => {
            const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
            press();
            document.querySelector("dialog.name").close("");
            press();
        }"""
    )
    page.wait_for_timeout(50)
    page.keyboard.type("Dee O’Dell")
    saved(page, "Enter")
    expect(page.locator(".reviewer")).to_contain_text("You review as Dee O’Dell")
    page.reload()
    saved(page, "a")
    assert ask(database, DECISIONS) == [("accepted", "Dee O’Dell")] * 2


def test_reviewing_waits_for_a_night_that_is_writing(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote")
    with closing(sqlite3.connect(database, check_same_thread=False)) as night:
        night.execute("BEGIN IMMEDIATE")
        threading.Timer(1.0, night.rollback).start()
        saved(page, "a")
    assert ask(database, DECISIONS) == [("accepted", "Bo")]


def test_more_records_come_while_one_goes_on(database: Path, open_page: Open) -> None:
    from nlp.records import Quote, Records
    from onrecord.review.decisions import database as helped
    from tests.browser.conftest import served
    from tests.sample_file import article, spot, store

    text = "\n\n".join(f"“Number {number} it is,” he said." for number in range(50))
    quotes = tuple(Quote(**spot(text, f"Number {number} it is,"), rule="t") for number in range(50))
    with closing(sqlite3.connect(database)) as file:
        store(helped(file), article("https://news.example/long", text, published="2026-06-01"), Records(quotes=quotes))
    with served(database) as site:
        page = open_page(f"{site}/review/quote")
        for number in range(49):
            expect(current(page).locator(".words")).to_have_text(f"Number {number} it is,")
            page.keyboard.press("a" if number % 10 == 0 else "j")
        for _ in range(8):
            page.keyboard.press("j")
        expect(page.locator(".item")).to_have_count(57)
        expect(page.locator(".end")).to_have_text("That was all of it.")
        expect(status(page)).to_have_text("This is the last one.")


def test_the_rest_of_a_rule_is_accepted_when_its_sample_is_read(site: str, database: Path, open_page: Open) -> None:
    page = open_page(f"{site}/review/quote?rule=test&sample=1")
    for _ in range(7):
        saved(page, "a")
    expect(status(page)).to_have_text("All of these are decided.")
    with closing(sqlite3.connect(database)) as file:
        file.execute("UPDATE quotes SET review_status = NULL WHERE id = 5")  # as if more had come since
        file.commit()
    page.goto(f"{site}/review/quote?rule=test")
    expect(page.locator(".sample")).to_contain_text("Read 1 more of the sample")
    saved(page, "a")
    page.goto(f"{site}/review/quote?rule=test&status=all")
    expect(page.locator(".sample")).to_contain_text("Of 7 that people read at random, 7 were right.")


def test_a_decision_whose_record_is_gone_is_moved(site: str, database: Path, open_page: Open) -> None:
    now = "saw how hard our social workers work."
    [(key,)] = ask(database, "SELECT quote_key FROM quotes WHERE article_id = 1 AND text = ?", SAID)
    page = open_page(f"{site}/review/quote?item={key}")
    saved(page, "a")
    with closing(open_database(database)) as db:  # newer rules find other words
        quote = Quote(**spot(TEXT, now), rule="newer")  # type: ignore[arg-type]
        store_records(db, 1, Records(quotes=(quote,)), extracted_at=LATER, extractor="test 2")
    go(page, page.locator("text=Decisions whose record is gone"))
    expect(page.locator("h1")).to_have_text("Decisions whose record is gone")
    expect(page.locator(".lost .words")).to_have_text([SAID, now])
    page.get_by_role("button", name="Move the decision here").click()
    expect(page.locator(".outcome")).to_have_text("Moved: accepted.")
    assert ask(database, STATUS, now) == [("accepted",)]
    page.reload()
    expect(page.locator("main")).to_contain_text("None: every decision has its record.")
