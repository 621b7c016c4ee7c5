"""How days, numbers and names are put for people; `FILTERS` are these by their names in templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pipelines.urls import is_fetchable

# Not strftime's, which speaks the machine's language.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_VERDICTS = {
    None: "to review", "accepted": "accepted", "rejected": "rejected", "corrected": "corrected", "reopened": "reopened",
}  # fmt: skip

_UNITS = {"count": "", "percent": "%", "gbp": "pounds", "fraction": "as a fraction"}


def day(value: str | None) -> str:
    """“2026-04-30” as “30 April 2026”."""
    if not value:
        return "undated"
    year, month, number = value[:10].split("-")
    return f"{int(number)} {_MONTHS[int(month) - 1]} {year}"


def moment(value: str | None) -> str:
    """A time in UTC as “30 April 2026, 01:30”."""
    if not value:
        return "never"
    time = datetime.fromisoformat(value)
    return f"{day(value)}, {time:%H:%M}"


def month(value: str) -> str:
    """“2026-04” as “April 2026”."""
    year, number = value.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def number(value: float | None) -> str:
    """1234567 as “1,234,567”, 0.25 as it is, None as nothing."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,g}"


def counted(value: int, one: str, many: str = "") -> str:
    """“1 quote”, “2 quotes”."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def status(value: str | None) -> str:
    """A decision in a word."""
    return _VERDICTS[value]


def plain(value: str | None) -> str:
    """A word of the records as people write it: “inspection-framework” as “inspection framework”."""
    return (value or "").replace("-", " ").replace("_", " ")


def amount(figure: Any) -> str:
    """What a figure says, in a line: “over 412,000,000 pounds · spent on placements”."""
    number_of = number(figure.value) + (f" to {number(figure.high)}" if figure.high is not None else "")
    parts = (plain(figure.qualifier), number_of, _UNITS.get(figure.unit, figure.unit))
    return " · ".join((" ".join(filter(None, parts)), *filter(None, (figure.change, figure.of))))


def web(address: str | None) -> str | None:
    """The address where a link may lead to it: http(s) and nothing odd; else None."""
    return address if address and is_fetchable(address) else None


def who(person: str | None, role: str | None, organisation: str | None) -> str:
    """Who speaks, in one line; "" for nobody known."""
    return ", ".join(part for part in (person, role, organisation) if part)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "day": day,
    "moment": moment,
    "month": month,
    "number": number,
    "counted": counted,
    "status": status,
    "plain": plain,
    "web": web,
    "amount": amount,
}
