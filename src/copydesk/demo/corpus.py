"""A corpus of fictional news stories: each article as several sources spoilt it, and the truth beside them.

`stories.json` has the articles, written for this, and the sources: each is a list of damages and boilerplate in the order
in which it does them, the same to every article, as a site does.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from random import Random

import msgspec

from copydesk.demo.spoil import DAMAGES, Where, insert
from copydesk.model import Copy


class Article(msgspec.Struct, frozen=True):
    """The truth: one article as its author handed it in, and the sources that have it where chance is not to draw them.

    `date` is an ISO date.
    """

    id: str
    title: str
    byline: str
    date: str
    outlet: str
    biography: str
    paragraphs: tuple[str, ...]
    sources: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The article's text, its paragraphs parted by blank lines."""
        return "\n\n".join(self.paragraphs)


class Boilerplate(msgspec.Struct, frozen=True, rename={"kind": "boilerplate"}):
    """Text of the site that it puts into every article: its kind, its place, its wording with the article's `{fields}`."""

    kind: str
    where: Where
    text: str


class Source(msgspec.Struct, frozen=True):
    """A site and what it does to texts. Sources of one line have what chance did to their text in common."""

    name: str
    damages: tuple[str | Boilerplate, ...]
    line: str | None = None
    dated: bool = False


class Story(msgspec.Struct, frozen=True):
    """An article with its copies; `done[i]` names what was done to `copies[i]`, in order: what made a difference to it."""

    article: Article
    copies: tuple[Copy, ...]
    done: tuple[tuple[str, ...], ...]


class Stories(msgspec.Struct, frozen=True):
    """What `stories.json` holds."""

    articles: tuple[Article, ...]
    sources: tuple[Source, ...]


def stories() -> Stories:
    """Read the articles and the sources."""
    return msgspec.json.decode(files(__package__).joinpath("stories.json").read_bytes(), type=Stories)


def corpus(seed: int = 1) -> list[Story]:
    """Every article, in two to five copies by sources that `seed` draws. The same seed gives the same corpus.

    Two to four lines are drawn, and a line comes whole: it is no evidence against itself. Nothing looks whether the copies
    drawn make one another good: what all of them lost, nobody can restore.
    """
    read = stories()
    lines: dict[str, list[Source]] = {}
    for source in read.sources:
        lines.setdefault(source.line or source.name, []).append(source)
    corpus = []
    for article in read.articles:
        rng = Random(f"{seed} {article.id}")
        drawn = [source for line in rng.sample(sorted(lines), rng.randint(2, 4)) for source in lines[line]]
        if article.sources:
            drawn = [source for source in read.sources if source.name in article.sources]
        other = rng.choice([a.title for a in read.articles if a is not article])
        copies, done = zip(*(spoilt(article, source, other, seed) for source in drawn), strict=True)
        corpus.append(Story(article, copies, done))
    return corpus


def spoilt(article: Article, source: Source, other: str, seed: int) -> tuple[Copy, tuple[str, ...]]:
    """The copy of `article` that `source` has, and what was done to it; `other` is the title of another article, to link to."""
    day = date.fromisoformat(article.date)
    fields = {
        "title": article.title,
        "byline": article.byline,
        "biography": article.biography,
        "outlet": article.outlet,
        "date": article.date,
        "day": f"{day:%B} {day.day}, {day.year}",
        "year": day.year,
        "slug": article.id.title(),
        "words": len(article.text.split()),
        "other": other,
    }
    text = article.text
    done = []
    for damage in source.damages:
        before = text
        if isinstance(damage, Boilerplate):
            text = insert(text, damage.text.format(**fields), damage.where)
        else:
            text = DAMAGES[damage](text, Random(f"{seed} {article.id} {source.line or source.name} {damage}"))
        if text != before:
            done.append(damage.kind if isinstance(damage, Boilerplate) else damage)
    copy = Copy(
        id=f"{article.id}/{source.name}",
        text=text,
        source=source.name,
        published=article.date if source.dated else None,
        url=f"https://{source.name}.example/{day:%Y/%m}/{article.id}",
    )
    return copy, tuple(done)
