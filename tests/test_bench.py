"""The bench measures what it says, beside a yardstick of the same run, and its page has every row."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import pipelines.stages
from onrecord.bench import __main__ as command
from onrecord.bench import beginning, extraction, night, pages, processes, reextraction, turns
from onrecord.bench.__main__ import MEASUREMENTS, main
from onrecord.bench.measured import Measured, Plot, Row
from onrecord.bench.page import HEAD, PAGE, cells, table, text, write
from onrecord.bench.plots import drawn
from onrecord.bench.processes import Ran, run
from onrecord.bench.size import FULL, QUICK
from onrecord.bench.stories import SITES, more, read, texts, words
from onrecord.bench.turns import interleaved, pinned, timed
from onrecord.invented import measure as invented
from onrecord.newsroom import Newsroom
from pipelines.relevance import score
from pipelines.worker import cores
from tests.command import LOCAL, ROOT
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make bench` writes, with little of everything."""
    folder = tmp_path_factory.mktemp("bench")
    page = folder / "performance.md"
    done = CliRunner().invoke(main, ["--quick", "--page", str(page), "--cache", str(folder / "cache")])
    assert done.exit_code == 0, done.output
    return page


def rows(page: Path) -> dict[str, list[str]]:
    """The table's rows by what they are of."""
    _, _, *lines = page.read_text(encoding="utf-8").split("| what |")[1].split("\n\n")[0].splitlines()
    return {what: rest for what, *rest in (line[2:-2].split(" | ") for line in lines)}


def number(cell: str) -> float:
    """The first number of a cell."""
    found = re.search(r"[\d,.]+\d|\d", cell.rpartition(": ")[2])
    assert found, cell
    return float(found[0].replace(",", ""))


# The page ------------------------------------------------------------------------------------------------------------


def test_the_page_of_the_tree_has_the_rows_that_the_program_writes(page: Path) -> None:
    assert list(rows(PAGE)) == list(rows(page)), "run `make bench`"
    headings = re.compile(r"^## .*$", re.MULTILINE)
    assert headings.findall(PAGE.read_text(encoding="utf-8")) == headings.findall(page.read_text(encoding="utf-8"))


def test_every_number_of_the_design_has_its_row(page: Path) -> None:
    wanted = {
        "a whole night": "at least 25 articles/s",
        "memory of a night, all its processes": "at most 400 MB",
        "an unchanged night: requests": "at most 1 times",
        "an unchanged night: rows but the ledger's": "at most 0 rows",
        "extraction on one core": "at least 8,000 words/s",
        "extraction of a text 10 times as long": "at most 11 times",
        "re-extraction on two cores": "at least 1.8 times",
        "storing one more article into the largest file": "at most 1.5 times",
        "the slowest page of ours, 95th percentile": "at most 100 ms",
        "the slowest canned query, 95th percentile": "at most 100 ms, at most 8 times",
        "onrecord --help": "at most 0.3 s",
    }
    found = {what: cells[3] for what, cells in rows(page).items()}
    assert wanted.items() <= found.items()


def test_ratios_are_those_of_the_numbers_beside_them(page: Path) -> None:
    compared = {what: row for what, row in rows(page).items() if "".join(row[1:3]).strip()}
    assert len(compared) > 8
    for what, (measured, yardstick, ratio, *_) in compared.items():
        # Both are printed with three digits.
        assert float(ratio) == pytest.approx(number(measured) / number(yardstick), rel=0.02, abs=0.01), what


def test_what_does_not_depend_on_the_machine_is_so(page: Path) -> None:
    found = rows(page)
    assert found["an unchanged night: requests"][0] == "12 requests"
    assert found["an unchanged night: rows but the ledger's"][0] == "0 rows"
    assert found["an unchanged night: rows but the ledger's"][-1].strip() == "yes"
    assert "47 articles" in page.read_text(encoding="utf-8")


def test_plots_can_be_drawn_and_stand_beside_the_page(page: Path) -> None:
    linked = re.findall(r"!\[.+\]\(performance/(\w+)\.svg\)", page.read_text(encoding="utf-8"))
    assert linked == ["components", "length", "storing", "pages"]
    for name in linked:
        for folder in (page.parent, PAGE.parent):
            assert ElementTree.parse(folder / "performance" / f"{name}.svg").getroot().tag.endswith("svg")


