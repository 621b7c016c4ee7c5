"""What extraction gives: plain records whose offsets resolve into the text they came from.

Every record that has `start` and `end` satisfies `text[start:end] == record.text`, in Python's (and SQLite's)
characters. Every record names the `rule` that made it and its `confidence` between 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nlp.gazetteer import GazetteerEntry

Form = Literal["direct", "partial", "document"]
Polarity = Literal["supportive", "critical", "mixed", "neutral"]
Unit = Literal["count", "percent", "fraction", "gbp", "years", "months", "weeks", "days", "ratio", "rank"]
Qualifier = Literal["approx", "at_least", "at_most", "over", "under"]
Change = Literal["increase", "decrease"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body by its canonical name; `id` is its row in data/organisations.csv, None for one not listed there."""

    name: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of text that names an organisation (`organisation` set) or a person (`person` set: fullest name)."""

    start: int
    end: int
    text: str
    organisation: Organisation | None = None
    person: str | None = None
    confidence: float = 1.0
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A role ("President"), None where only the body is told, and the body, None where none is."""

    role: str | None
    organisation: Organisation | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in the text, once, in the fullest form it prints, without titles.

    `role` leaves the organisation's name out ("President", "Chairman of the Children and Young People Board").
    `gender` is "f", "m" or None, from titles, given names and pronouns of the text. `other_posts` are those that the
    text gives the person at other bodies.
    """

    name: str
    role: str | None = None
    organisation: Organisation | None = None
    title: str | None = None
    gender: Literal["f", "m"] | None = None
    confidence: float = 1.0
    rule: str = ""
    other_posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """One stretch of somebody's words inside one paragraph, without its quotation marks.

    `speaker` is a person's fullest name in the text, None where a body, a document or nobody known speaks;
    `speaker_text` is how the text words the speaker at this quote ("she", "the watchdog"); `cue` is the reporting
    verb as printed; `organisation` is the body whose view the words are, of several that say so jointly the one named
    first, and `others` are the rest of them.
    """

    start: int
    end: int
    text: str
    form: Form = "direct"
    cue: str | None = None
    speaker: str | None = None
    speaker_text: str | None = None
    role: str | None = None
    organisation: Organisation | None = None
    confidence: float = 0.0
    rule: str = ""
    others: tuple[Organisation, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that informs; fields as shared by the annotation guide and docs/design.md.

    `value` (and `high`, closing a range) in base units: a percentage as 69.0, a fraction as 0.25, £3m as 3000000.0.
    `quote` is the index, among the document's quotes, of the quote the figure stands in.
    """

    start: int
    end: int
    text: str
    value: float
    unit: Unit
    high: float | None = None
    unit_text: str | None = None
    of: str | None = None
    qualifier: Qualifier | None = None
    change: Change | None = None
    base_value: float | None = None
    population: float | None = None
    period: str | None = None
    quote: int | None = None
    speaker: str | None = None
    organisation: Organisation | None = None
    confidence: float = 0.0
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Stance:
    """Where a holder stands on a topic, with the words that show it (`text`, the evidence).

    `rules_topic` is what the rules said it is about, where something learnt has read it again (see `nlp.learned`).
    """

    start: int
    end: int
    text: str
    topic: str
    polarity: Polarity
    speaker: str | None = None
    organisation: Organisation | None = None
    quote: int | None = None
    confidence: float = 0.0
    rule: str = ""
    rules_topic: str | None = None

    @property
    def holder(self) -> str | None:
        """The person, or the organisation where none speaks."""
        return self.speaker or (self.organisation.name if self.organisation else None)


@dataclass(frozen=True, slots=True)
class Records:
    """All that was found in one document, each list in order of `start`."""

    mentions: tuple[Mention, ...] = ()
    people: tuple[Person, ...] = ()
    quotes: tuple[Quote, ...] = ()
    figures: tuple[Figure, ...] = ()
    stances: tuple[Stance, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a text beside its words.

    `publisher` is the body on whose own site it stands (None for a newspaper); `published` the calendar day as
    printed (YYYY-MM-DD); `block_quotes` the (start, end) of paragraphs that the page set as quotations without marks;
    `title` its headline; `bodies` those that are known beside data/organisations.csv (see `nlp.gazetteer.with_own`).
    """

    published: str | None = None
    publisher: Organisation | None = None
    block_quotes: tuple[tuple[int, int], ...] = ()
    bodies: tuple[GazetteerEntry, ...] = ()
    title: str | None = None
