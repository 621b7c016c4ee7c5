"""What words say of judgments: which grade, of what; the scale that grades belong to."""

from __future__ import annotations

import pytest

from nlp.graded import COUNCILS, OTHERS, grade_of, grades_in, judged, ratings
from nlp.lexicon import lexicon

POOR = {"requires improvement", "adequate", "inadequate"}


@pytest.mark.parametrize(
    ("of", "grades", "kind"),
    [
        ("children’s services departments rated inadequate", {"inadequate"}, COUNCILS),
        ("departments required improvement", {"requires improvement"}, COUNCILS),
        ("councils given a rating of good", {"good"}, COUNCILS),
        ("authorities given Good ratings", {"good"}, COUNCILS),
        ("inadequate local authorities", {"inadequate"}, COUNCILS),
        ("councils good or outstanding", {"good", "outstanding"}, COUNCILS),
        ("councils less than good", POOR, COUNCILS),
        ("councils adequate", {"adequate"}, COUNCILS),
        ("children's services inspections carried out", set(), COUNCILS),
        ("councils inspected", set(), COUNCILS),
        ("children's homes rated good", {"good"}, OTHERS),
        ("schools judged inadequate", {"inadequate"}, OTHERS),
        ("judged good", {"good"}, None),
    ],
)
def test_what_a_figure_counts(of: str, grades: set[str], kind: str | None) -> None:
    found = judged(of)
    assert found is not None
    assert (found.grades, found.kind) == (grades, kind)


@pytest.mark.parametrize("of", ["social workers", "good ideas", "councils", "outstanding contributions", "goods"])
def test_what_counts_no_judgments(of: str) -> None:
    assert judged(of) is None


def test_the_service_that_was_judged() -> None:
    found = judged("councils inadequate for help and protection")
    assert found is not None
    assert found.judgments == ("help and protection",)


@pytest.mark.parametrize(
    ("printed", "grade"),
    [
        ("Requires improvement to be good", "requires improvement"),
        ("Requires Improvement", "requires improvement"),
        ("Adequate", "adequate"),
        ("Good", "good"),
        ("Exemplary", "exemplary"),
        (None, None),
    ],
)
def test_printed_grades(printed: str | None, grade: str | None) -> None:
    assert grade_of(printed) == grade


def test_the_longest_wording_of_a_grade_counts() -> None:
    assert grades_in("rated inadequate") == {"inadequate"}
    assert grades_in("good or outstanding") == {"good", "outstanding"}
    assert grades_in("goodness") == frozenset()


def test_time_is_linear_in_the_text() -> None:
    text = "Marlbury was rated good. " * 4_000
    names = [(n * 25, n * 25 + 8) for n in range(4_000)]
    assert len(ratings(text, names)) == 4_000


@pytest.mark.parametrize(
    ("text", "grades"),
    [
        ("Marlbury received an inadequate judgment.", ["inadequate"]),
        ("Marlbury received ‘outstanding’ ratings.", ["outstanding"]),
        ("Marlbury was given a ‘good’ overall.", ["good"]),
        ("Marlbury received a good service.", []),
        ("Marlbury was rated good practice.", []),
        ("Ofsted rated Marlbury’s children’s services inadequate.", ["inadequate"]),
        ("Ofsted praised Marlbury, where another council was rated inadequate.", []),
        ("Marlbury was judged to require improvement to be good.", ["requires improvement"]),
        ("Was Marlbury rated good? It wasn't rated good.", []),
    ],
)
def test_ratings(text: str, grades: list[str]) -> None:
    start = text.index("Marlbury")
    assert [rated.grade for rated in ratings(text, [(start, start + 8)])] == grades


def test_grades_of_the_lexicon_are_of_the_scale() -> None:
    told = {grade for row in lexicon("grades") for grade in row["grades"].split("|")}
    assert told == {"outstanding", "good", *POOR}
    assert {row["kind"] for row in lexicon("graded_nouns")} == {COUNCILS, OTHERS}