def test_the_page_says_on_what_it_was_measured_and_that_it_compares_with_itself_alone(page: Path) -> None:
    said = page.read_text(encoding="utf-8")
    assert re.search(rf"{os.cpu_count()} cores, .*Python 3\.\d+.*SQLite 3.*scrapy 2.*spacy 3", said)
    assert "Numbers of one run compare with each other alone" in said


def test_make_knows_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(
        r"^bench: .*\n\tOPENBLAS_NUM_THREADS=1 \$\(BIN\)/python -m onrecord\.bench", makefile, re.MULTILINE
    )


def test_one_measurement_is_printed_and_writes_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        MEASUREMENTS,  # type: ignore[arg-type]
        "beginning",
        lambda size: Measured("Beginning", [Row("help", size.turns, "s")], "All of it.", [["one"], ["1"]]),
    )
    done = CliRunner().invoke(main, ["--only", "beginning", "--page", str(tmp_path / "it.md")])
    assert done.exit_code == 0
    assert f"| help | {FULL.turns} s |  |  |  |  |" in done.output
    assert "All of it.\n\n| one |" in done.output
    assert not list(tmp_path.iterdir())


def test_what_is_measured_quickly_is_written_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in MEASUREMENTS:
        monkeypatch.setitem(MEASUREMENTS, name, lambda size: Measured("It", [Row("it", size.turns, "s")], "."))  # type: ignore[index]
    monkeypatch.setattr(command, "PAGE", tmp_path / "page.md")
    assert CliRunner().invoke(main, ["--quick"]).exit_code == 0
    assert not list(tmp_path.iterdir())
    assert CliRunner().invoke(main, []).exit_code == 0
    assert f"| it | {FULL.turns} s |" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_a_page_is_the_same_for_the_same_numbers(tmp_path: Path) -> None:
    plot = Plot("it", "It & that", [("a", 1.0, "one"), ("b", 2.0, "two")])
    one = Measured("One", [Row("this", 1234.5, "ms", "that", 500, times_at_most=2)], "Because.", [], [plot])
    write(tmp_path / "page.md", [one])
    assert text([one], "page").splitlines()[-1] == "![It & that](page/it.svg)"
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == text([one], "page")
    assert (tmp_path / "page/it.svg").read_text(encoding="utf-8") == drawn(plot)
    assert table([HEAD, cells(one.rows[0])]).splitlines()[-1] == (
        "| this | 1,234 ms | that: 500 ms | 2.47 | at most 2 times | **no** |"
    )


def test_bars_are_as_long_as_their_numbers() -> None:
    picture = ElementTree.fromstring(drawn(Plot("it", "It", [("a", 1.0, "one"), ("b", 4.0, "four"), ("c", 0, "none")])))
    bars = [float(bar.attrib["width"]) for bar in list(picture.iter("{http://www.w3.org/2000/svg}rect"))[1:]]
    assert bars == [pytest.approx(bars[1] / 4, rel=0.01), max(bars), 0]
    assert [word.text for word in picture.iter("{http://www.w3.org/2000/svg}text")] == [
        "It", "a", "one", "b", "four", "c", "none",
    ]  # fmt: skip


# Rows ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "wanted", "met"),
    [
        (Row("it", 30, "a/s", at_least=25), "at least 25 a/s", True),
        (Row("it", 24.9, "a/s", at_least=25), "at least 25 a/s", False),
        (Row("it", 400, "MB", at_most=400), "at most 400 MB", True),
        (Row("it", 401, "MB", at_most=400), "at most 400 MB", False),
        (Row("it", 18, "a/s", "one", 10, times_at_least=1.8), "at least 1.8 times", True),
        (Row("it", 17, "a/s", "one", 10, times_at_least=1.8), "at least 1.8 times", False),
        (Row("it", 80, "ms", "bare", 10, at_most=100, times_at_most=8), "at most 100 ms, at most 8 times", True),
        (Row("it", 81, "ms", "bare", 10, at_most=100, times_at_most=8), "at most 100 ms, at most 8 times", False),
        (Row("it", 110, "ms", "bare", 20, at_most=100, times_at_most=8), "at most 100 ms, at most 8 times", False),
        (Row("it", 0, "rows", at_most=0), "at most 0 rows", True),
        (Row("it", 1, "s", "bare", 2), "", None),
    ],
)
def test_what_is_wanted_is_met_or_not(row: Row, wanted: str, met: bool | None) -> None:
    assert (row.wanted, row.met) == (wanted, met)


