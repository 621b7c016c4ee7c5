"""docs/quality.md: numbers and rules, and no sentence of the texts that they are measured on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from onrecord.evaluate import KINDS
from onrecord.quality.measure import SURE, Quality
from onrecord.quality.pins import Change
from onrecord.quality.reliability import Grouping, Reliability, by_bin, by_kind, by_rule, reliability

PAGE = Path(__file__).parents[2] / "docs/quality.md"

_HEAD = """\
# The quality

How well extraction does on annotated texts, and whether its confidences mean what they say. `make quality` measures and
writes this page; `tests/test_quality.py` holds it, and the scores that `tests/quality.json` pins, where the annotated
texts are. They are not part of onrecord. The rules were written with these texts in view: on others, expect less.
"""
_SCORES = "Precision, recall and F1 of what is found; then, of what is found, the share in which the rest is right."
_NEWS = """\
Quotes and who says them, as other people annotated them. A quote with its speaker is right if its words are, and the
surname, or the last word of what a body is called."""
_RELIABILITY = """\
Every record of these texts on which the annotators have a word, by its confidence. It is right if all that it says is:
a quote's words, speaker and body (in the news, words and speaker); a person's name, post and body; a body; a figure's
value, words, unit, bounds, change and what it counts; a stance's holder, topic and polarity."""
_RULES = """\
The same by rule. A rule that was seldom seen tells little: `python -m onrecord.quality --calibrate` says what it would
suggest for `data/lexicon/confidence.csv`."""
_CASES = """\
Texts of our own in `tests/cases/`, each of which gives what it should; in the empty ones nothing may be found."""
_CHANGES = "Against the scores that `tests/quality.json` pins (`make quality PIN=1` takes new ones):"
_COUNTED = ("records", "right", "share right", "share said")


def page(quality: Quality, changes: Sequence[Change]) -> str:
    """The page, in Markdown; the same for the same numbers."""
    parts = [
        _HEAD,
        f"## Annotated documents\n\n{quality.documents} documents. {_SCORES}",
        _gold(quality.scores["gold"]),
        f"## News\n\n{quality.articles} articles. {_NEWS}",
        _news(quality.scores["news"]),
        f"## Reliability\n\n{_RELIABILITY}",
        _reliability(quality, by_bin, "confidence"),
        _kinds(quality),
        _RULES,
        _reliability(quality, by_rule, "kind", "rule"),
        f"## Cases\n\n{_CASES}",
        _cases(quality),
        f"## Gains and losses\n\n{_CHANGES}",
        _changed(changes),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _gold(scores: dict[str, float]) -> str:
    rows = []
    for kind in KINDS:
        own = {name.removeprefix(f"{kind} "): value for name, value in scores.items() if name.startswith(f"{kind} ")}
        prf = [f"{own.pop(name):.3f}" if name in own else "" for name in ("precision", "recall", "f1")]
        rows.append([kind, *prf, ", ".join(f"{name} {value:.3f}" for name, value in own.items())])
    return _table(["kind", "precision", "recall", "F1", "of those found"], rows)


def _news(scores: dict[str, float]) -> str:
    if not scores:
        return "None here."
    rows = [
        [what, *(f"{scores[f'{what} {name}']:.3f}" for name in ("precision", "recall", "f1"))]
        for what in ("quotes", "quotes with speaker")
    ]
    found = f"Of the quotes found, {scores['speaker of those found']:.3f} have the right speaker."
    return f"{_table(['what', 'precision', 'recall', 'F1'], rows)}\n\n{found}"


def _reliability(quality: Quality, group: Grouping, *head: str) -> str:
    return _table([*head, *_COUNTED], map(_counted, reliability(quality.judged, group)))


def _kinds(quality: Quality) -> str:
    surest = {row.group: row for row in reliability((one for one in quality.judged if one.confidence >= SURE), by_kind)}
    rows = []
    for row in reliability(quality.judged, by_kind):
        sure = surest.get(row.group)
        rows.append([*_counted(row), *([str(sure.records), f"{sure.share:.3f}"] if sure else ["0", ""])])
    return _table(["kind", *_COUNTED, f"at {SURE} and above", "share right"], rows)


def _counted(row: Reliability) -> list[str]:
    return [*row.group, str(row.records), str(row.right), f"{row.share:.3f}", f"{row.said:.3f}"]


def _cases(quality: Quality) -> str:
    rows = [[it.file, it.heading, str(it.cases), str(it.empty)] for it in quality.phenomena]
    total = [str(sum(getattr(it, name) for it in quality.phenomena)) for name in ("cases", "empty")]
    return _table(["file", "phenomenon", "cases", "empty"], [*rows, ["all", "", *total]])


def _changed(changes: Sequence[Change]) -> str:
    lines = [f"- {'loss' if change.is_loss else 'gain'}: {change}" for change in changes]
    return "\n".join(lines) or "nothing has changed."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
