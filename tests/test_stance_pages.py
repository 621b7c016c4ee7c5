"""Where bodies stand, over HTTP: the matrix, and how a body's view of a topic went; every number leads to its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from nlp.records import Organisation, Records, Stance
from onrecord.review import plots, stances, stances_body
from onrecord.review.plots import Mark
from onrecord.review.selection import BadAddress
from onrecord.review.stances_leaning import leaning, tally
from onrecord.review.stances_period import Period, period
from tests.sample_file import COUNCIL, LATER, UNION, article, build, spot, store
from tests.test_review_pages import Get, getting, links, quoted, words

CAP = "The cap starves our teams of money."
TRUST = Organisation("Thrapcombe Trust")
FUNDING = "/organisation/3/stances/funding"
FRAMEWORK = "/organisation/2/stances/inspection-framework"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasette.handle_exception.rich", None)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stances") / "night.db"
    db = build(path)
    fill(db)
    db.close()
    return path


@pytest.fixture(scope="module")
def get(path: Path) -> Iterator[Get]:
    yield from getting(path)


def fill(db: Database) -> None:
    """A trust that changed its mind on funding over the years, once without a day; and one stance that is rejected."""
    views = (
        ("2021-03-01", "critical"), ("2022-03-01", "critical"), ("2022-03-09", "mixed"), ("2024-06-01", "supportive"),
        ("2024-06-30", "neutral"), ("2024-07-01", "supportive"), (None, "critical"), ("2024-08-01", "critical"),
    )  # fmt: skip
    for number, (day, polarity) in enumerate(views):
        text = f"The trust spoke. {CAP} So it went in case {number}."
        said = Stance(**spot(text, CAP), topic="funding", polarity=polarity, organisation=TRUST, rule="test")  # type: ignore[arg-type]
        store(db, article(f"https://news.example/cap/{number}", text, published=day), Records(stances=(said,)))
    db.execute("UPDATE organisations SET kind = 'local_authority_county' WHERE name = ?", [COUNCIL.name])
    db.execute("UPDATE organisations SET kind = 'trade_union_former' WHERE name = ?", [UNION.name])
    (key,) = db.execute("SELECT stance_key FROM stances WHERE published = '2024-08-01'").fetchone()
    db.table("reviews").insert(
        {"item_kind": "stance", "item_key": key, "decision": "rejected", "reviewer": "bo", "at": LATER, "text": CAP}
    )
    db.conn.commit()


def cells(page: Any) -> dict[str, str]:
    """What each cell says, by where it leads."""
    found = re.findall(r'<td><a class="cell [\w-]+" href="([^"]+)" title="[^"]*">(.*?)</a>', page.text)
    return {link.replace("&amp;", "&"): re.sub(r"<[^>]+>", "", said) for link, said in found}


# The matrix -----------------------------------------------------------------------------------------------------------


def test_the_matrix_counts_what_each_body_holds_of_each_topic(get: Get) -> None:
    assert cells(get("/stances")) == {
        FUNDING: "◆ 7 divided: 2 supportive, 3 critical, 1 mixed, 1 neutral",
        FRAMEWORK: "▽ 3 rather critical: 1 supportive, 2 critical",
        "/organisation/1/stances/workforce": "▲ 2 supportive: 2 supportive",
    }


def test_every_cell_leads_to_its_words_in_their_context(get: Get) -> None:
    for link, said in cells(get("/stances")).items():
        page = get(link)
        assert page.status_code == 200
        assert len(quoted(page)) == int(said.split()[1])
    assert "/article/4#stance-6" in links(get(FUNDING))
    assert "The trust spoke. The cap starves our teams of money. So it went in case 0." in words(get(FUNDING))


def test_the_matrix_is_a_table_to_those_who_hear_it(get: Get) -> None:
    page = get("/stances").text
    columns = re.findall(r'<th scope="col">(.*?)</th>', page)
    assert columns == ["Body", "inspection framework", "workforce", "funding"], "in the order of the guide"
    assert [re.sub(r"<[^>]+>", "", it) for it in re.findall(r'<th scope="row">(.*?)</th>', page)] == [
        TRUST.name, UNION.name, COUNCIL.name,
    ]  # fmt: skip
    assert "<caption" in page
    assert page.count('<span class="unseen">none</span>') == 6


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "local_authority"}, [COUNCIL.name]),
        ({"kind": "trade_union"}, [UNION.name]),
        ({"kind": "unlisted"}, [TRUST.name]),
        ({"kind": "charity"}, []),
        ({"body": "guild"}, [UNION.name]),
        ({"from": "2025"}, [UNION.name, COUNCIL.name]),
        ({"to": "2025"}, [TRUST.name]),
        ({"from": "2023", "to": "2023"}, []),
        ({"after": "1"}, [UNION.name, COUNCIL.name]),
    ],
    ids=str,
)
def test_the_matrix_can_be_narrowed_down(get: Get, asked: dict[str, str], expected: list[str]) -> None:
    page = get("/stances", **asked)
    assert [re.sub(r"<[^>]+>", "", it) for it in re.findall(r'<th scope="row">(.*?)</th>', page.text)] == expected
    assert expected or "None of these." in words(page)


def test_cells_of_a_time_count_and_lead_to_that_time(get: Get) -> None:
    assert cells(get("/stances", **{"from": "2021", "to": "2022"})) == {
        f"{FUNDING}?from=2021&to=2022": "▼ 3 critical: 2 critical, 1 mixed"
    }
    assert len(quoted(get(f"{FUNDING}?from=2021&to=2022"))) == 3
    assert cells(get("/stances", to="2022"))[f"{FUNDING}?to=2022"].startswith("▼ 3 critical"), "nothing undated"
    assert len(quoted(get(f"{FUNDING}?to=2022"))) == 3


def test_what_is_offered_is_what_there_is(get: Get) -> None:
    page = get("/stances").text
    kinds = page.split('name="kind"')[1].split("</select>")[0]
    assert re.findall(r'value="([^"]+)"', kinds) == ["local_authority", "trade_union", "unlisted"]
    years = page.split('name="from"')[1].split("</select>")[0]
    assert re.findall(r'value="([^"]+)"', years) == ["2026", "2024", "2022", "2021"]


def test_further_bodies_are_a_link_away(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stances, "_BODIES", 2)
    assert COUNCIL.name not in words(get("/stances"))
    (further,) = [link for link in links(get("/stances")) if "after=" in link]
    assert cells(get(further)).keys() == {"/organisation/1/stances/workforce"}


def test_an_empty_file_has_a_matrix_too(tmp_path: Path) -> None:
    from pipelines.schema import open_database

    open_database(tmp_path / "empty.db").close()
    for get in getting(tmp_path / "empty.db"):
        assert "None." in words(get("/stances"))


# A body's view of a topic ---------------------------------------------------------------------------------------------


def test_a_view_is_told_year_by_year(get: Get) -> None:
    page = get(FUNDING)
    said = words(page)
    assert "divided 2 supportive, 3 critical, 1 mixed, 1 neutral." in said
    assert "2021 0 1 0 ▼ critical 2022 0 1 1 ▽ rather critical 2024 2 0 1 ▲ supportive" in said
    label = "Thrapcombe Trust on funding. 2021: 1 critical; 2022: 1 critical, 1 mixed; 2024: 2 supportive, 1 neutral"
    assert f'aria-label="{label}"' in page.text
    assert page.text.count("<rect ") == 5


def test_each_point_and_each_number_leads_to_its_words(get: Get) -> None:
    page = get(FUNDING)
    points = re.findall(r'<a href="([^"]+)" tabindex="-1"><rect [^>]*><title>(.*?)</title>', page.text)
    assert len(points) == 5
    for link, said in points:
        address = link.replace("&amp;", "&").removesuffix("#evidence")
        assert address in [it.removesuffix("#evidence") for it in links(page) if it.startswith(FUNDING)]
        found = get(address)
        assert len(quoted(found)) == int(said.split()[1]), said
    numbers = re.findall(r'href="([^"]+)" aria-label="(\d+) ([\w ]+), (\d{4})"', page.text)
    assert len(numbers) == 5


def test_inside_a_year_it_is_told_month_by_month(get: Get) -> None:
    page = get(FUNDING, **{"from": "2024", "to": "2024"})
    said = words(page)
    assert "June 2024 1 0 1 ▲ supportive July 2024 1 0 0 ▲ supportive" in said
    assert "January 2024" in said
    assert "December 2024" in said
    assert "2021" not in said
    month = get(FUNDING, **{"from": "2024-06", "to": "2024-06"})
    assert len(quoted(month)) == 2
    assert "July 2024 1 0 0" in words(month), "so that one can go from month to month"
    assert '<tr class="chosen"><th scope="row"><a href' in month.text


def test_two_years_are_told_month_by_month(get: Get) -> None:
    said = words(get(FRAMEWORK))
    assert "April 2026 0 1 0 ▼ critical May 2026 1 1 0 ◆ divided" in said
    assert "March 2026" not in said


@pytest.mark.parametrize(("polarity", "expected"), [("", 7), ("supportive", 2), ("critical", 3), ("neither", 2)])
def test_the_words_can_be_narrowed_to_a_polarity(get: Get, polarity: str, expected: int) -> None:
    page = get(FUNDING, polarity=polarity)
    assert quoted(page) == [CAP] * expected
    assert page.text.count('aria-current="true"') == 1


def test_what_is_rejected_is_not_shown(get: Get) -> None:
    assert "1 August 2024" not in words(get(FUNDING))


def test_the_newest_words_come_first_and_the_undated_last(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    order = re.findall(r'datetime="([^"]*)"', get(FUNDING).text)
    assert order == ["2024-07-01", "2024-06-30", "2024-06-01", "2022-03-09", "2022-03-01", "2021-03-01", ""]
    for size in (1, 2, 3, 6):
        monkeypatch.setattr(stances_body, "_PAGE", size)
        seen: list[str] = []
        link: str | None = FUNDING
        while link:
            page = get(link.removesuffix("#evidence"))
            seen += re.findall(r'datetime="([^"]*)"', page.text)
            link = next((it for it in links(page) if "after=" in it), None)
        assert seen == order, size


def test_words_of_one_day_are_all_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = build(tmp_path / "night.db")
    lines = [f"{CAP[:-1]} {number}" for number in range(5)]
    text = "\n\n".join(lines)
    said = [Stance(**spot(text, it), topic="funding", polarity="critical", organisation=TRUST) for it in lines]
    for day in ("2026-01-01", None):
        store(db, article(f"https://news.example/{day}", text, published=day), Records(stances=tuple(said)))
    db.close()
    monkeypatch.setattr(stances_body, "_PAGE", 2)
    for get in getting(tmp_path / "night.db"):
        seen: list[str] = []
        link: str | None = FUNDING
        while link:
            page = get(link.removesuffix("#evidence"))
            seen += quoted(page)
            link = next((it for it in links(page) if "after=" in it), None)
        assert seen == lines[::-1] * 2


@pytest.mark.parametrize("page", ["/organisation/99/stances/funding", "/organisation/3/stances/nonsense"])
def test_what_is_not_there_is_not_found(get: Get, page: str) -> None:
    assert get(page).status_code == 404


def test_a_topic_on_which_nothing_is_on_record_says_so(get: Get) -> None:
    assert "Nothing on record." in words(get("/organisation/3/stances/leadership"))


@pytest.mark.parametrize("page", ["/stances", FUNDING])
@pytest.mark.parametrize("query", [{"from": "soon"}, {"to": "2024-13"}, {"after": "x"}], ids=str)
def test_a_bad_address_is_a_sentence_and_no_error(get: Get, page: str, query: dict[str, str]) -> None:
    answer = get(page, **query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.text


def test_a_bad_polarity_is_a_sentence_too(get: Get) -> None:
    assert get(FUNDING, polarity="angry").status_code == 400


@pytest.mark.parametrize(
    ("page", "link"), [("/", "/stances"), ("/organisation/3", FUNDING), ("/organisation/3", "/stances")]
)
def test_it_is_reached_from_the_other_pages(get: Get, page: str, link: str) -> None:
    inside = get(page).text.split("<main")[1]
    assert f'href="{link}"' in inside
    assert '<a href="/stances">Stances</a>' in get(page).text.split("</nav>")[0]


def test_the_words_of_an_article_stay_words(tmp_path: Path) -> None:
    db = build(tmp_path / "night.db")
    bad = '<img src=x onerror=alert(1)> & "quite so"'
    said = Stance(**spot(bad, bad), topic="funding", polarity="critical", organisation=Organisation(bad), rule=bad)
    store(db, article("https://news.example/bad", bad, title=bad), Records(stances=(said,)))
    db.close()
    for get in getting(tmp_path / "night.db"):
        for page in ("/stances", FUNDING):
            text = get(page, body="onerror").text
            assert "<img" not in text
            assert "&lt;img src=x" in text


def test_the_tables_tell_how_a_view_changed(get: Get) -> None:
    query = {"body": "thrapcombe", "topic": "fund", "_shape": "array"}
    rows = get("/night/how_did_their_view_change.json", **query).json()
    told = [(it["year"], it["supportive"], it["critical"], it["mixed"], it["neutral"], it["latest"]) for it in rows]
    assert told == [
        ("2021", 0, 1, 0, 0, "critical"),
        ("2022", 0, 1, 1, 0, "mixed"),
        ("2024", 2, 0, 0, 1, "supportive"),
    ]
    assert rows[2]["url"] == "https://news.example/cap/5", "not that of what was rejected"
    assert get("/night/how_did_their_view_change.json", **{**query, "topic": "demand"}).json() == []
    assert get("/night/how_did_their_view_change.json", **{**query, "body": ""}).json() == []


# Parts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((4, 1, 0, 9), "supportive"), ((3, 2, 0, 0), "rather supportive"), ((1, 1, 0, 0), "divided"),
        ((0, 0, 3, 1), "divided"), ((1, 4, 0, 0), "rather critical"), ((1, 5, 0, 0), "critical"),
        ((0, 0, 0, 2), "neutral"), ((0, 0, 0, 0), "neutral"),
    ],
)  # fmt: skip
def test_where_counts_lean(counts: tuple[int, ...], expected: str) -> None:
    named = dict(zip(("supportive", "critical", "mixed", "neutral"), counts, strict=True))
    assert leaning(named).word == expected


def test_a_tally_leaves_out_what_there_is_none_of() -> None:
    assert tally({"supportive": 1200, "critical": 0, "mixed": 1, "neutral": 0}) == "1,200 supportive, 1 mixed"


def test_periods_say_what_they_are() -> None:
    assert str(period({"from": "2024", "to": " 2024-03 "})) == "2024 to March 2024"
    assert str(period({"from": "2024-03", "to": "2024-03"})) == "March 2024"
    assert (str(period({"from": "2024"})), str(period({"to": "2024"}))) == ("since 2024", "until 2024")
    assert str(period({"from": ""})) == ""
    assert period({"from": "2024-02", "to": "2024-05"}).year == "2024"
    assert period({"from": "2023", "to": "2024"}).year is None
    assert Period("2024", None).query(polarity="critical", after=None) == "from=2024&polarity=critical"
    with pytest.raises(BadAddress):
        period({"from": "２０２４"})


def test_a_mark_that_leads_somewhere_is_a_link() -> None:
    drawn = plots.columns([Mark(1, "one", leads_to="/x?a=1&b=2"), Mark(2, "two")], "numbers")
    assert drawn.count("<a ") == 1
    assert '<a href="/x?a=1&amp;b=2" tabindex="-1"><rect' in drawn
