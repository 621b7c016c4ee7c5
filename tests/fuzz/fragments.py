"""What the inputs of each target are made of: the words that its reader has an eye for, and some that break readers."""

from __future__ import annotations

from collections.abc import Mapping

_HARD = (
    "\0", "\ufeff", "\u202e", "\u200b", "\u00ad", "\u2028", "\x85", "\x1b[31m", "\ue000", "𝒳", "e\u0301", "\r", "²",
    "٣", "9" * 40, "1e999", "-0", "%", "\\", "&#xd800;", "&#0;", "&lt;", "]]>", "<!--", "<![CDATA[", "<?", "<![",
)  # fmt: skip
_ADDRESSES = (
    "https://news.example/1", "//x", "javascript:alert(1)", "data:,x", "mailto:a@b", "file:///x", "http://[", "#", "?",
    "http://169.254.0.1/", "http://x:99999/", "http://ⅷ.example/", "http://xn--a/", "http://a b/", "../../x", "http://",
)  # fmt: skip
_DAYS = (
    "2026-03-04", "4 March 2026", "31 Sept 2026", "0001-01-01", "99999-01-01", "2026-03-04T00:30:00+99:99", "Yesterday",
)  # fmt: skip

FRAGMENTS: Mapping[str, tuple[str, ...]] = {
    "page": (
        *("\x00", "\x03", "\x06", "\x07", "\x0c", "\x12", "\x04%PDF-1.4\n"),
        *("1 0 obj<</Type/Page>>endobj", "trailer<</Root "),
        *("<html>", "<head>", "<title>", "</title>", "<body>", "<main>"),
        *("<article>", "</article>", "<div>", "</div>", "<p>"),
        *("</p>", "<h1>", "</h1>", "<blockquote>", "<li>", "<br>", "<q>"),
        *("<a href='", "'>", "<table><tr><td>", "<svg>"),
        *("<script type='application/ld+json'>"),
        *('{"@type":"NewsArticle","datePublished":"', '","articleBody":"', '"}', "[["),
        *("<meta property='og:title' content='", "<link rel=canonical href='"),
        *("<time datetime='", "<template>", "<math>"),
        *('{"content_id":1,"details":{"body":"<p>'),
        *("“Inspectors came and went again,” said Ada Quillfeather. ", "\n"),
        *("children's services ", "Ofsted rated the council inadequate. "),
        *("\x05{", "null", *_ADDRESSES, *_DAYS, *_HARD),
    ),
    "text": (
        *("“", "”", '"', "'", "‘", "’", "’s", ",", ".", ":", ";", "(", ")"),
        *("—", "-", "/", "…", "?", "\n\n", "\n", " ", "\t"),
        *("said ", "she said", "told ", "added: ", "according to "),
        *("warned that ", "Mr ", "Cllr ", "Ada Quillfeather"),
        *(", chair of the ", "Ofsted", "the LGA ", "Marlbury Council "),
        *("director of children's services ", "(NSPCC) "),
        *("43 per cent", "£1.7m", "one in 10 ", "a quarter of ", "1,7"),
        *("10^400", "two-thirds ", "12-15", "19 of 153 councils"),
        *("welcomed ", "is not fit for purpose", "inadequate ", "good "),
        *("underfunded ", "and ", "but ", "not ", *_DAYS, *_HARD),
    ),
    "feed": (
        *("\x00", "\x06", "<?xml version='1.0' encoding='", "utf-16", "utf-7"),
        *("'?>", "<!DOCTYPE x [", "<!ENTITY a '", "&a;"),
        *("<rss version='2.0'>", "<channel>", "<item>", "</item>", "<link>"),
        *("</link>", "<title>", "</title>", "<guid>"),
        *("<pubDate>", "</pubDate>", "</channel>", "</rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>"),
        *("</entry>", "<link href='", "'/>", "<updated>", "</updated>"),
        *("<content type='html'>", "</content>", "</feed>"),
        *("<author><name>", "</name></author>", "<summary>", "</summary>"),
        *("<p>The post ", " appeared first on ", "</p>"),
        *("<base href='", "xml:base='", *_ADDRESSES, *_DAYS, *_HARD),
    ),
    "sitemap": (
        *("\x00", "<?xml version='1.0' encoding='", "utf-16", "'?>"),
        *("<!DOCTYPE x [", "<!ENTITY a '", "&a;", "\x00\x1f\x8b\x08"),
        *("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"),
        *("<urlset>", "</urlset>", "<sitemapindex>", "<url>"),
        *("</sitemapindex>", "<sitemap>", "</sitemap>", "</url>", "<loc>"),
        *("</loc>", "<lastmod>", "</lastmod>", "<x:url>"),
        *("<news:news>", "</news:news>", "<news:title>", "</news:title>"),
        *("<news:publication_date>", "<loc/>", "<url/>"),
        *("</news:publication_date>", "<xi:include href='", *_ADDRESSES, *_DAYS, *_HARD),
    ),
    "registry": (
        *("[a]\n", "[a.article]\n", "[[a.listing]]\n", "[[a.article]]\n"),
        *("name = 'A'\n", "hosts = ['a.example']\n", "[["),
        *("type = 'feed'\n", "type = 'html'\n"),
        *("url = 'https://a.example/{since}'\n", "item = '", "match = '", "'\n", "{"),
        *("body = '", "until = '2026-03-04'\n", "key = 'A_KEY'\n"),
        *("type = 'guardian'\n", "floor = ", "disabled = 'x'\n"),
        *("verified = true\n", "format = 'govuk-content'\n", "remove = ['"),
        *("']\n", "dates = ", "1979-05-27T07:32:00Z\n"),
        *("a:has(", ":not(", ":nth-child(9999999999n+1)", "x{99999999999}"),
        *("(?P<a>", "(" * 60, "[" * 60, "= 1e9\n", "0x\n"),
        *("@datetime", "inf\n", "99:99:99\n", '"""', "#", *_ADDRESSES, *_HARD),
    ),
    "lexicon": (
        *("\x00", "\x01", "\x02", "\x03", "\x04", "term,weight,use\n"),
        *("term,topic,weight,more\n", "phrase,kind,reach\n"),
        *("cue,family,polarity,arrow,topic,needs\n"),
        *("id,name,kind,valid_from,valid_to,successor\n", "a,b,c\n", ",", "\n", '"'),
        *("word", "workforce", "negation", "attitude", "critical", "left"),
        *("2026-03", "|", "a|b", "~", "*", "1", "0.5", "#"),
        *('""', "''", ",,,\n", "[", "(", "+", "?", "...", "x" * 200, "\n\n", "\x0c", "\x1c", *_HARD),
    ),
}  # fmt: skip
