"""Bodies that come packed: unpacked as long as they stay small, and whole or not at all.

Scrapy's own middleware takes what there is of one that breaks off, and half an article would pass for a whole one.
"""

from __future__ import annotations

import sys
import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_MEMBERS = 64  # packed bodies behind each other, of which gzip and zstd make one

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"  # how a member begins
_WINDOW: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}  # 8 MiB, as RFC 9659 has it


class _Unpacker(Protocol):
    """What zlib and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Brotli:
    """The same of brotli."""

    unused_data = b""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return bytes(self._decompressor.process(data, output_buffer_limit=max_length))


class Unpack(HttpCompressionMiddleware):
    """Downloader middleware in the place of Scrapy's."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        return unpacked(body, encoding.decode("latin-1"), max_size) if body else body


def unpacked(body: bytes, coding: str, most: int) -> bytes:
    """The body without its coding.

    Raises IgnoreRequest for one of more than `most` bytes, ResponseDataLossError for one that is broken or breaks off.
    """
    whole = b""
    for _ in range(MOST_MEMBERS):
        unpacker = _unpacker(body, coding)
        try:
            whole += unpacker.decompress(body, most + 1 - len(whole))
        except (zlib.error, zstd.ZstdError, brotli.error) as error:
            raise ResponseDataLossError(f"no {coding}, or broken") from error
        if len(whole) > most:
            raise IgnoreRequest(f"{coding} that unpacks to more than {most:,} bytes")
        if not unpacker.eof:
            raise ResponseDataLossError(f"{coding} that breaks off")
        body = unpacker.unused_data
        if not body.startswith((_GZIP, _ZSTD)):
            return whole
    raise IgnoreRequest(f"{coding} of more than {MOST_MEMBERS} members")


def _unpacker(body: bytes, coding: str) -> _Unpacker:
    if coding == "br":
        return _Brotli()
    if coding == "zstd":
        return zstd.ZstdDecompressor(options=_WINDOW)
    if coding == "deflate" and not _is_zlib(body):  # as some servers send it
        return zlib.decompressobj(-zlib.MAX_WBITS)
    return zlib.decompressobj(zlib.MAX_WBITS + (0 if coding == "deflate" else 16))


def _is_zlib(body: bytes) -> bool:
    """Whether the first two bytes are a header of zlib's (RFC 1950)."""
    return body[0] & 15 == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0
