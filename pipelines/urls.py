"""One address for one page: what the same article is called under all the links that lead to it.

A page is remembered under its canonical address, which need not answer: many a site is only on `www.`, or only off it.
What is asked for, and what people are shown, is the address as it was listed or answered.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

LONGEST_URL = 2_000  # characters

# What mailings, adverts and share buttons add to a link; none of it changes the page.
_TRACKING = frozenset({
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "igshid", "twclid", "yclid", "_ga", "_gl", "cmp",
    "cmpid", "at_medium", "at_campaign", "ns_mchannel", "ns_source", "ns_campaign", "ocid", "ref_src", "replytocom",
    "share", "spm", "mkt_tok",
})  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "mc_", "pk_", "mtm_", "hsa_", "_hs")
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\\]|\s")
_AMP = re.compile(r"/amp/?$", re.IGNORECASE)


def is_fetchable(url: str) -> bool:
    """Whether an address may be asked for at all: http or https, a host, nothing that needs guessing."""
    if len(url) > LONGEST_URL or _UNFIT.search(url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def canonical_url(url: str) -> str:
    """The address that all links to a page have in common: a clean one without `www.`."""
    if not is_fetchable(url):
        return url
    parts = urlsplit(clean_url(url))
    return urlunsplit(parts._replace(netloc=without_www(parts.netloc)))


def clean_url(url: str) -> str:
    """The address, still of the same host, without what differs between links to the same page.

    https unless the site is on this machine or on a port of its own; host in lower case; no default port, fragment,
    tracking parameter, `/amp` or closing slash; other parameters in order. What `is_fetchable` refuses is given back.
    """
    if not is_fetchable(url):
        return url
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if port == (443 if parts.scheme == "https" else 80):
        port = None
    scheme = parts.scheme if port or _is_loopback(host) else "https"
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    path = _AMP.sub("", parts.path).rstrip("/") or "/"
    query = "&".join(sorted(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair)))
    return urlunsplit((scheme, netloc, path, query, ""))


def both_forms(url: str) -> tuple[str, str]:
    """The clean addresses of a page's canonical one: without `www.`, and with it."""
    canonical = canonical_url(url)
    return canonical, canonical.replace("://", "://www.", 1)


def same_host(one: str, other: str) -> bool:
    """Whether two fetchable addresses are of one host, `www.` or not."""
    return without_www(urlsplit(one).hostname or "") == without_www(urlsplit(other).hostname or "")


def without_www(host: str) -> str:
    """A host as it is called with and without `www.`."""
    while host.startswith("www.") and "." in host[4:].strip("."):
        host = host[4:]
    return host


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
