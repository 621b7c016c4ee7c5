"""Days: tests/cases/dates.toml, the lines that print them, and the addresses that hold them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipelines.dates import day_in_address, day_of
from pipelines.printed import DateLine, byline, date_line, is_byline, is_name
from tests.clock import costs_at_most

CASES = tomllib.loads((Path(__file__).parent / "cases" / "dates.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_day_of(case: dict[str, str]) -> None:
    assert day_of(case["text"]) == case.get("day")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("09/11/2026", "2026-09-11"),
        ("9.11.26", "2026-09-11"),
        ("5-19-2026 9:30:00 AM", "2026-05-19"),
        ("19/5/2026", None),
        ("9 November 2026", "2026-11-09"),
        ("November 9, 2026", "2026-11-09"),
        ("2026-09-11", "2026-09-11"),
        ("2026/09/11", "2026-09-11"),
    ],
)
def test_month_first(text: str, day: str | None) -> None:
    assert day_of(text, month_first=True) == day


def test_a_date_line_may_be_month_first() -> None:
    assert date_line("5/6/2022 9:30:00 AM", month_first=True) == DateLine("2022-05-06", True, None)
    assert date_line("5/6/2022 9:30:00 AM") == DateLine("2022-06-05", True, None)


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2026/03/31/title", "2026-03-31"),
        ("/news/2026/mar/31/title", "2026-03-31"),
        ("/2026-03-31-title", "2026-03-31"),
        ("/2026/02/30/title", None),
        ("/2026/03/title", None),
        ("/news/20260331", None),
        ("/1203/04/05", None),
        ("/2026/xyz/31/", None),
    ],
)
def test_day_in_address(path: str, day: str | None) -> None:
    assert day_in_address(path) == day


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Published: Tuesday 3 March 2026, 10.15am", DateLine("2026-03-03", True, None)),
        ("12th September 2019, 5:00 am", DateLine("2019-09-12", True, None)),
        ("First published on 3 March 2026 at 10:15 GMT", DateLine("2026-03-03", True, None)),
        ("Published 3 March 2026 Last updated 5 March 2026", DateLine("2026-03-03", True, None)),
        ("Last updated: 5 March 2026", DateLine("2026-03-05", False, None)),
        ("By Jo Blythe on 3 March 2026", DateLine("2026-03-03", True, "Jo Blythe")),
        ("3 March 2026 by Jo Blythe", DateLine("2026-03-03", True, "Jo Blythe")),
        ("Posted by admin on June 29, 2016", DateLine("2016-06-29", True, None)),
        ("3 March 2026 | Children's services | News", DateLine("2026-03-03", True, None)),
        ("Jo Blythe", None),
        ("The council met on 3 March 2026.", None),
        ("Inspection of Northmoor 3 March 2026", None),
        ("In the year to 31 March 2018 there were fewer households", None),
    ],
)
def test_date_lines(line: str, read: DateLine | None) -> None:
    assert date_line(line) == read


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Jo Blythe", "Jo Blythe"),
        ("by Asha Begum, 12 September", "Asha Begum"),
        ("Written by Jo Blythe and Kit de la Mare", "Jo Blythe and Kit de la Mare"),
        ("By Kit Marlowe Local Democracy Reporter @kitwrites", "Kit Marlowe"),
        ("Author: Siân O'Dowd-Rees, social affairs correspondent", "Siân O'Dowd-Rees"),
        ("Posted by admin", None),
        ("By the time inspectors came, it was too late.", None),
        ("Bystander effect", None),
    ],
)
def test_bylines(line: str, names: str | None) -> None:
    assert byline(line) == names


def test_a_byline_may_name_nobody() -> None:
    assert is_byline("Posted by admin")
    assert not is_byline("By 2028 no child will wait.")
    assert not is_byline("By the end of the year")


def test_a_bare_name_begins_with_a_given_name() -> None:
    assert is_name("Jo Blythe")
    assert not is_name("Northmoor Council")
    assert not is_name("Jo said so")


@pytest.mark.parametrize(
    "line", ["1 Jan " * 20_000, "1/" * 50_000, "By " + "Aa " * 30_000, "By " + "de " * 30_000, "By A" + "-’" * 50_000]
)
def test_long_lines_cost_little(line: str) -> None:
    assert costs_at_most(2, lambda: (day_of(line), date_line(line), byline(line)))
