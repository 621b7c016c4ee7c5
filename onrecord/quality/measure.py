"""Everything that is measured, in one go over the annotated texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spacy.scorer import Scorer

from nlp.build import pipeline
from onrecord.evaluate import KINDS, read_gold
from onrecord.quality.cases import Phenomenon, phenomena
from onrecord.quality.judged import Judged, judged
from onrecord.quality.news import News, read_news

CASES = Path(__file__).parents[2] / "tests/cases"
SURE = 0.9  # a record that is as sure as this should be right
_NAMES = {"p": "precision", "r": "recall", "f": "f1"}


@dataclass(frozen=True, slots=True)
class Quality:
    """What a folder of annotated texts says of today's rules; `scores` by set, then by what is scored."""

    documents: int
    articles: int
    scores: dict[str, dict[str, float]]
    judged: list[Judged]
    phenomena: list[Phenomenon]

    def pinned(self) -> dict[str, dict[str, float]]:
        """The numbers that must not fall: precision and recall are told, their F1 is kept."""
        kept = {
            of: {name: round(value, 3) for name, value in scores.items() if not name.endswith(("precision", "recall"))}
            for of, scores in self.scores.items()
        }
        counts: dict[str, float] = {}
        for phenomenon in self.phenomena:
            counts[phenomenon.file] = counts.get(phenomenon.file, 0) + phenomenon.cases
        return {**kept, "cases": counts}


def measure(folder: Path, cases: Path = CASES) -> Quality:
    """Runs the pipeline once over each text. Raises CannotRun where the folder holds no annotated documents."""
    examples, _ = read_gold(folder)
    found = Scorer(nlp=pipeline()).score(examples)
    gold = {_called(key): value for key, value in found.items() if isinstance(value, float) and _called(key)}
    news = folder / "news" / "quotes.jsonl"
    told = read_news(news) if news.exists() else News()
    return Quality(
        documents=len(examples),
        articles=told.articles,
        scores={"gold": gold, "news": told.scores},
        judged=[*(one for example in examples for one in judged(example)), *told.judged],
        phenomena=phenomena(cases),
    )


def _called(score: str) -> str:
    """ "quotes_p" is "quotes precision"; "" for a score that is none of ours."""
    kind, _, name = score.partition("_")
    return f"{kind} {_NAMES.get(name, name)}" if kind in KINDS else ""
