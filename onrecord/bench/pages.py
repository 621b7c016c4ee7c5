"""Every page of the review and every canned query, over files of growing size, beside the bare SELECT."""

from __future__ import annotations

from onrecord.bench import measured
from onrecord.bench.files import files
from onrecord.bench.measured import Plot, Row
from onrecord.bench.size import Size
from onrecord.bench.turns import pinned
from onrecord.invented.measure import Measured
from onrecord.invented.measure import measure as measure_pages

_QUERY = "query "  # what names of canned queries begin with
_TABLES = ("table", "views")  # and those of pages that are Datasette's own


def measure(size: Size) -> measured.Measured:
    """Each kind of page over each file, one at a time."""
    found: dict[int, list[Measured]] = {}
    for quotes, path in files(size).items():
        with pinned(1):
            found[quotes] = list(measure_pages(path, rounds=size.rounds))
    last = found[size.quotes[-1]]
    queries = [it for it in last if it.name.startswith(_QUERY)]
    tables = [it for it in last if it.name.startswith(_TABLES)]
    pages = [it for it in last if it not in queries and it not in tables]
    slowest_page, slowest_table, slowest_query = (max(some, key=lambda it: it.p95) for some in (pages, tables, queries))
    bare = sum(it.bare or 0 for it in queries)
    worst = max(queries, key=lambda it: it.p95 / (it.bare or it.p95))
    return measured.Measured(
        "Pages and queries",
        [
            Row("the slowest page of ours, 95th percentile", slowest_page.p95, "ms", at_most=100),
            Row("the slowest of Datasette's own, 95th percentile", slowest_table.p95, "ms"),
            Row(
                "the slowest canned query, 95th percentile",
                slowest_query.p95,
                "ms",
                "its bare SELECT",
                slowest_query.bare,
                at_most=100,
                times_at_most=8,
            ),
            Row(
                "all canned queries, 95th percentiles",
                sum(it.p95 for it in queries),
                "ms",
                "their bare SELECTs",
                bare,
                times_at_most=8,
            ),
            Row(
                "the canned query that Datasette adds most to, 95th percentile",
                worst.p95,
                "ms",
                "its bare SELECT",
                worst.bare,
            ),
        ],
        f"The slowest page of ours is {slowest_page.name!r}, of Datasette's own {slowest_table.name!r}, the slowest"
        f" query {slowest_query.name!r}; Datasette adds most to {worst.name!r}. Milliseconds of whole answers at the"
        " 95th percentile, several addresses of each kind: of what is named most, of what is rare, and of what"
        " there is none. Each was asked for once before.",
        [
            ["kind", *(f"{quotes:,} quotes" for quotes in found), "bare SELECT"],
            *(
                [
                    it.name,
                    *(f"{next(one.p95 for one in some if one.name == it.name):.1f}" for some in found.values()),
                    "" if it.bare is None else f"{it.bare:.1f}",
                ]
                for it in last
            ),
        ],
        [
            Plot(
                "pages",
                f"Milliseconds at the 95th percentile, in a file of {size.quotes[-1]:,} quotes",
                [(it.name, it.p95, f"{it.p95:.0f} ms") for it in last],
            )
        ],
    )
