"""Datasette's mark for a function that it calls, with a type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from datasette import hookimpl

Function = TypeVar("Function", bound=Callable[..., Any])


def hook(function: Function) -> Function:
    """Datasette calls this function by its name."""
    return cast(Function, hookimpl(function))


def last_hook(function: Function) -> Function:
    """Likewise, after all others of its name."""
    return cast(Function, hookimpl(function, trylast=True))
