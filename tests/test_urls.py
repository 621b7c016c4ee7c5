"""Addresses: one for one page, and which may be asked for at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.urls import LONGEST_URL, both_forms, canonical_url, clean_url, is_fetchable, same_host


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://News.Example/A/", "https://news.example/A"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example:443/a#top", "https://news.example/a"),
        ("http://news.example:80/a", "https://news.example/a"),
        ("http://news.example:8080/a", "http://news.example:8080/a"),
        ("http://127.0.0.1:5000/a/", "http://127.0.0.1:5000/a"),
        ("http://localhost/a", "http://localhost/a"),
        ("http://[::1]:80/a", "http://[::1]/a"),
        ("https://www.news.example/a", "https://news.example/a"),
        ("http://WWW.news.example:8080/a/", "http://news.example:8080/a"),
        (
            "https://www.news.example/a?of=https://www.other.example",
            "https://news.example/a?of=https://www.other.example",
        ),
        ("https://www2.news.example/a", "https://www2.news.example/a"),
        ("https://www.example/a", "https://www.example/a"),
        ("https://user:secret@news.example/a", "https://news.example/a"),
        ("https://news.example/a?utm_source=x&fbclid=1&CMP=y&mc_cid=2&gclid=3&replytocom=4", "https://news.example/a"),
        ("https://news.example/a?page=2&id=1&UTM_Medium=x", "https://news.example/a?id=1&page=2"),
        ("https://news.example/a?q=a%20b&empty=&flag", "https://news.example/a?empty=&flag&q=a%20b"),
        ("https://news.example/a/amp", "https://news.example/a"),
        ("https://news.example/a/amp/", "https://news.example/a"),
        ("https://news.example/camp", "https://news.example/camp"),
        ("notes/a.txt", "notes/a.txt"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@given(
    st.from_regex(
        r"https?://[a-z.]{1,10}(:\d{1,6})?(/[a-zA-Z.%/]{0,12})?(\?[a-z=&_%]{0,12})?(#[a-z]{0,3})?", fullmatch=True
    )
)
def test_canonical_urls_stay_as_they_are(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)
    assert canonical_url(clean_url(url)) == canonical_url(url)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("http://WWW.News.Example/a/?utm_source=x#top", "https://www.news.example/a"),
        ("http://News.Example/a/amp", "https://news.example/a"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_clean_url_keeps_the_host(url: str, clean: str) -> None:
    assert clean_url(url) == clean


@pytest.mark.parametrize("url", ["https://news.example/a", "https://www.news.example/a"])
def test_both_forms_of_an_address(url: str) -> None:
    assert both_forms(url) == ("https://news.example/a", "https://www.news.example/a")


def test_same_host() -> None:
    assert same_host("https://www.news.example/a", "http://news.example/b")
    assert not same_host("https://news.example/", "https://other.news.example/")


@pytest.mark.parametrize(
    "url", ["https://news.example/a", "http://127.0.0.1:5000/", "https://news.example/" + "a" * 1_900]
)
def test_fetchable(url: str) -> None:
    assert is_fetchable(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/a",
        "ftp://news.example/a",
        "file:///a",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@news.example",
        "https://",
        "https:///a",
        "https://news.example/a b",
        "https://news.example/a\n",
        "https://news.example/\x00",
        "https://news.example/\u2028",
        "https://news.example/\ud800",
        "https://news.example\\@other.example/",
        "https://news.example:99999/",
        "https://news.example:0/",
        "https://[broken/",
        "https://news.example/" + "a" * LONGEST_URL,
    ],
)
def test_not_fetchable(url: str) -> None:
    assert not is_fetchable(url)
