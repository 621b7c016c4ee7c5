"""Who is there to speak and to report: invented bodies, people and outlets; a few are named often, most are rare."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

OUTLETS = 60
_NEWCOMERS = 0.1  # of those who are asked for


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who speaks for a body; ids are those of the rows."""

    id: int
    name: str
    gender: str
    role: str
    body: Body


@dataclass(slots=True)
class Body:
    """A body; its id is given when it is first named."""

    name: str
    kind: str
    place: str
    roles: tuple[str, ...]
    id: int = 0
    people: list[Person] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outlet:
    """A source; the first is where bodies issue their press releases."""

    id: str
    name: str
    kind: str


@cache
def words() -> Mapping[str, Any]:
    """What everything is made of: words.toml."""
    with Path(__file__).with_name("words.toml").open("rb") as file:
        return tomllib.load(file)


class World:
    """Bodies and people come into being when they are first named, so that the file has none whom nobody names."""

    def __init__(self, random: Random) -> None:
        self._random = random
        names = words()["names"]
        self.places = [stem + ending for stem in names["stems"] for ending in names["endings"]]
        random.shuffle(self.places)
        self._names = [
            f"{given} {stem}{ending}"
            for given in names["given"]
            for stem in names["family_stems"]
            for ending in names["family_endings"]
        ]
        random.shuffle(self._names)
        self._bodies = self._all_bodies()
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._bodies) + 1)))
        self.outlets = [Outlet("press-office", "The Press Office", "government"), *self._papers()]
        self._paper_weights = list(accumulate(1 / rank for rank in range(1, OUTLETS)))
        self.bodies: list[Body] = []  # that have been named
        self.people: list[Person] = []

    def body(self) -> Body:
        """Some body: the n-th as often as 1/n (Zipf)."""
        (body,) = self._random.choices(self._bodies, cum_weights=self._weights)
        if not body.id:
            self.bodies.append(body)
            body.id = len(self.bodies)
        return body

    def person(self, body: Body) -> Person:
        """Somebody of the body, now and then somebody new."""
        if body.people and self._random.random() > _NEWCOMERS:
            return self._random.choice(body.people)
        number = len(self.people) + 1
        # Every name comes before one comes again, and then with an initial: nobody bears another one's name.
        name = self._names[number % len(self._names)]
        if again := number // len(self._names):
            given, family = name.split()
            name = f"{given} {_initials(again)} {family}"
        role = body.roles[len(body.people) % len(body.roles)]
        person = Person(number, name, self._random.choice("fm"), role, body)
        self.people.append(person)
        body.people.append(person)
        return person

    def papers(self, number: int) -> list[Outlet]:
        """So many outlets, each once, the larger ones more often."""
        found: dict[str, Outlet] = {}
        while len(found) < number:
            (paper,) = self._random.choices(self.outlets[1:], cum_weights=self._paper_weights)
            found[paper.id] = paper
        return list(found.values())

    def _all_bodies(self) -> list[Body]:
        kinds = words()["bodies"]
        # Every place has a council, every second one some other body.
        made = [(kinds[0], place) for place in self.places]
        made += [(kinds[1 + rank % (len(kinds) - 1)], place) for rank, place in enumerate(self.places[::2])]
        self._random.shuffle(made)
        return [
            Body(kind["name"].format(place=place), kind["kind"], place, tuple(kind["roles"])) for kind, place in made
        ]

    def _papers(self) -> list[Outlet]:
        kinds = words()["outlets"]
        return [
            Outlet(f"paper-{rank}", kind["name"].format(place=self.places[rank]), kind["kind"])
            for rank in range(1, OUTLETS)
            for kind in [kinds[rank % len(kinds)]]
        ]


def _initials(number: int) -> str:
    """1 is A, 26 is Z, 27 is Z A: another one for every number."""
    letters = string.ascii_uppercase
    return " ".join([letters[25]] * ((number - 1) // 26) + [letters[(number - 1) % 26]])
