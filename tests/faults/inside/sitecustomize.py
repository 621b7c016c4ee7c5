"""What tests do to the program's processes from outside, with this folder on PYTHONPATH; Python reads it by its name.

CLOCK is the time at which the process begins; where a file JUMP is, it is a day earlier.
FAILING is a word that makes extraction fail on every text that has it.
"""

from __future__ import annotations

import datetime as dates
import functools
import os
import time
from typing import Any

if clock := os.environ.get("CLOCK"):
    _true, _jump = time.time, os.environ.get("JUMP", "")
    _shift = dates.datetime.fromisoformat(clock).timestamp() - _true()

    def _told() -> float:
        return _true() + _shift - (86_400 if os.path.exists(_jump) else 0)

    class _Moment(dates.datetime):
        __slots__ = ()  # as large as the class that compiled code knows

        @classmethod
        def now(cls, tz: dates.tzinfo | None = None) -> Any:
            return cls.fromtimestamp(_told(), tz)

    class _Day(dates.date):
        __slots__ = ()  # as large as the class that compiled code knows

        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(_told())

    time.time, dates.datetime, dates.date = _told, _Moment, _Day  # type: ignore[misc]

if failing := os.environ.get("FAILING"):
    import nlp.build

    _extract = nlp.build.extract

    @functools.wraps(_extract)
    def _fails(text: str, *others: Any, **named: Any) -> Any:
        if failing in text:
            raise ZeroDivisionError("a rule failed")
        return _extract(text, *others, **named)

    nlp.build.extract = _fails
