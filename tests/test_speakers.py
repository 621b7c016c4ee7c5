"""Speakers: cases anyone can read."""

from __future__ import annotations

from typing import Any

import pytest

from nlp.records import Quote
from tests.reading import cases, read_case, told

CASES = cases("speakers")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"].strip()[:60])
def test_case(case: dict[str, Any]) -> None:
    found: list[Quote] = read_case(case)._.quotes
    assert [quote.text for quote in found] == [stated["text"] for stated in case["quotes"]]
    assert [told(q, stated) for q, stated in zip(found, case["quotes"], strict=True)] == case["quotes"]
