"""Every reader of foreign bytes keeps its promise for inputs put together of what it has an eye for, and of noise.

`python -m tests.fuzz` runs the same functions for longer, guided by coverage (docs/reliability.md).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.fragments import FRAGMENTS
from tests.fuzz.seeds import MOST, seeds
from tests.fuzz.targets import TARGETS

FOUND: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("found.toml").read_text(encoding="utf-8")).get(
    "case", []
)
# A text costs a parse; of the rest, hundreds are read in a second.
EXAMPLES = dict.fromkeys(TARGETS, 150) | {"text": 40, "page": 60}


def inputs(target: str) -> st.SearchStrategy[bytes]:
    """Some of a target's fragments with any bytes between them; or a good input, in places written over by these."""
    words = st.sampled_from([fragment.encode() for fragment in FRAGMENTS[target]])
    pieces = words | words | st.binary(max_size=6)
    places = st.lists(st.tuples(st.integers(0, MOST), st.integers(0, 30), pieces), min_size=1, max_size=8)
    return st.lists(pieces, max_size=40).map(b"".join) | st.builds(spoilt, st.sampled_from(seeds(target)), places)


def spoilt(good: bytes, places: list[tuple[int, int, bytes]]) -> bytes:
    """The input with each piece in the place of some bytes."""
    for start, length, piece in places:
        start %= len(good) + 1
        good = good[:start] + piece + good[start + length :]
    return good


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of a regular expression that may mean something else one day
@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_keeps_its_promise(target: str) -> None:
    @settings(max_examples=EXAMPLES[target], deadline=None, suppress_health_check=list(HealthCheck))
    @given(inputs(target))
    def holds(data: bytes) -> None:
        TARGETS[target](data)

    holds()


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case['target']}: {case['what']}")
def test_what_was_found_is_mended(case: dict[str, Any]) -> None:
    TARGETS[case["target"]]((case.get("before", "") + case["data"] * case.get("times", 1)).encode())
