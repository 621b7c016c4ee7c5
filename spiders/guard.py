"""What may be fetched: http and https, on the source's own hosts, at public addresses.

The address is judged after resolution, so that no name, spelling or redirect leads to a private one.
"""

from __future__ import annotations

import logging
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

logger = logging.getLogger(__name__)


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Whether an IP address is one of the public internet."""
    if isinstance(ip, IPv6Address):
        if inner := ip.ipv4_mapped or ip.sixtofour:
            return is_public(inner)
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is, in any spelling a system connects to (127.1, 0x7f000001, 017700000001)."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return ip_address(socket.inet_aton(host))
    except OSError:
        return None


class Refused(IgnoreRequest):
    """A request that this source must not make; the message says why."""


class Guard:
    """Downloader middleware: refuses what is not http(s), not on the source's hosts, or a private address.

    Redirects come through here again, one hop at a time.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.loopback: bool = crawler.settings.getbool("ONRECORD_LOOPBACK")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Guard:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises Refused."""
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"}:
            raise Refused(f"refused: {parts.scheme}: is not fetched")
        if parts.username or parts.password:
            raise Refused("refused: an address with a user name")
        source = getattr(self.crawler.spider, "source", None)
        if source is not None and host not in source.hosts:
            raise Refused(f"refused: {host} is not one of the source's hosts")
        ip = literal(host)  # a name is judged when it is resolved
        if ip is not None and not is_public(ip) and not (self.loopback and ip.is_loopback):
            raise Refused(f"refused: {host} is a private address")


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver (TWISTED_DNS_RESOLVER), but a name that leads to a private address is not found."""

    loopback = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        resolver = super().from_crawler(crawler, reactor)
        resolver.loopback = crawler.settings.getbool("ONRECORD_LOOPBACK")
        return resolver

    def getHostByName(self, name: str, timeout: tuple[int, ...] = ()) -> Deferred[str]:  # type: ignore[override]
        return super().getHostByName(name, timeout).addCallback(self._judged, name)

    def _judged(self, address: str, name: str) -> str:
        ip = ip_address(address)
        if is_public(ip) or (self.loopback and ip.is_loopback):
            return address
        refusal = f"refused: {name} leads to the private address {address}"
        logger.warning(refusal)  # Twisted tells no more than that the name was not found
        raise DNSLookupError(refusal)
