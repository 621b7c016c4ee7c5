"""Every fault of docs/reliability.md is held by a test, and the page says by which."""

from __future__ import annotations

from tests.faults.held import PAGE, ROW, cell, elsewhere, exists, held, rewritten

FAULTS = range(1, 95)


def test_every_fault_is_held() -> None:
    tests = held()
    assert [number for number in FAULTS if not tests.get(number)] == []
    assert set(tests) <= set(FAULTS)


def test_what_holds_them_elsewhere_is_there() -> None:
    assert elsewhere()
    assert [test for names in elsewhere().values() for test in names if not exists(test)] == []


def test_the_page_lists_every_fault_once_with_its_tests() -> None:
    """`python -m tests.faults.held` writes the tests into the page."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert [int(number) for number, *_ in rows] == list(FAULTS)
    tests = held()
    assert {int(number): said for number, _, _, said in rows} == {it: cell(tests.get(it, [])) for it in FAULTS}


def test_a_page_is_rewritten_in_its_last_column_alone() -> None:
    page = "# Title\n| # | fault |\n| 7 | a | b | none yet |\n| 8 | c | d | `x` |\n\nend"
    assert rewritten(page, {7: ["a.py", "b.py::test_c"]}) == (
        "# Title\n| # | fault |\n| 7 | a | b | `a.py`, `b.py::test_c` |\n| 8 | c | d | none yet |\n\nend"
    )