# Turns ---------------------------------------------------------------------------------------------------------------


def test_what_is_compared_takes_turns_and_the_median_counts() -> None:
    asked: list[str] = []

    def part(name: str, *times: float) -> Any:
        left = iter(times)

        def measure() -> float:
            asked.append(name)
            return next(left)

        return measure

    assert interleaved(3, part("ours", 9, 2, 3), part("theirs", 1, 1, 70)) == (3, 1)
    assert asked == ["ours", "theirs"] * 3


def test_time_is_the_clock_s(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 12.5])
    monkeypatch.setattr(turns, "perf_counter", lambda: next(now))
    assert timed(lambda: None) == 2.5


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not pin")
def test_pinned_processes_have_their_cores_alone() -> None:
    before = os.sched_getaffinity(0)
    with pinned(1):
        assert cores() == 1
        said = run("timeit", "-n1", "-r1", "-s", "import os; print(len(os.sched_getaffinity(0)))", "pass").output
        assert said.splitlines()[0] == "1"
    assert os.sched_getaffinity(0) == before


# Programs ------------------------------------------------------------------------------------------------------------


def test_the_memory_of_a_program_and_of_its_children_is_told() -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; b\"x\" * 10; time.sleep(.3)'])"
    ran = run("timeit", "-n1", "-r1", "-s", f"x = 'x' * 80_000_000; {child}", "pass")
    own, other = ran.memory
    assert own > 80 > 40 > other > 3
    assert ran.seconds > 0.3


def test_a_program_that_fails_ends_the_bench() -> None:
    with pytest.raises(RuntimeError, match=r"onrecord ended with exit code 2: .*No such command"):
        run("onrecord", "nonsense")


def test_settings_of_whoever_measures_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_DELAY", "7")
    said = run("timeit", "-n1", "-r1", "-s", "import os; print(os.environ['ONRECORD_DELAY'])", "pass").output
    assert said.splitlines()[0] == "0"


# Each measurement, by clocks that lie ---------------------------------------------------------------------------------


def test_re_extraction_on_two_cores_is_held_against_one(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[Any, ...]] = []

    def fake(*command: object) -> Ran:
        commands.append(command)
        return Ran({1: 8.0, 2: 5.0}[cores()], (), "")

    monkeypatch.setattr(reextraction, "run", fake)
    monkeypatch.setattr(reextraction, "cores", lambda: 2)
    if cores() < 2:
        pytest.skip("one core")
    (row,) = reextraction.measure(QUICK).rows
    assert (row.measured, row.beside, row.ratio) == (QUICK.reread / 5, QUICK.reread / 8, 1.6)
    assert row.met is False
    assert {command[:3] for command in commands} == {("onrecord", "reextract", "--all")}


def test_the_beginning_is_held_against_a_python_that_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "start", lambda *command: 0.25 if "--help" in command else 0.05)
    (row,) = beginning.measure(QUICK).rows
    assert (row.measured, row.beside, row.met) == (0.25, 0.05, True)


