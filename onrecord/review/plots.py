"""Small pictures of counts, as SVG in the page.

No words are in them, for these would shrink with the picture: the page writes them beside it, and each mark says what
it stands for when pointed at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

_HEIGHT = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """A number to draw: what it says when pointed at, the class that gives it its colour, and where it leads.

    Links of a picture are for the mouse: whoever draws one lists them beside it for the keyboard and the ear.
    """

    value: int
    says: str
    kind: str = "quotes"
    leads_to: str | None = None


def columns(marks: Sequence[Mark], says: str) -> Markup:
    """One column for each mark, side by side; `says` is what a screen reader reads instead of the picture."""
    top = max((mark.value for mark in marks), default=0) or 1
    picture = _picture(len(marks) * 10, _HEIGHT, "columns", says)
    for place, mark in enumerate(marks):
        _block(picture, place * 10 + 1, _HEIGHT * (1 - mark.value / top), 8, _HEIGHT * mark.value / top, mark)
    return _drawn(picture)


def share(marks: Sequence[Mark], says: str) -> Markup:
    """One bar, parted between the marks."""
    whole = sum(mark.value for mark in marks) or 1
    picture = _picture(_HEIGHT, 10, "share", says)
    left = 0.0
    for mark in marks:
        width = _HEIGHT * mark.value / whole
        _block(picture, left, 0, width, 10, mark)
        left += width
    return _drawn(picture)


def balance(pairs: Iterable[tuple[Mark, Mark, Mark]], says: str) -> Markup:
    """For each time, what is for it above the line, what is against it below, and what is neither on it."""
    times = list(pairs)
    top = max((mark.value for time in times for mark in time), default=0) or 1
    picture = _picture(len(times) * 10, _HEIGHT, "balance", says)
    half = _HEIGHT / 2
    SubElement(picture, "path", {"d": f"M0 {half}H{len(times) * 10}", "class": "line"})
    for place, (above, below, neither) in enumerate(times):
        left = place * 10 + 1
        _block(picture, left, half - (half - 4) * above.value / top - 4, 8, (half - 4) * above.value / top, above)
        _block(picture, left, half + 4, 8, (half - 4) * below.value / top, below)
        _block(picture, left, half - 2, 8, 4 if neither.value else 0, neither)
    return _drawn(picture)


def _picture(width: float, height: float, kind: str, says: str) -> Element:
    return Element(
        "svg",
        {
            "class": f"plot {kind}",
            "viewBox": f"0 0 {width:g} {height:g}",
            "preserveAspectRatio": "none",
            "role": "img",
            "aria-label": says,
        },
    )


def _block(picture: Element, x: float, y: float, width: float, height: float, mark: Mark) -> None:
    if width <= 0 or height <= 0:
        return
    place = {"x": x, "y": y, "width": width, "height": height}
    if mark.leads_to:
        picture = SubElement(picture, "a", {"href": mark.leads_to, "tabindex": "-1"})
    block = SubElement(picture, "rect", {name: f"{value:.4g}" for name, value in place.items()} | {"class": mark.kind})
    SubElement(block, "title").text = mark.says


def _drawn(picture: Element) -> Markup:
    return Markup(tostring(picture, encoding="unicode"))  # noqa: S704 (ElementTree escapes what it is given)
