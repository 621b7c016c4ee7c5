"""`python -m onrecord.invented.measure DB`: how long pages, feeds and canned queries take over a file, at p50 and p95.

Canned queries are measured beside the bare SELECT, so that it can be told what is SQLite's time and what Datasette's.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from datasette.sql_functions import prepare_connection

from onrecord.serve import datasette


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of one kind of page."""

    name: str
    p50: float
    p95: float
    bare: float | None  # p95 of the SELECT alone
    status: int  # the worst


def measure(path: Path | str, only: str = "", rounds: int = 12) -> Iterator[Measured]:
    """Asks for every kind of page (with `only` in its name) in turn, several of its kind, each `rounds` times.

    The first round is left out; one is asked for at a time.
    """
    application = datasette(path)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    prepare_connection(connection)
    name = Path(path).stem
    queries = application.metadata("databases")[name]["queries"]
    with asyncio.Runner() as runner:
        for kind, asked in addresses(connection, name, list(queries)).items():
            if only in kind:
                sql = queries[kind.removeprefix("query ")]["sql"] if kind.startswith("query ") else None
                yield runner.run(_measured(application, connection, kind, asked, sql, rounds))
    application.executor.shutdown()
    connection.close()


def addresses(
    connection: sqlite3.Connection, name: str, queries: Sequence[str]
) -> dict[str, list[tuple[str, Mapping[str, str]]]]:
    """Addresses by kind of page: of what is named most, of what is rare, and of what there is none."""

    def ids(sql: str) -> list[Any]:
        return [id for (id,) in connection.execute(sql)]

    often = "SELECT organisation_id FROM organisation_counts ORDER BY quotes DESC"
    bodies = [*ids(f"{often} LIMIT 2"), *ids(f"{often} LIMIT 1 OFFSET 100"), *ids(f"{often} LIMIT -1 OFFSET 290")[:1]]
    names = [ids(f"SELECT name FROM organisations WHERE id = {body}")[0] for body in bodies]  # noqa: S608 - numbers
    people = ids("SELECT id FROM people ORDER BY id LIMIT 2")
    person = ids("SELECT name FROM people LIMIT 1")[0]
    newest, middle = ids("SELECT max(id) FROM articles")[0], ids("SELECT max(id) / 2 FROM articles")[0]
    words = ["inspection", "trust courage", "placements Skarnstow", "zebra", '"', "NOT"]
    kinds = ("quote", "figure", "stance")
    given: dict[str, list[dict[str, str]]] = {
        "what_did_they_say": [
            {"who": who, "about": about, "since": since}
            for who, about in [(names[0], "inspection"), (names[2], ""), (person, "trust"), ("", "courage"), ("e", "a")]
            for since in ("", "2026-01-01")
        ],
        "who_speaks_for": [{"body": body} for body in (*names, "Council", "e", "")],
        "latest_statements": [{"organisation": body} for body in names],
        "how_did_their_view_change": [
            {"body": body, "topic": topic} for body in (*names, "Council", "e", "") for topic in ("funding", "")
        ],
        "figures_over_time": [{"body": body} for body in (*names, "Council", "e", "")],
    }
    asked: dict[str, list[str]] = {
        "front": ["/", "/?body=a", "/?body=zebra"],
        "search": [f"/search?{urlencode({'q': word})}" for word in words],
        "organisation": [f"/organisation/{body}" for body in bodies],
        "organisation, narrowed": [
            f"/organisation/{bodies[0]}?{urlencode(narrowed)}"
            for narrowed in (
                {"status": "rejected"}, {"status": "open"}, {"person": people[0]}, {"source": "paper-3"},
                {"min": "0.9"}, {"topic": "leadership"}, {"from": "2025-01-01", "to": "2025-02-01"}, {"rule": "lead"},
            )
        ],
        "queue": [f"/review/{kind}" for kind in kinds] + [f"/review/{kind}.json" for kind in kinds],
        "queue of a body": [f"/review/{kind}?organisation={body}" for kind in kinds for body in bodies],
        "queue, narrowed": [
            f"/review/{kind}?{urlencode(narrowed)}"
            for kind in kinds
            for narrowed in (
                {"status": "corrected"}, {"rule": "none"}, {"max": "0.4"}, {"source": "paper-50"},
                {"topic": "funding"}, {"person": people[1]}, {"from": "2015-01-01", "to": "2015-01-08"},
            )
        ],
        "decisions without a record": ["/review/lost", "/review/lost?before=1000"],
        "stances": [f"/stances?{urlencode(it)}" for it in ({}, {"kind": "charity"}, {"from": "2025"}, {"body": "e"})],
        "stances of a body": [
            f"/organisation/{body}/stances/{topic}{narrowed}"
            for body in bodies
            for topic in ("inspection-framework", "funding")
            for narrowed in ("", "?from=2025&to=2025", "?polarity=neither")
        ],
        "article": [f"/article/{id}" for id in (1, middle, newest)],
        "feed": ["/feed/statements.atom", *(f"/organisation/{body}/statements.atom" for body in bodies)],
        "table statements": [f"/{name}/statements", f"/{name}/statements?organisation={names[2]}&_sort_desc=published"],
        "table quotes": [f"/{name}/quotes", f"/{name}/quotes?_search=inspection", f"/{name}/quotes/1000"],
        "table articles": [f"/{name}/articles", f"/{name}/articles?_search=Skarnstow"],
        "views": [f"/{name}/{view}" for view in ("statements_by_organisation", "stance_matrix", "stances_by_year",
                                                 "figures_checked", "source_health", "orphaned_reviews")],
        "tables": [f"/{name}"],
    }  # fmt: skip
    return {
        **{kind: [(address, {}) for address in these] for kind, these in asked.items()},
        **{
            f"query {query}": [(f"/{name}/{query}?{urlencode(values)}", values) for values in given.get(query, [{}])]
            for query in queries
        },
    }


async def _measured(
    application: Any,
    connection: sqlite3.Connection,
    kind: str,
    asked: list[tuple[str, Mapping[str, str]]],
    sql: str | None,
    rounds: int,
) -> Measured:
    times, bare, status = [], [], 0
    for address, values in asked:
        for turn in range(rounds):
            start = perf_counter()
            response = await application.client.get(address)
            took = perf_counter() - start
            status = max(status, response.status_code)
            if turn:
                times.append(took)
            if sql and turn < 3:
                start = perf_counter()
                connection.execute(sql, values).fetchall()
                bare.append(perf_counter() - start)
    return Measured(kind, _at(times, 50), _at(times, 95), _at(bare, 95) if bare else None, status)


def _at(times: list[float], percentile: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percentile - 1] * 1000


if __name__ == "__main__":
    for it in measure(sys.argv[1], only="".join(sys.argv[2:3])):
        bare = "" if it.bare is None else f"   bare {it.bare:8.1f}"
        print(f"{it.name:28} p50 {it.p50:8.1f}   p95 {it.p95:8.1f}{bare}   {it.status}", flush=True)
