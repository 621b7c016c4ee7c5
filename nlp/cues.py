"""Words that take a stand (data/lexicon/stances.csv): their families, and what a cue says where it stands."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from typing import Literal, cast

from data import FOLDER
from nlp import phrases, topics
from nlp.lexicon import read_rows
from nlp.phrases import Hit, Phrases, Row

# How often a family is right in whole documents, where its words stand plainly; measured as docs/design.md says.
# Boilerplate gives no row: it is read so that nothing else is read in it.
CONFIDENCE = {
    "harm": 0.9, "end": 0.9, "oppose": 0.85, "defend": 0.85, "endorse": 0.82, "idiom": 0.8, "caution": 0.8,
    "deficit": 0.76, "praise": 0.76, "criticise": 0.76, "call_for": 0.72, "concern": 0.7, "degree": 0.7,
    "boilerplate": 0.0,
}  # fmt: skip
# Families of the opinion itself: what they say outweighs the words inside their object.
OPINION = {"praise", "endorse", "oppose", "criticise", "defend", "end", "harm"}
# Families whose object may be a pronoun, so that their topic is looked for in the whole sentence.
LOOKS_FURTHER = (OPINION | {"call_for", "concern", "caution", "harm", "idiom"}) - {"praise"}
_VALUES = {"praise", "endorse"}  # which a wish for them does not find
_TURNS_ROUND = {"praise", "endorse", "concern", "deficit", "defend", "harm", "degree", "idiom", "oppose", "criticise"}

Value = Literal["supportive", "critical", "more", "less"]
_REVERSED: dict[Value, Value] = {
    "supportive": "critical", "critical": "supportive", "more": "less", "less": "more"
}  # fmt: skip


def check(row: Row) -> str | None:
    """A complaint about one line of stances.csv, or None."""
    if row["family"] not in CONFIDENCE:
        return f"{row['family']!r} is no family"
    if row["polarity"] not in {*_REVERSED, "neutral"}:
        return f"{row['polarity']!r} is no polarity of a cue"
    if row["arrow"] not in {"left", "right", "both"}:
        return f"{row['arrow']!r} is no arrow"
    for topic in filter(None, (row["topic"], *row["needs"].split("|"))):
        if topic not in topics.TOPICS:
            return f"{topic!r} is no topic"
    return phrases.complaint(row["cue"])


def rows() -> tuple[list[Row], list[Row]]:
    """The lines of stances.csv: boilerplate, and all else."""
    path = FOLDER / "lexicon" / "stances.csv"
    kept: tuple[list[Row], list[Row]] = ([], [])
    for row in read_rows(path, required=("cue", "family", "polarity", "arrow"), check=check):
        kept[row["family"] != "boilerplate"].append(row)
    return kept


@cache
def _phrases() -> tuple[Phrases, Phrases]:
    idle, rest = rows()
    return Phrases(idle, "cue"), Phrases(rest, "cue")


def find_cues(text: str) -> list[Hit]:
    """The cues of a `plain` text, in order, none in a set phrase."""
    boilerplate, cues = _phrases()
    idle = boilerplate.find_through_marks(text)
    starts = [hit.start for hit in idle]
    found = []
    for hit in cues.find_through_marks(text):
        i = bisect_left(starts, hit.end)
        if not (i and idle[i - 1].end > hit.start):
            found.append(hit)
    return found


def arrow(text: str, cue: Hit) -> str:
    """Where what the cue judges stands: left, right or both. What is "criticised by X" stands before."""
    return "left" if cue.row["arrow"] == "right" and text.startswith(" by ", cue.end) else cue.row["arrow"]


def value(cue: Hit, scope: frozenset[str]) -> tuple[Value, bool] | None:
    """What the cue says under the words before it, and whether they turn it round; None where it takes no stand."""
    row = cue.row
    if row["polarity"] == "neutral":
        return None
    said = cast("Value", row["polarity"])
    if said == "supportive" and row["family"] in _VALUES and row["arrow"] != "right" and scope & {"wish", "duty"}:
        return None
    if "question" in scope and row["family"] in {"call_for", "end"}:
        return None
    turned = bool(scope & {"absence", "less"})
    if said == "critical" and "cure" in scope:
        return (said, False) if scope & {"duty", "negation"} else None
    if "negation" in scope:
        if said == "critical" and "beside" not in scope:
            return None
        turned = not turned
    if not turned:
        return said, False
    return (_REVERSED[said], True) if row["family"] in _TURNS_ROUND else None
