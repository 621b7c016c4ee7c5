"""People: cases anyone can read."""

from __future__ import annotations

from typing import Any

import pytest

from nlp.records import Person
from tests.reading import cases, read_case, told

CASES = cases("people")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_case(case: dict[str, Any]) -> None:
    found: list[Person] = read_case(case)._.people
    assert [person.name for person in found] == [stated["name"] for stated in case["people"]]
    assert [told(p, stated) for p, stated in zip(found, case["people"], strict=True)] == case["people"]


def test_there_are_cases_enough_with_nobody_to_find() -> None:
    assert sum(not case["people"] for case in CASES) >= 12
