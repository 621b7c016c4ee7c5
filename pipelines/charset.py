"""Bytes to text, whatever the page says of its charset.

Declarations are wrong more often than bytes that happen to be valid UTF-8, so the bytes are asked first. What is not
UTF-8 and declares nothing useful is Windows-1252, byte by byte: pages pasted together from two sources hold both.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Charsets of real pages: Python knows codecs that are none, and some that take minutes.
_TRUSTED = re.compile(r"iso8859-|cp\d|koi8-|mac-|shift_jis|euc_|gb|big5|utf-(?:16|32)")
# Declared, this says nothing: servers send it by default, and browsers read it as Windows-1252.
_EMPTY_WORDS = {"iso8859-1", "cp1252"}
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_HALVES = re.compile(rb"(?:\xed[\xa0-\xbf][\x80-\xbf])+")  # of UTF-16's pairs, which some programs put into UTF-8

# Latin-1 read where Windows-1252 was meant leaves control characters in the place of curly quotes and dashes.
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a page's bytes, without a byte-order mark; `content_type` is the header as sent."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff")
    try:
        return body.decode("utf-8").translate(_C1)
    except UnicodeDecodeError:
        pass
    for name in _declared(body, content_type):
        try:
            encoding = codecs.lookup(name).name
            if _TRUSTED.match(encoding) and encoding not in _EMPTY_WORDS:
                return body.decode(encoding)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return body.decode("utf-8", _AS_CP1252)


def _declared(body: bytes, content_type: str) -> list[str]:
    header = _HEADER.search(content_type)
    meta = _META.search(body[:4096])
    return [m for m in (header and header[1], meta and meta[1].decode("ascii", "ignore")) if m]


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if halves := _HALVES.match(error.object, error.start):
        whole = (
            halves[0]
            .decode("utf-8", "surrogatepass")
            .encode("utf-16-le", "surrogatepass")
            .decode("utf-16-le", "replace")
        )
        return whole, halves.end()
    return error.object[error.start : error.end].decode("cp1252", "ignore"), error.end


_AS_CP1252 = "onrecord-cp1252"
codecs.register_error(_AS_CP1252, _as_cp1252)
