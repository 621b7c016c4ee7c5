"""How sure each rule is, from data/lexicon/confidence.csv."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from data import FOLDER
from nlp.lexicon import read_rows
from nlp.records import Mention

_COMPONENTS = {"organisations", "people", "affiliations", "speakers", "figures", "whose"}


def complaint(row: Mapping[str, str]) -> str | None:
    """What is wrong with a line, or None."""
    component, _, rule = row["rule"].partition("/")
    if component not in _COMPONENTS or not rule:
        return f"{row['rule']!r} is not a component and a rule of it"
    try:
        confidence = float(row["confidence"])
    except ValueError:
        return f"{row['confidence']!r} is no number"
    return None if 0 < confidence < 1 else f"{confidence} is not between 0 and 1: nothing is certain"


@cache
def confidences(component: str) -> Mapping[str, float]:
    """How sure each rule of a component is, by its name."""
    rows = read_rows(FOLDER / "lexicon" / "confidence.csv", required=("rule", "confidence", "means"), check=complaint)
    of = f"{component}/"
    return {row["rule"].removeprefix(of): float(row["confidence"]) for row in rows if row["rule"].startswith(of)}


def where_no_body_is_told(mentions: Iterable[Mention]) -> float:
    """What the confidence of somebody who speaks for no body is worth: less where the text names two listed ones."""
    listed = {mention.organisation for mention in mentions if mention.organisation and mention.organisation.id}
    return confidences("whose")["untold"] if len(listed) > 1 else 1.0
