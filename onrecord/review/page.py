"""What our pages share: who may see them, how they read the file, how they are drawn."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Response
from datasette.views.base import DatasetteError

Read = TypeVar("Read")
Row = dict[str, Any]


async def read(datasette: Any, request: Any, ask: Callable[[sqlite3.Connection], Read]) -> Read:
    """What `ask` makes of the file, in one go on a reading connection and within Datasette's limit of time.

    Raises Forbidden where Datasette's permissions keep this visitor from the database, and DatasetteError where it
    takes too long.
    """
    database = datasette.get_database()
    await datasette.ensure_permissions(request.actor, [("view-database", database.name), "view-instance"])

    def within_limit(connection: sqlite3.Connection) -> Read:
        with sqlite_timelimit(connection, datasette.sql_time_limit_ms):
            return ask(connection)

    try:
        return await database.execute_fn(within_limit)  # type: ignore[no-any-return]
    except sqlite3.OperationalError as error:
        if error.args != ("interrupted",):
            raise
        raise DatasetteError("Looking that up took too long: ask for less of it.", status=503) from error


def rows(connection: sqlite3.Connection, sql: str, values: Mapping[str, object] | None = None) -> list[Row]:
    """The rows of a query, by the names of its columns."""
    cursor = connection.execute(sql, values or {})
    columns = [name for name, *_ in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor]


async def drawn(datasette: Any, request: Any, template: str, **context: object) -> Response:
    """The page that a template makes of `context`."""
    return Response.html(await drawn_text(datasette, request, template, **context))


async def drawn_text(datasette: Any, request: Any, template: str, **context: object) -> str:
    """The same, or a part of a page, as text."""
    tables = datasette.urls.database(datasette.get_database().name)
    text: str = await datasette.render_template(template, {"tables": tables, **context}, request=request)
    return text
