"""What is told: paragraphs with the records that stand in them, as a reader would find them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from nlp.topics import TOPICS
from onrecord.invented.world import Body, Person, World, words

Span = tuple[int, int]

_POLARITIES = ("critical", "supportive", "mixed", "neutral")
_RULES = {"lead": 0.9, "clause-before": 0.8, "continued": 0.95, "clause-after": 0.89, "same-paragraph": 0.82}
_TOPIC_WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(TOPICS) + 1)))


@dataclass(frozen=True, slots=True)
class Said:
    """A quote in its paragraph; `figure` and `stance` are spans with what they hold."""

    span: Span
    form: str
    cue: str
    speaker_text: str
    person: Person | None
    body: Body
    rule: str
    confidence: float
    figure: tuple[Span, int] | None = None
    stance: tuple[Span, str, str] | None = None


@dataclass(slots=True)
class Paragraph:
    """One paragraph; the spans of its records count its own characters."""

    text: str
    said: Said | None = None
    people: list[tuple[Span, Person]] = field(default_factory=list)
    bodies: list[tuple[Span, Body]] = field(default_factory=list)


class Teller:
    """Tells stories about the bodies of a world."""

    def __init__(self, random: Random, world: World) -> None:
        self._random = random
        self._world = world

    def title(self, place: str) -> str:
        """A headline."""
        return self._filled(words()["told"]["titles"], place)

    def lead(self, place: str) -> Paragraph:
        """A first paragraph, of which every outlet has its own."""
        return Paragraph(self._filled(words()["told"]["leads"], place))

    def note(self, place: str) -> Paragraph:
        """A last paragraph, of which every outlet has its own."""
        return Paragraph(self._filled(words()["told"]["outlet_notes"], place))

    def story(self, body: Body) -> list[Paragraph]:
        """What all who carry it have in common: some four to ten quotes, and what stands between them."""
        random, other = self._random, self._world.body()
        paragraphs = [self._between(body.place)]
        paragraphs += self._speech(self._world.person(body), random.randint(2, 5))
        paragraphs += [self._between(body.place), self._between(other.place)]
        paragraphs += self._speech(self._world.person(other), random.randint(1, 3))
        if random.random() < 0.6:
            paragraphs.append(self._fragment(other, body.place))
        if random.random() < 0.4:
            paragraphs.append(self._document(body))
        return paragraphs

    def _speech(self, person: Person, quotes: int) -> Iterator[Paragraph]:
        """Somebody who is introduced and goes on."""
        random = self._random
        name, body = person.name, person.body.name
        opening = f"{name}, {person.role} at {body}, {random.choice(words()['told']['cues'])}: “"
        first = self._quoted(opening, person, cue="said", speaker_text=name, rule="lead")
        first.people.append(((0, len(name)), person))
        at = opening.index(body)
        first.bodies.append(((at, at + len(body)), person.body))
        yield first
        pronoun = "She" if person.gender == "f" else "He"
        for _ in range(quotes - 1):
            if random.random() < 0.5:
                yield self._quoted("“", person, cue="said", speaker_text=name, rule="continued")
            else:
                yield self._quoted(
                    f"{pronoun} added: “", person, cue="added", speaker_text=pronoun, rule="clause-before"
                )

    def _quoted(self, opening: str, person: Person, *, cue: str, speaker_text: str, rule: str) -> Paragraph:
        random = self._random
        place = person.body.place
        quote = " ".join(self._sentence(place) for _ in range(random.choice((1, 1, 2, 3))))
        first, figure, stance = len(quote), None, None
        if random.random() < 0.2:
            number = random.randint(2, 999)
            line = random.choice(words()["said"]["figures"]).format(place=place, figure=number)
            at = len(opening) + len(quote) + 1 + line.index(str(number))
            quote = f"{quote} {line}"
            figure = (at, at + len(str(number))), number
        start = len(opening)
        if random.random() < 0.35:
            (topic,) = random.choices(TOPICS, cum_weights=_TOPIC_WEIGHTS)
            (polarity,) = random.choices(_POLARITIES, weights=(5, 3, 1, 1))
            stance = (start, start + first), topic, polarity
        said = Said(
            (start, start + len(quote)),
            "direct",
            cue,
            speaker_text,
            person,
            person.body,
            rule,
            round(min(1.0, max(0.3, random.gauss(_RULES[rule], 0.08))), 2),
            figure,
            stance,
        )
        return Paragraph(f"{opening}{quote}”", said)

    def _fragment(self, body: Body, place: str) -> Paragraph:
        """A body's few words in the reporter's sentence."""
        opening = f"{body.name} called it “"
        words_said = self._filled(words()["said"]["fragments"], place)
        span = len(opening), len(opening) + len(words_said)
        said = Said(span, "partial", "called", body.name, None, body, "clause-before", 0.8)
        return Paragraph(f"{opening}{words_said}”.", said, bodies=[((0, len(body.name)), body)])

    def _document(self, body: Body) -> Paragraph:
        """A report's words."""
        opening = f"The report on {body.name} says: “"
        sentence = self._sentence(body.place)
        span = len(opening), len(opening) + len(sentence)
        said = Said(span, "document", "says", "The report", None, body, "lead", 0.7)
        at = opening.index(body.name)
        return Paragraph(f"{opening}{sentence}”", said, bodies=[((at, at + len(body.name)), body)])

    def _sentence(self, place: str) -> str:
        said = words()["said"]
        # Another place than the body's own in every second sentence: there are a hundred million to say.
        if self._random.random() < 0.5:
            place = self._random.choice(self._world.places)
        parts = (self._filled(said[part], place) for part in ("subjects", "verbs", "objects", "tails"))
        return f"{' '.join(parts)}."

    def _between(self, place: str) -> Paragraph:
        return Paragraph(self._filled(words()["told"]["between"], place))

    def _filled(self, choices: Sequence[str], place: str) -> str:
        random = self._random
        return random.choice(choices).format(place=place, n=random.randint(2, 99), m=random.randint(2, 99))
