"""tests/quality.json: the scores that must not fall, and what has changed against them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from onrecord.errors import CannotRun

PINNED = Path(__file__).parents[2] / "tests/quality.json"
Numbers = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Change:
    """A number that is not as pinned; `before` is None for a new one, `now` for one that is no longer measured."""

    name: str
    before: float | None
    now: float | None

    @property
    def is_loss(self) -> bool:
        return self.now is None or (self.before is not None and self.now < self.before)

    def __str__(self) -> str:
        if self.before is None or self.now is None:
            return f"{self.name} {'is new' if self.before is None else 'is no longer measured'}"
        return f"{self.name} {'fell' if self.is_loss else 'rose'} from {self.before:g} to {self.now:g}"


def changes(pinned: Numbers, now: Numbers) -> list[Change]:
    """What is not as pinned, losses first."""
    names = [(of, name) for numbers in (pinned, now) for of, values in numbers.items() for name in values]
    found = [
        Change(f"{of}: {name}", pinned.get(of, {}).get(name), now.get(of, {}).get(name))
        for of, name in dict.fromkeys(names)
    ]
    return sorted((it for it in found if it.before != it.now), key=lambda it: not it.is_loss)


def read_pinned(path: Path = PINNED) -> Numbers:
    """The pinned numbers; none where there is no such file yet. Raises CannotRun."""
    try:
        pinned: Numbers = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise CannotRun(f"{path} can't be read: {error}.") from error
    return pinned


def pin(numbers: Numbers, path: Path = PINNED) -> None:
    """Takes these numbers as the ones that must not fall."""
    path.write_text(json.dumps(numbers, indent=2, sort_keys=True) + "\n", encoding="utf-8")
