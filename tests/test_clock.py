"""The clock of other tests tells what is quadratic or endless from what is not."""

from __future__ import annotations

from collections.abc import Callable

from tests.clock import costs_at_most, cpu_seconds, grows_with_its_input


def test_a_square_is_told_from_a_line() -> None:
    def steps(power: int) -> Callable[[int], Callable[[], object]]:
        return lambda length: lambda: sum(range(length**power))

    assert grows_with_its_input(steps(1), 200_000, 10)
    assert not grows_with_its_input(steps(2), 1_000, 10)


def test_one_quick_turn_is_enough() -> None:
    turns = iter([3_000_000, 3_000_000, 10])
    bound = cpu_seconds(lambda: sum(range(1_000_000)))
    assert costs_at_most(bound, lambda: sum(range(next(turns))))
    assert not costs_at_most(bound, lambda: sum(range(30_000_000)))