def test_the_slowest_page_and_query_count(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = [
        invented.Measured("front", 1, 20, None, 200),
        invented.Measured("queue", 1, 90, None, 200),
        invented.Measured("table quotes", 1, 300, None, 200),
        invented.Measured("query slow", 1, 60, 30, 200),
        invented.Measured("query quick", 1, 5, 0.5, 200),
    ]
    monkeypatch.setattr(pages, "files", lambda size: {10: Path("small"), 20: Path("large")})
    monkeypatch.setattr(pages, "measure_pages", lambda path, rounds: kinds if path.name == "large" else kinds[::-1])
    page, theirs, query, everything, worst = pages.measure(replace(QUICK, quotes=(10, 20))).rows
    assert (page.measured, page.met) == (90, True)
    assert (theirs.measured, theirs.met) == (300, None)
    assert (query.measured, query.beside, query.met) == (60, 30, True)
    assert (everything.measured, everything.beside) == (65, 30.5)
    assert (worst.measured, worst.ratio) == (5, 10)


def test_components_take_what_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr(extraction, "perf_counter", lambda: float(next(ticks)))
    shares = extraction._shares(texts(2), 1)
    assert next(iter(shares)) == "tokenizer"
    assert {"sentences", "side_by_side", "speakers", "stances"} <= shares.keys()
    assert set(shares.values()) == {2.0}, "a tick for each of two texts"


def test_texts_that_grow_are_made_of_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(extraction, "extract", read.append)
    told = [f"{number} one two" for number in range(10)]
    assert len(extraction._growth(told, 1)) == len(extraction.LENGTHS)
    assert sorted({len(text.split()) for text in read}) == [3 * times for times in extraction.LENGTHS]
    assert words(read) == words(told) * len(extraction.LENGTHS)


# What is measured with -----------------------------------------------------------------------------------------------


def test_invented_articles_are_on_topic_and_the_same_again() -> None:
    carried = more(5)
    assert carried == more(5)
    assert list(carried) == list(SITES)
    told = [article for articles in carried.values() for article in articles]
    assert len({read(article).text for article in told}) == 30
    assert all(score(read(article)).on_topic for article in told)


def test_the_newsroom_lists_and_serves_them() -> None:
    with Newsroom(more(2)) as room:
        for site in SITES:
            assert [a.id for a in room.site(site).articles if a.id.startswith("story-")] == ["story-2", "story-1"]
            newest = room.site(site).articles[0]
            assert room.site(site).reply(room.site(site).shape.page.format(article=newest)).status == 200


def test_rows_are_counted_each_and_the_ledger_is_not(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as db:
        db.executescript("CREATE TABLE runs (a); CREATE TABLE quotes (a); INSERT INTO quotes VALUES (1), (1), (2)")
    before = night._rows(tmp_path / "x.db")
    with sqlite3.connect(tmp_path / "x.db") as db:
        db.executescript(
            "INSERT INTO runs VALUES (1); INSERT INTO quotes VALUES (1); UPDATE quotes SET a = 3 WHERE a = 2"
        )
    assert (night._rows(tmp_path / "x.db") - before).total() == 2


def test_nothing_is_looked_at_where_the_system_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def told_nothing(*_: Any, **__: Any) -> Iterator[str]:
        raise FileNotFoundError

    monkeypatch.setattr(processes.Path, "read_text", told_nothing)
    assert run("timeit", "-n1", "-r1", "pass").memory == ()


# What a night does without -------------------------------------------------------------------------------------------


def test_a_night_and_a_re_extraction_load_nothing_that_the_worker_uses_alone(tmp_path: Path) -> None:
    """They cost half a second and 75 MB."""
    heavy = {"spacy", "thinc", "trafilatura", "pypdf"}
    with Newsroom() as room:
        registry = tmp_path / "sources.toml"
        registry.write_text(room.registry, encoding="utf-8")
        files = ["--db", str(tmp_path / "onrecord.db")]
        for command in (["nightly", "--registry", str(registry), "--source", "charity-press"], ["reextract", "--all"]):
            script = f"import sys; sys.argv[1:] = {[*command, *files]}; from onrecord.cli import main\ntry: main()\n"
            script += f"except SystemExit as code: print(code.code, sorted({heavy} & sys.modules.keys()))"
            done = subprocess.run(
                [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, **LOCAL}, capture_output=True, text=True
            )
            assert done.stdout.splitlines()[-1] == "0 []", done.stderr


def test_pages_that_wait_to_be_read_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that answers faster than pages are read is asked no further, so that they don't fill the memory."""
    names = [str(number) for number in range(40)]
    items = "".join(f"<item><title>Ofsted {name}</title><link>/{name}/</link></item>" for name in names)
    words = "Ofsted inspectors came to see the children’s services of Marlbury council. " * 150  # 11 KB
    answers = {f"/{name}/": Answer(f"<h1>Ofsted {name}</h1><article><p>{words}</p></article>") for name in names}
    answers["/feed"] = Answer(f"<rss version='2.0'><channel>{items}</channel></rss>", type="application/rss+xml")
    quiet: list[int] = []  # how often the site had been asked when nothing more came

    class Stalled:
        """Reads nothing until the site is asked no further."""

        async def run(self, seconds: float, task: Any, *args: Any, **kwargs: Any) -> Any:
            asked = 0
            while not quiet and asked < len(site.paths):
                asked = len(site.paths)
                await asyncio.sleep(0.5)
            quiet.append(asked)
            return task(*args, **kwargs)

    with FaultySite(answers) as site:
        monkeypatch.setattr(pipelines.stages, "shared_worker", Stalled)
        assert crawl(source_at(site.address), tmp_path / "onrecord.db")["new"] == 40
    assert 2 < quiet[0] < 20
