"""A back catalogue on many machines: pages to records as by night, into Parquet (docs/scaling.md)."""

from __future__ import annotations

from importlib import import_module

from onrecord.errors import CannotRun

EXTRA = ("dask", "distributed", "fsspec", "pyarrow")  # imported in this package alone, behind `insist_on_extra`


def insist_on_extra() -> None:
    """Raises CannotRun where what only `onrecord bulk` needs is not installed."""
    for name in EXTRA:
        try:
            import_module(name)
        except ImportError as error:
            raise CannotRun(f"`onrecord bulk` needs {name}, which is not installed: pip install '.[bulk]'") from error
