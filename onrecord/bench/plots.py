"""Plots as SVG files: bars with their labels, legible on light and on dark pages."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from onrecord.bench.measured import Plot

_WIDTH, _LINE, _LABELS, _VALUES = 720, 22, 230, 110
_BAR, _INK, _PAPER = "#3b6ea5", "#1c1c1c", "#ffffff"


def drawn(plot: Plot) -> str:
    """The plot as the text of a file."""
    height = _LINE * (len(plot.bars) + 2)
    box = f"0 0 {_WIDTH} {height}"
    picture = Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": box, "width": str(_WIDTH), "role": "img"}
    )
    SubElement(picture, "title").text = plot.title
    SubElement(picture, "rect", {"width": "100%", "height": "100%", "fill": _PAPER})
    words = SubElement(picture, "g", {"font-family": "sans-serif", "font-size": "13", "fill": _INK})
    _word(words, 10, 0, plot.title, **{"font-weight": "bold"})
    longest = max((value for _, value, _ in plot.bars), default=0) or 1
    for number, (label, value, says) in enumerate(plot.bars, start=1):
        length = (_WIDTH - _LABELS - _VALUES) * value / longest
        _word(words, _LABELS - 8, number, label, **{"text-anchor": "end"})
        place = {"x": str(_LABELS), "y": str(number * _LINE + 5), "height": str(_LINE - 6), "width": f"{length:.1f}"}
        SubElement(picture, "rect", {**place, "fill": _BAR})
        _word(words, _LABELS + length + 6, number, says)
    indent(picture)
    return tostring(picture, encoding="unicode") + "\n"


def _word(group: Element, x: float, line: int, text: str, **style: str) -> None:
    SubElement(group, "text", {"x": f"{x:.1f}", "y": str(line * _LINE + 18), **style}).text = text
