"""Which tests hold which fault of docs/reliability.md; `python -m tests.faults.held` writes them into its tables.

A test here says in its name which fault it holds (`test_23_…`, `test_18_and_19_…`), or in the id of a parameter
(`23 …`); tests of other files are named in held_elsewhere.toml.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs/reliability.md"
ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| (.*) \|$", re.MULTILINE)
_NAME = re.compile(r"test_(\d\d)(?:_and_(\d\d))?_")
_ID = re.compile(r"(\d\d)[ _-]")


def held() -> dict[int, list[str]]:
    """The tests of each fault, as pytest takes them from the folder of the tests."""
    found: dict[int, set[str]] = defaultdict(set)
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        for function in _functions(file):
            for number in _numbers(function):
                found[number].add(f"faults/{file.name} -k test_{number:02}")
    for number, names in elsewhere().items():
        found[number] |= set(names)
    return {number: sorted(tests) for number, tests in sorted(found.items())}


def elsewhere() -> dict[int, list[str]]:
    """The tests of other files that hold a fault, one or several, as `test_x.py::test_name`."""
    table = tomllib.loads(Path(__file__).with_name("held_elsewhere.toml").read_text(encoding="utf-8"))
    return {
        int(number): [name.removeprefix("tests/") for name in ([names] if isinstance(names, str) else names)]
        for number, names in table.items()
    }


def exists(test: str) -> bool:
    """Whether there is a test of that name in that file."""
    file, _, name = test.partition("::")
    path = TESTS / file
    return path.is_file() and name in {function.name for function in _functions(path)}


def cell(tests: list[str]) -> str:
    """The last cell of a fault's row."""
    return ", ".join(f"`{test}`" for test in tests) or "none yet"


def rewritten(page: str, tests: Mapping[int, list[str]]) -> str:
    """The page with the tests of each fault in its row."""

    def row(match: re.Match[str]) -> str:
        return f"| {match[1]} | {match[2]} | {match[3]} | {cell(tests.get(int(match[1]), []))} |"

    return ROW.sub(row, page)


def _functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


def _numbers(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[int]:
    if named := _NAME.match(function.name):
        return {int(number) for number in named.groups() if number}
    ids = (
        node.value
        for decorator in function.decorator_list
        for node in ast.walk(decorator)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {int(match[1]) for it in ids if (match := _ID.match(it))}


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), held()), encoding="utf-8")
