"""Pages as sites make them, of the demo's invented articles: one story in as many layouts as there are functions in `LAYOUTS`.

Around and inside each story stands what sites put there: navigation, a cookie notice, prompts, captions, links, a biography.
"""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files

ARTICLES = json.loads(files("copydesk.demo").joinpath("stories.json").read_text("utf-8"))["articles"]
RELATED = ["Council puts off the vote on the quay", "What the new timetable means for you", "In pictures: the winter market"]
NAV = ["Home", "News", "Sport", "Opinion", "Weather", "Jobs"]
COOKIES = "We use cookies and similar techniques to improve your visit. Read our privacy policy to learn more."
PROMPT = "Get the day's stories in your inbox every morning."
COMMENTS = ["I was there and it was just as they say.", "Who is going to pay for all of this in the end?"]


def text(article: dict) -> str:
    """The story and nothing else."""
    return "\n\n".join(article["paragraphs"])


def links(names: list[str]) -> str:
    return "".join(f'<li><a href="/{n}">{escape(name)}</a></li>' for n, name in enumerate(names))


def head(article: dict, *more: str) -> str:
    title = escape(f"{article['title']} | {article['outlet']}")
    return f'<head><meta charset="utf-8"><title>{title}</title>{"".join(more)}</head>'


def json_ld(article: dict) -> str:
    told = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": article["title"]}
    told |= {"datePublished": f"{article['date']}T06:00:00Z", "author": {"@type": "Person", "name": article["byline"]}}
    return f'<script type="application/ld+json">{json.dumps(told)}</script>'


def paragraphs(article: dict) -> list[str]:
    return [f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in article["paragraphs"]]


def modern(article: dict) -> str:
    """Sections with names that say what they are, and the data that search engines read."""
    body = paragraphs(article)
    body.insert(
        3, f'<aside class="newsletter-signup"><h3>Newsletter</h3><p>{PROMPT}</p><form><input type="email"></form></aside>'
    )
    return (
        f'<!doctype html><html lang="en">{head(article, json_ld(article))}<body>'
        f'<div class="cookie-consent" role="dialog"><p>{COOKIES}</p><button>Accept all</button></div>'
        f"<header><nav><ul>{links(NAV)}</ul></nav></header><main><article><header><h1>{escape(article['title'])}</h1>"
        f'<p class="byline">By <a rel="author" href="/a">{escape(article["byline"])}</a></p>'
        f'<time datetime="{article["date"]}">{article["date"]}</time></header>'
        '<figure><img src="a.jpg" alt=""><figcaption>The scene on the morning after. Photograph: Staff</figcaption></figure>'
        f'<div class="article-body">{"".join(body)}</div>'
        f'<section class="author-bio"><p>{escape(article["biography"])}</p></section>'
        f'</article><aside class="related"><h2>Related</h2><ul>{links(RELATED)}</ul></aside></main>'
        f"<footer><p>© {escape(article['outlet'])}. All rights reserved.</p></footer></body></html>"
    )


def weblog(article: dict) -> str:
    """What a common weblog makes: everything a div, comments below, a widget beside."""
    body = paragraphs(article)
    body.insert(4, f'<p class="read-also"><strong>Read also:</strong> <a href="/r">{RELATED[0]}</a></p>')
    comments = "".join(f'<li class="comment"><div class="comment-body"><p>{words}</p></div></li>' for words in COMMENTS)
    return (
        f"<!DOCTYPE html><html>{head(article)}<body class='single'><div id='page'><div id='masthead'>"
        f"<ul class='menu'>{links(NAV)}</ul></div><div id='content'>"
        f"<div class='post hentry'><h1 class='entry-title'>{escape(article['title'])}</h1>"
        f"<div class='entry-meta'>Posted on <span class='date'>{article['date']}</span> by <span class='author vcard'>"
        f"{escape(article['byline'])}</span></div>"
        f"<div class='entry-content'>{''.join(body)}<div class='sharedaddy'>Share this: "
        "<a href='/t'>Twitter</a> <a href='/f'>Facebook</a></div></div></div><div id='comments'><h2>2 comments</h2>"
        f"<ol>{comments}</ol></div></div>"
        f"<div id='secondary' class='widget-area'><h3>Recent posts</h3><ul>{links(RELATED)}</ul></div>"
        f"<div id='footer'>Proudly made by hand. © {escape(article['outlet'])}</div></div></body></html>"
    )


def table(article: dict) -> str:
    """What old sites make: tables, fonts, lines broken by hand, nothing closed."""
    body = "<br><br>\n".join(escape(paragraph, quote=False) for paragraph in article["paragraphs"])
    menu = "<br>".join(f"<a href=/{n}>{name}</a>" for n, name in enumerate(NAV))
    return (
        f"<html>{head(article)}<body bgcolor=white><table width=100%><tr><td width=120 valign=top><font size=1>{menu}</font>"
        f"<td valign=top><font size=5><b>{escape(article['title'])}</b></font><br>"
        f"<font size=2>By {escape(article['byline'])}<br>"
        f"<br>{body}<br><br></font><td valign=top width=150><font size=1><b>More news</b><br>{'<br>'.join(RELATED)}</font>"
        f"</table><center><font size=1>"
        f"Copyright {escape(article['outlet'])}. All rights reserved.</font></center></body></html>"
    )


def hashed(article: dict) -> str:
    """What builders of single-page sites make: class names that say nothing, a paragraph in a box of its own."""
    body = [f'<div class="css-53u6y8">{paragraph}</div>' for paragraph in paragraphs(article)]
    body.insert(
        2, f'<div class="css-9x1k"><figure><img src="a.jpg"><figcaption>{RELATED[2]}. Credit: Staff</figcaption></figure></div>'
    )
    body.insert(6, '<div class="css-1n6z"><p><a href="/s">Subscribe now for full access to all of our stories.</a></p></div>')
    meta = (
        f'<meta property="og:title" content="{escape(article["title"])}">'
        f'<meta name="author" content="{escape(article["byline"])}">'
        f'<meta property="article:published_time" content="{article["date"]}T06:00:00.000Z">'
    )
    return (
        f'<!doctype html><html lang="en-GB">{head(article, meta)}<body><div id="app"><div class="css-8atqhb"><div>'
        f'{"".join(f"<span>{name}</span>" for name in NAV)}</div></div><section name="articleBody" class="css-1r7ky0e">'
        f'<h1 class="css-rsa88z">{escape(article["title"])}</h1>{"".join(body)}</section><div class="css-zc1">'
        f'<p>{escape(article["biography"])}</p></div><div class="css-2q"><ul>{links(RELATED)}</ul></div></div></body></html>'
    )


def broken(article: dict) -> str:
    """Markup that no rule allows: tags that cross, are never closed or are closed twice, attributes without an end."""
    body = "".join(
        f"<p><b>{paragraph[:9]}<i></b>{paragraph[9:]}</i></span>" for paragraph in map(escape, article["paragraphs"])
    )
    return (
        f"<body><html>{head(article)}"
        "<div class='nav><ul><li><a href='/'>Home</a><li><a href='/n'>News</a></ul></div></div></div>"
        f"<h1>{escape(article['title'])}</h2><div id=story class=article>{body}<p><a href=/x>Back to the top</a></article></p>"
        f"<!-- never closed <div id=foot>© {escape(article['outlet'])}"
    )


LAYOUTS = {layout.__name__: layout for layout in (modern, weblog, table, hashed, broken)}
