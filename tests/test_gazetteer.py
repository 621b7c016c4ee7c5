"""The list of organisations: what it holds, and that a bad line is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.gazetteer import GazetteerEntry, by_id, organisations, read_organisations, the_one
from nlp.lexicon import LexiconError, lexicon

HEADER = "id,name,kind,gss_code,names,acronyms,places,valid_from,valid_to,successor,basis\n"
ENGLISH = {f"local_authority_{kind}" for kind in ("unitary", "london", "metropolitan", "county")}


def test_every_council_with_children_s_services_is_listed() -> None:
    kinds = [entry.kind for entry in organisations()]
    assert sum(kind in ENGLISH for kind in kinds) == 153
    assert kinds.count("local_authority_wales") == 22
    assert kinds.count("local_authority_scotland") == 32
    assert kinds.count("hsc_trust_ni") == 5


def test_councils_of_today_have_codes_of_their_own_and_a_place() -> None:
    councils = [
        entry for entry in organisations() if entry.is_council and not entry.kind.endswith(("_former", "_future"))
    ]
    codes = [entry.gss_code for entry in councils]
    assert all(codes)
    assert len(set(codes)) == len(codes)
    assert all(entry.places for entry in councils)


def test_lists_in_a_cell_are_split() -> None:
    lga = by_id()["lga"]
    assert (lga.name, lga.acronyms, lga.names, lga.places) == ("Local Government Association", ("LGA",), (), ())
    assert by_id()["gb-eng-CMA"].successor == ("gb-eng-CBD", "gb-eng-WAF")
    assert by_id()["gb-eng-ROT"].organisation.name == "Rotherham Metropolitan Borough Council"


def test_no_current_name_is_shared() -> None:
    current = [entry for entry in organisations() if entry.valid_to is None]
    names = [name for entry in current for name in {entry.name, *entry.names}]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("since", "until", "day", "existed"),
    [
        (None, None, "2015-03-31", True),
        ("2018-12", None, "2018-12-01", True),
        ("2018-12", None, "2018-11-30", False),
        ("2001", "2007-03-31", "2007-03-31", True),
        ("2001", "2007-03-31", "2007-04-01", False),
        (None, "2024", "2024-12-31", True),
        (None, "2024", "2025-01-01", False),
    ],
)
def test_existed(since: str | None, until: str | None, day: str, existed: bool) -> None:
    assert GazetteerEntry("x", "X", "charity", valid_from=since, valid_to=until).existed(day) is existed


def test_the_one_meant_depends_on_the_day() -> None:
    old = GazetteerEntry("old", "Westmere County Council", "local_authority_former", valid_to="2019-03-31")
    new = GazetteerEntry("new", "Westmere Council", "local_authority_unitary", valid_from="2019-04-01")
    planned = GazetteerEntry("planned", "West Westmere Council", "local_authority_future", valid_from="2090-04-01")
    assert the_one([old, new, planned], None) is new
    assert the_one([new, old], "2018-06-01") is old
    assert the_one([old, new], "2020-06-01") is new
    assert the_one([old, planned], None) is old
    assert the_one([old], "2024-01-01") is old


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("b,B,charity,,,,,2015-13,,,recalled", "valid_from '2015-13' is no date"),
        ("b,B,charity,,,,,,31/03/2015,,recalled", "valid_to '31/03/2015' is no date"),
        ("b,B,charity,,,,,2015,2014,,recalled", "ends before it begins"),
        ("b,B,charity,,,,,,,nobody,recalled", "successor 'nobody' is no id here"),
        ("a,B,charity,,,,,,,,recalled", "id 'a' stands in line 2 already"),
        ("b,,charity,,,,,,,,recalled", "name is empty"),
        ("b,B,charity", "3 cells where the header has 11"),
    ],
)
def test_a_bad_line_is_refused_with_file_and_line(tmp_path: Path, line: str, complaint: str) -> None:
    file = tmp_path / "organisations.csv"
    file.write_text(f"{HEADER}a,A,charity,,,,,,,,recalled\n{line}\n", encoding="utf-8")
    with pytest.raises(LexiconError) as error:
        read_organisations(file)
    assert f"organisations.csv:3: {complaint}" in str(error.value)


def test_given_names_have_a_gender_and_are_no_everyday_words() -> None:
    genders = {row["name"]: row["gender"] for row in lexicon("given_names")}
    assert set(genders.values()) == {"f", "m", "u"}
    assert [genders[name] for name in ("Debbie", "Andrew", "Sam", "Siobhán", "Mohammed", "Ngozi")] == list("fmufmf")
    assert genders.keys().isdisjoint({"Will", "May", "Reading", "Hope", "Chase", "Council"})
