"""Texts to records on one core, beside a tokenizer that does nothing else; by component, and by the text's length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

import spacy

from nlp.build import extract, make_doc, pipeline
from onrecord.bench.measured import Measured, Plot, Row
from onrecord.bench.size import Size
from onrecord.bench.stories import texts, words
from onrecord.bench.turns import interleaved, pinned, timed

LENGTHS = (1, 2, 5, 10)  # each goes into the last without a rest: the words are the same


def measure(size: Size) -> Measured:
    """All texts by our pipeline and by blank spaCy's tokenizer in turn; then what of it each component takes."""
    told = texts(size.texts)
    blank = spacy.blank("en")
    with pinned(1):
        extract(told[0])  # loads everything
        ours, theirs = interleaved(size.turns, _over(told, extract), _over(told, blank.make_doc))
        shares = _shares(told, size.turns)
        growth = _growth(told, size.turns)
    count = words(told)
    rate, tokenized = count / ours, count / theirs
    one, ten = 1_000 * growth[0], 1_000 * growth[-1]
    micro = {name: 1e6 * seconds / count for name, seconds in shares.items()}
    whole = sum(micro.values())
    return Measured(
        "Extraction",
        [
            Row("extraction on one core", rate, "words/s", "blank spaCy's tokenizer", tokenized, at_least=8_000),
            Row("extraction of a text 10 times as long", ten, "ms", "of one as long", one, times_at_most=11),
        ],
        f"{len(told)} texts of {count / len(told):.0f} words. A text that is some times as long is made of so many of"
        " these; the time is beside that of one.",
        [
            ["component", "µs a word", "share"],
            *([name, f"{part:.1f}", f"{part / whole:.0%}"] for name, part in micro.items()),
        ],
        [
            Plot(
                "components",
                "Microseconds a word, by component",
                [(name, part, f"{part:.1f}") for name, part in micro.items()],
            ),
            Plot(
                "length",
                "How many times as long a text takes that is so many times as long",
                [
                    (f"{times} times", seconds / growth[0], f"{seconds / growth[0]:.1f} times")
                    for times, seconds in zip(LENGTHS, growth, strict=True)
                ],
            ),
        ],
    )


def _over(told: Sequence[str], reader: Callable[[str], object]) -> Callable[[], float]:
    return lambda: timed(lambda: [reader(text) for text in told])


def _shares(told: Sequence[str], turns: int) -> dict[str, float]:
    """Seconds that each component takes for all texts, in the order of the pipeline: the median of the turns."""
    components = [("tokenizer", None), *pipeline().pipeline]
    taken: dict[str, list[float]] = {name: [] for name, _ in components}
    for _ in range(turns):
        turn = dict.fromkeys(taken, 0.0)
        for text in told:
            begun = perf_counter()
            doc = make_doc(text)
            for name, component in components:
                if component is not None:
                    doc = component(doc)
                turn[name] += (now := perf_counter()) - begun
                begun = now
        for name, seconds in turn.items():
            taken[name].append(seconds)
    return {name: median(seconds) for name, seconds in taken.items()}


def _growth(told: Sequence[str], turns: int) -> list[float]:
    """Seconds for a text of each length: of the same texts one by one, in pairs, and so on."""
    whole = list(told[: 2 * LENGTHS[-1]])

    def of_length(times: int) -> Callable[[], float]:
        joined = ["\n\n".join(whole[at : at + times]) for at in range(0, len(whole) - times + 1, times)]
        return lambda: timed(lambda: [extract(text) for text in joined]) / len(joined)

    return list(interleaved(turns, *map(of_length, LENGTHS)))
