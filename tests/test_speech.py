"""People, quotes and speakers on any text: no exception, offsets that resolve, the same twice, and linear time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp.speakers import CONFIDENCE
from tests.clock import costs_at_most, grows_with_its_input
from tests.reading import read, reader, untokenized

WORDS = [
    *("said", "Ruth", "Okafor", "Helen", "Marsh", "Ofsted", "Ofsted's", "she", "he", "it", "the", "report", "council"),
    *("chair", "of", "Ms", "Cllr", "Dr.", "J.", "van", "according", "to", "by", "was", "found", "and", "but", "with"),
    *("spokesperson", "told", "LGA", "in", "a", "letter", "wrote", "parent", "It", "We", "late", "Microsoft", "May"),
    *("“", "”", '"', "‘", "’", "'", "“we", "late.”", "late,”", '"We', 'late."', "‘we", "late’", "'s", "''", "``"),
    *(
        ",",
        ".",
        ":",
        "said:",
        "–",
        "(",
        ")",
        "…",
        "?",
        "\n\n",
        "\n",
        "\u00a0",
        "issued\u00a0a\u00a0statement",
        "é",
        "😀",
        "5",
        "12%",
    ),
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
STORY = (
    "Ofsted’s report found “late visits and thin records”. Ruth Okafor, chair of the board, said it was “a long road”. "
    "“We are on it,” she said, but Helen Marsh of the NSPCC told the council that the letter was “not enough”.\n\n"
    "A council spokesperson said:\n\nWe know that our records were thin.\n\n"
)


@given(TEXTS)
@example("“ We \n\n “ \n\n late.”")  # a paragraph that is a mark alone
@settings(max_examples=300, deadline=None)
def test_any_text_gives_records_that_resolve_and_the_same_twice(text: str) -> None:
    doc = read(text)
    for record in [*doc._.quotes, *doc._.person_mentions]:
        assert text[record.start : record.end] == record.text
        assert record.text.strip() == record.text != ""
    for quote in doc._.quotes:
        assert quote.rule in CONFIDENCE
        assert 0 < quote.confidence <= 1
        assert quote.speaker is None or quote.speaker in {person.name for person in doc._.people}
    assert {mention.person for mention in doc._.person_mentions} == {person.name for person in doc._.people}
    again = read(text)
    assert (again._.quotes, again._.people, again._.person_mentions) == (
        doc._.quotes,
        doc._.people,
        doc._.person_mentions,
    )


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_characters_do(text: str) -> None:
    assert all(text[quote.start : quote.end] == quote.text for quote in read(text)._.quotes)


BEFORE = ("sentences", "organisations")


def work(text: str) -> Callable[[], None]:
    """What our components have to do with a text; what comes before them is done, and not timed."""
    doc = untokenized(text)
    for name in BEFORE:
        doc = reader().get_pipe(name)(doc)

    def ours() -> None:
        for name, component in reader().pipeline:
            if name not in BEFORE:
                component(doc)

    return ours


@pytest.mark.parametrize("story", [STORY, STORY.replace("\n\n", " ")], ids=["paragraphs", "one paragraph"])
def test_a_text_ten_times_as_long_takes_about_ten_times_as_long(story: str) -> None:
    assert grows_with_its_input(lambda times: work(story * times), 60, 10)


@pytest.mark.parametrize(
    "text",
    [
        '"' * 4_000,
        "“" * 4_000,
        "'s" * 4_000,
        " 's" * 4_000,
        "('a" * 20_000,
        "a" * 200_000,
        "A" * 200_000,
        "he said " * 10_000,
        "Helen Marsh said " * 5_000,
        "Helen Marsh, chair of " * 5_000,
        "was " * 20_000 + "described",
        "he said “we are very late again today” and " * 3_000,
        "Helen Marsh spoke. The senator said “we are late”. They said “you are”. " * 2_000,
        "Helen Marsh, its chair, said it was “late”, and Ruth Okafor “later”, by the chair, " * 2_000,
        "Baroness Marsh of Ely (Lab) of Ely (Con) " * 3_000,
        "Ruth Okafor: “we are late” " * 3_000,
        "“We are late\n\n" * 3_000,
        "“We are very late.”\n\n" * 8_000,
        "“We are late.”\n\n– Helen Marsh\nChair\n\n" * 2_000,
        "Helen Marsh, who chairs its a, a and " * 3_000,
        "Helen Marsh, who chairs the Big Old " * 3_000,
        "Helen Marsh, who chairs the " + "Big Old " * 10_000,
        "Ofsted and the council said that inspectors found Leeds City Council late. " * 2_000,
        "the council's " + "a" * 20_000 + ", " + "a " * 20_000,
        "the council's a, " * 10_000,
        "\n" * 100_000,
    ],
    ids=lambda text: text[:20].strip() or "line breaks",
)
def test_a_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    assert costs_at_most(5, work(text))  # quadratic reading of any of these takes over twenty seconds
