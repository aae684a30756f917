#!/usr/bin/env python3
"""Builds Wireroom's demonstration websites from the article sources beside this file.

`server.py` uses this module; run on its own it writes the pages to a folder for a look:

    build_site.py --out /tmp/demo-site [--now 2026-01-31T12:00:00+00:00] [--suffix demo.test]

An article source (articles/*.txt) is front matter, an empty line, and paragraphs separated by empty lines:
    site, section, title, standfirst, author, role, age (hours before the clock), caption, tags, credit
    updated   hours before the clock of the last change, when it differs
    copy      the name of another source whose paragraphs are reprinted; then also
    omit      numbers of paragraphs to leave out, from 1, separated by commas
    change    "old => new", repeatable
    hidden    "yes" puts the page into the section that robots.txt forbids
Own paragraphs of a copy are put in front of the reprinted ones.
"""

import argparse
import gzip
import hashlib
import html
import json
import string
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
SITES = json.loads((HERE / "site" / "sites.json").read_text(encoding="utf-8"))
WORDS = json.loads((HERE / "site" / "words.json").read_text(encoding="utf-8"))


@dataclass
class Page:
    """One answer of the server: what it says and when it last changed."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    modified: datetime | None = None
    status: int = 200
    headers: dict = field(default_factory=dict)

    @property
    def etag(self):
        return '"' + hashlib.sha256(self.body).hexdigest()[:20] + '"'


@dataclass
class Article:
    """An article source, with its times resolved against the clock."""

    name: str
    site: str
    section: str
    title: str
    standfirst: str
    author: str
    role: str
    published: datetime
    updated: datetime
    caption: str
    tags: list
    credit: str
    hidden: bool
    paragraphs: list

    @property
    def number(self):
        return 100000 + zlib.crc32(self.name.encode()) % 900000

    @property
    def path(self):
        site = SITES[self.site]
        if self.hidden:
            return site["hidden"] + self.name
        day = self.published
        return site["path"].format(section=self.section, slug=self.name, number=self.number, yyyy=f"{day:%Y}",
                                   mm=f"{day:%m}", dd=f"{day:%d}")


def read_source(path):
    """Splits a source file into its fields (`change` is a list) and its paragraphs."""
    head, _, text = path.read_text(encoding="utf-8").strip().partition("\n\n")
    fields = {"change": []}
    for line in head.splitlines():
        key, separator, value = line.partition(":")
        if not separator:
            raise SystemExit(f"{path.name}: front matter line without a colon: {line!r}")
        if key == "change":
            fields["change"].append(value.strip())
        else:
            fields[key.strip()] = value.strip()
    return fields, [p.replace("\n", " ").strip() for p in text.split("\n\n") if p.strip()]


def reprinted(fields, sources):
    """The paragraphs that a source takes over from the one it copies."""
    if "copy" not in fields:
        return []
    omitted = {int(n) for n in fields.get("omit", "").split(",") if n.strip()}
    paragraphs = [p for n, p in enumerate(sources[fields["copy"]][1], 1) if n not in omitted]
    for change in fields["change"]:
        old, _, new = change.partition(" => ")
        paragraphs = [p.replace(old, new) for p in paragraphs]
    return paragraphs


def load_articles(now):
    """All articles, newest first."""
    sources = {p.stem: read_source(p) for p in sorted((HERE / "articles").glob("*.txt"))}
    articles = []
    for name, (fields, paragraphs) in sources.items():
        published = now - timedelta(hours=float(fields["age"]))
        updated = now - timedelta(hours=float(fields.get("updated", fields["age"])))
        articles.append(Article(
            name, fields["site"], fields["section"], fields["title"], fields.get("standfirst", ""), fields["author"],
            fields.get("role", "Staff reporter"), published, updated, fields.get("caption", ""),
            [t.strip() for t in fields.get("tags", "").split(",") if t.strip()], fields.get("credit", ""),
            fields.get("hidden") == "yes", paragraphs + reprinted(fields, sources)))
    return sorted(articles, key=lambda a: a.published, reverse=True)


def visible_date(moment, language):
    """The date as the page of this language prints it."""
    month = WORDS[language]["months"][moment.month - 1]
    if language == "de":
        return f"{moment.day}. {month} {moment.year}, {moment:%H:%M} Uhr"
    if language == "es":
        return f"{moment.day} de {month} de {moment.year}, {moment:%H:%M} h"
    return f"{month} {moment.day}, {moment.year}"


class Edition:
    """All pages of all hosts at one clock, for one host suffix such as `demo.test` or `localhost:8089`."""

    def __init__(self, now, suffix="demo.test"):
        self.now, self.suffix = now, suffix
        self.articles = load_articles(now)
        self.pages = {}
        for key in SITES:
            self.build(key)

    def base(self, key):
        return f"http://{key}.{self.suffix}"

    def of(self, key, hidden=False):
        return [a for a in self.articles if a.site == key and (hidden or not a.hidden)]

    def url(self, article):
        return self.base(article.site) + article.path

    def build(self, key):
        site = SITES[key]
        add = lambda path, page: self.pages.__setitem__((key, path), page)
        for article in self.of(key, hidden=True):
            add(article.path, self.article_page(article))
        add("/", self.list_page(key, site["name"], self.of(key)))
        for section, label in site["sections"].items():
            listed = [a for a in self.of(key) if a.section == section]
            add(f"/{section}/", self.list_page(key, f"{label} - {site['name']}", listed))
        if site.get("hidden"):
            add(site["hidden"], self.list_page(key, site["name"], [a for a in self.of(key, True) if a.hidden]))
        for path, kind in site["feeds"].items():
            add(path, getattr(self, "feed_" + kind)(key, path))
        if site["robots"]:
            text = "\n".join(site["robots"]).format(base=self.base(key)) + "\n"
            add("/robots.txt", Page(text.encode(), "text/plain; charset=utf-8"))
        self.add_sitemaps(key, site["sitemap"], add)

    # Pages

    def encoded(self, key, text, modified):
        site = SITES[key]
        encoding, label = site.get("encoding", "utf-8"), site.get("label", "utf-8")
        return Page(text.encode(encoding, "xmlcharrefreplace"), f"text/html; charset={label}", modified)

    def links(self, articles):
        return "".join(f'<li><a href="{html.escape(self.url(a))}">{html.escape(a.title)}</a></li>' for a in articles)

    def shared(self, key, seed):
        """What every template of a host may ask for."""
        site, words = SITES[key], WORDS[SITES[key]["lang"]]
        base = self.base(key)
        menu = "".join(f'<li><a href="{base}/{s}/">{label}</a></li>' for s, label in site["sections"].items())
        products = words["products"]
        return {"base": base, "lang": site["lang"], "site": site["name"], "tagline": site["tagline"], "menu": menu,
                "charset": site.get("label", "utf-8"), "product": products[seed % len(products)],
                "advert": words["advert"], "most_read_label": words["most_read"],
                "most_read": self.links(self.of(key)[seed % 3:][:5])}

    def body(self, article):
        """The paragraphs, with the boxes in between that real pages put there."""
        words, parts = WORDS[SITES[article.site]["lang"]], []
        seed = article.number
        for number, paragraph in enumerate(article.paragraphs, 1):
            parts.append(f"<p>{html.escape(paragraph, quote=False)}</p>")
            if number == 2 and len(article.paragraphs) > 3:
                product = words["products"][(seed + 1) % len(words["products"])]
                parts.append(f'<div class="ad-slot"><small>{words["advert"]}</small>'
                             f'<p><a href="http://ads.demo.test/click?c={seed}">{product}</a></p></div>')
            if number == 4 and len(article.paragraphs) > 5 and article.site != "valley":
                others = [a for a in self.of(article.site) if a is not article]
                link = self.links([others[seed % len(others)]])
                parts.append(f'<div class="inline-related"><strong>{words["related"]}:</strong><ul>{link}</ul></div>')
        return "\n".join(parts)

    def comments(self, article):
        pool = WORDS[SITES[article.site]["lang"]]["comments"]
        count = article.number % len(pool)
        chosen = [pool[(article.number + i) % len(pool)] for i in range(count)]
        return count, "".join(f'<div class="comment"><b>{name}</b> <span>{2 + i * 3} h</span><p>{text}</p></div>'
                              for i, (name, text) in enumerate(chosen))

    def article_page(self, a):
        key, escape = a.site, html.escape
        count, comments = self.comments(a)
        others = [o for o in self.of(key) if o is not a and o.section == a.section] or self.of(key)
        updated = f" (updated {visible_date(a.updated, 'en')})" if a.updated != a.published else ""
        values = self.shared(key, a.number) | {
            "title": escape(a.title, quote=False), "title_attr": escape(a.title), "number": a.number,
            "standfirst": escape(a.standfirst, quote=False), "standfirst_attr": escape(a.standfirst),
            "author": escape(a.author), "author_slug": a.author.lower().replace(" ", "-"), "role": escape(a.role),
            "date_iso": a.published.isoformat(timespec="seconds"), "updated_iso": a.updated.isoformat(timespec="seconds"),
            "date_visible": visible_date(a.published, SITES[key]["lang"]), "updated_visible": updated,
            "url": self.url(a), "section": a.section, "section_label": SITES[key]["sections"][a.section],
            "caption": escape(a.caption, quote=False), "credit": escape(a.credit, quote=False), "body": self.body(a),
            "tags": "".join(f"<li>{escape(t)}</li>" for t in a.tags), "related": self.links(others[:4]),
            "comments": comments, "comment_count": count, "jsonld": self.json_ld(a)}
        template = string.Template((HERE / "site" / f"{key}.html").read_text(encoding="utf-8"))
        return self.encoded(key, template.substitute(values), a.updated)

    def json_ld(self, a):
        record = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": a.title,
                  "datePublished": a.published.isoformat(timespec="seconds"), "dateModified": a.updated.isoformat(timespec="seconds"),
                  "author": [{"@type": "Person", "name": a.author}], "mainEntityOfPage": self.url(a),
                  "publisher": {"@type": "NewsMediaOrganization", "name": SITES[a.site]["name"]}, "description": a.standfirst}
        return json.dumps(record, ensure_ascii=False).replace("</", "<\\/")

    def list_page(self, key, heading, articles):
        teasers = "".join(
            f'<div class="teaser"><h2><a href="{html.escape(self.url(a))}">{html.escape(a.title, quote=False)}</a></h2>'
            f"<p>{html.escape(a.standfirst, quote=False)}</p></div>" for a in articles)
        kinds = {"rss2": "application/rss+xml", "rss1": "application/rss+xml", "atom": "application/atom+xml",
                 "json": "application/feed+json"}
        alternates = "".join(f'<link rel="alternate" type="{kinds[kind]}" href="{path}">' for path, kind in SITES[key]["feeds"].items())
        extra = "".join(f'<a href="{path}">{path[8:-5]}</a> ' for path in TROUBLE) if SITES[key].get("broken") else ""
        template = string.Template((HERE / "site" / "list.html").read_text(encoding="utf-8"))
        text = template.substitute(self.shared(key, len(articles)), heading=heading, teasers=teasers, alternates=alternates, extra=extra)
        return self.encoded(key, text, max((a.updated for a in articles), default=self.now))

    # Feeds and sitemaps

    def feed_rss2(self, key, path):
        items = []
        for a in self.of(key):
            link = html.escape(self.url(a) + "?utm_source=rss&utm_medium=feed")
            items.append(f"<item><title>{html.escape(a.title)}</title><link>{link}</link>"
                         f'<guid isPermaLink="false">{key}-{a.number}</guid><pubDate>{format_datetime(a.published)}</pubDate>'
                         f"<dc:creator>{html.escape(a.author)}</dc:creator><category>{a.section}</category>"
                         f"<description><![CDATA[<p>{a.standfirst}</p>]]></description></item>")
        text = ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
                'xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
                f"<title>{SITES[key]['name']}</title><link>{self.base(key)}/</link><description>{SITES[key]['tagline']}</description>"
                f'<atom:link href="{self.base(key)}{path}" rel="self" type="application/rss+xml"/><ttl>15</ttl>'
                + "\n".join(items) + "</channel></rss>\n")
        return Page(text.encode(), "application/rss+xml; charset=utf-8", self.newest(key))

    def feed_atom(self, key, path):
        entries = []
        for a in self.of(key):
            entries.append(f'<entry><title type="text">{html.escape(a.title)}</title><id>tag:{key}.demo.test,2026:{a.number}</id>'
                           f'<link rel="alternate" href="{a.path}"/><published>{a.published.isoformat(timespec="seconds")}</published>'
                           f'<updated>{a.updated.isoformat(timespec="seconds")}</updated><author><name>{html.escape(a.author)}</name></author>'
                           f"<summary>{html.escape(a.standfirst)}</summary></entry>")
        text = (f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="{self.base(key)}/">'
                f"<title>{SITES[key]['name']}</title><id>tag:{key}.demo.test,2026:feed</id><updated>{self.newest(key).isoformat(timespec='seconds')}</updated>"
                f'<link rel="self" href="{path}"/>' + "\n".join(entries) + "</feed>\n")
        return Page(text.encode("iso-8859-1", "xmlcharrefreplace"), "application/atom+xml", self.newest(key))

    def feed_rss1(self, key, path):
        articles = self.of(key)
        members = "".join(f'<rdf:li rdf:resource="{html.escape(self.url(a))}"/>' for a in articles)
        items = "".join(
            f'<item rdf:about="{html.escape(self.url(a))}"><title>{html.escape(a.title)}</title><link>{html.escape(self.url(a))}</link>'
            f"<description>{html.escape(a.standfirst)}</description><dc:creator>{html.escape(a.author)}</dc:creator>"
            f"<dc:date>{a.published.isoformat(timespec='seconds')}</dc:date></item>\n" for a in articles)
        text = ('<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
                'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
                f'<channel rdf:about="{self.base(key)}{path}"><title>{SITES[key]["name"]}</title><link>{self.base(key)}/</link>'
                f"<description>{SITES[key]['tagline']}</description><items><rdf:Seq>{members}</rdf:Seq></items></channel>{items}</rdf:RDF>\n")
        return Page(text.encode(), "application/rdf+xml; charset=utf-8", self.newest(key))

    def feed_json(self, key, path):
        items = [{"id": str(a.number), "url": self.url(a), "title": a.title, "summary": a.standfirst,
                  "date_published": a.published.isoformat(timespec="seconds"), "authors": [{"name": a.author}], "language": "es"}
                 for a in self.of(key)]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": SITES[key]["name"], "home_page_url": self.base(key) + "/",
                "feed_url": self.base(key) + path, "items": items}
        return Page(json.dumps(feed, ensure_ascii=False).encode(), "application/feed+json; charset=utf-8", self.newest(key))

    def newest(self, key):
        return max(a.updated for a in self.of(key))

    def urlset(self, articles, news=False):
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        head += ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">' if news else ">"
        rows = []
        for a in articles:
            detail = (f"<news:news><news:publication><news:name>{SITES[a.site]['name']}</news:name><news:language>{SITES[a.site]['lang']}</news:language>"
                      f"</news:publication><news:publication_date>{a.published.isoformat(timespec='seconds')}</news:publication_date>"
                      f"<news:title>{html.escape(a.title)}</news:title></news:news>") if news else ""
            rows.append(f"<url><loc>{html.escape(self.url(a))}</loc><lastmod>{a.updated.isoformat(timespec='seconds')}</lastmod>{detail}</url>\n")
        return (head + "".join(rows) + "</urlset>\n").encode()

    def add_sitemaps(self, key, kind, add):
        modified, xml = self.newest(key), "application/xml; charset=utf-8"
        if kind == "plain":
            add("/sitemap.xml", Page(self.urlset(self.of(key)), xml, modified))
        elif kind == "index":
            names = ["sitemap_news.xml", "sitemap_all.xml.gz"]
            rows = "".join(f"<sitemap><loc>{self.base(key)}/{n}</loc><lastmod>{modified.isoformat(timespec='seconds')}</lastmod></sitemap>" for n in names)
            index = f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>\n'
            add("/sitemap_index.xml", Page(index.encode(), xml, modified))
            fresh = [a for a in self.of(key) if self.now - a.published < timedelta(hours=48)]
            add("/sitemap_news.xml", Page(self.urlset(fresh, news=True), xml, modified))
            packed = gzip.compress(self.urlset(self.of(key)), mtime=0)
            add("/sitemap_all.xml.gz", Page(packed, "application/x-gzip", modified))


# The pages of the broken shelf; `server.py` answers for them.
TROUBLE = ["/broken/missing.html", "/broken/error.html", "/broken/busy.html", "/broken/moved.html", "/broken/loop.html",
           "/broken/wrong-label.html", "/broken/truncated.html", "/broken/slow.html", "/broken/huge.html", "/broken/report.html",
           "/broken/soft404.html", "/broken/inside.html"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="folder to write to")
    parser.add_argument("--now", help="the clock, ISO 8601; default: this hour")
    parser.add_argument("--suffix", default="demo.test", help="what follows the first label of the host names")
    options = parser.parse_args()
    edition = Edition(clock(options.now), options.suffix)
    for (key, path), page in edition.pages.items():
        name = path.strip("/").replace("/", "_").replace("?", "_") or "index"
        target = Path(options.out) / key / (name if "." in name else name + ".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(page.body)
    print(f"{len(edition.pages)} pages of {len(SITES)} hosts, {len(edition.articles)} articles, in {options.out}")


def clock(text):
    """The demonstration's "now": the argument, or the begin of the present hour."""
    if text:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)


if __name__ == "__main__":
    main()
