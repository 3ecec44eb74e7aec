"""The pages: what the calls of the API answer, for people to read."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from copydesk.archive.catalogue import is_archive
from copydesk.export.markup import attribute, escaped, file
from copydesk.export.readable import counted, shortened, sure
from copydesk.web import asked as a
from copydesk.web.article import article
from copydesk.web.calls import CALLS
from copydesk.web.compare import compare
from copydesk.web.decisions import MAKE, decided, decisions
from copydesk.web.drawn import bars, over_time, shared, strip
from copydesk.web.finding import find
from copydesk.web.index import UNSURE, Index, Shown
from copydesk.web.record import dates, figures, statements
from copydesk.web.sources import source, sources
from copydesk.web.stories import stories
from copydesk.web.story import copies, copy, differences, story, variant

if TYPE_CHECKING:
    from starlette.requests import Request

CHOICE = 300
"""Copies that a list to choose from has."""
LONG = 400
"""Characters of a reading that are shown before it is opened."""


class Look:
    """How pages look: the templates, and what they say of all that is shown."""

    def __init__(self, path: Path) -> None:
        self.name = path.resolve().name
        self._templates = Environment(
            loader=PackageLoader("copydesk.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: Markup(escaped(value)) if type(value) is str else value,
        )
        self._templates.globals |= {
            "url": url,
            "counted": counted,
            "sure": sure,
            "UNSURE": UNSURE,
            "strip": strip,
            "shared": shared,
            "bars": bars,
            "over_time": over_time,
            "spanned": spanned,
        }
        self._templates.globals |= {
            "MAKE": MAKE,
            "LONG": LONG,
            "name": self.name,
            "calls": CALLS,
            "is_archive": is_archive(path),
        }
        self._templates.filters |= {
            "attr_of": getattr,
            "attr": lambda text: Markup(attribute(str(text))),
            "short": lambda text, n: shortened(text, n)[0],
            "head": head,
        }

        for template in self._templates.list_templates():
            self._templates.get_template(template)  # made ready now, lest the first reader of each page waits for it

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A template, filled in."""
        return Response(self._templates.get_template(template).render(values), status, media_type="text/html")

    async def base_css(self, _: Request) -> Response:
        """The style that the pages share with those that are exported."""
        return Response(file("base.css") + file("page.css"), media_type="text/css")


class Page(NamedTuple):
    """A page: what it asks for, what it looks up, and the template that shows it."""

    path: str
    asked: type[a.Asked]
    looks_up: Callable[[Index, Any, dict[str, str]], dict[str, Any]]
    template: str
    method: str = "GET"

    def shown(self, shown: Shown, look: Look) -> Callable[[Request], Awaitable[Response]]:
        """What answers a request for the page."""

        async def answer(request: Request) -> Response:
            given = {name: value for name, value in request.query_params.items() if value}
            known = {field.name for field in msgspec.structs.fields(self.asked)}
            if self.asked is a.SourceAsked:
                given.setdefault("source", "")
            if self.method == "POST":
                asked = a.sent(await request.body(), self.asked)
            else:
                asked = a.parameters(self.asked, {name: value for name, value in given.items() if name in known})

            def made() -> Response:
                index = shown.now()
                return look.page(self.template, asked=asked, index=index, **self.looks_up(index, asked, given))

            return await run_in_threadpool(made)

        return answer


def url(path: str, asked: a.Asked | None = None, **more: object) -> Markup:
    """The address of a page that asks the same but for what is told; what is as it is unless told is left out."""
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(asked) if asked is not None else ():
        value = getattr(asked, field.name)
        if field.required or value != field.default:
            values[field.name] = value
    values |= more
    anchor = str(values.pop("anchor", ""))
    pairs = [(name, str(value)) for name, value in values.items() if value is not None]
    query = "?" + urlencode(pairs, errors="replace") if pairs else ""
    return Markup(attribute(f"{path}{query}" + (f"#{anchor}" if anchor else "")))


def head(text: str, most: int) -> str:
    """The beginning of a text, to the end of a word."""
    return text if len(text) <= most else text[:most].rpartition(" ")[0].rstrip(" …") + " …"


def spanned(first: str | None, last: str | None) -> tuple[str, str]:
    """The days that a date stands for: a year or a month as one, else the first and, if it is another, the last.

    >>> spanned("1788-01-01", "1788-12-31"), spanned("2031-05-14", "2031-05-20")
    (('1788', ''), ('2031-05-14', '2031-05-20'))
    """
    if first is None or last is None or first == last:
        return first or "?", ""
    if (first[5:], last) == ("01-01", f"{first[:4]}-12-31"):
        return first[:4], ""
    if first[8:] == "01" and first[:7] == last[:7] and last[8:] == str(monthrange(int(last[:4]), int(last[5:7]))[1]):
        return first[:7], ""
    return first, last


def trouble_page(look: Look, status: int, message: str) -> Response:
    """What went wrong, for people."""
    return look.page("trouble.html", status, message=message, number=status)


def _stories(index: Index, asked: a.StoriesAsked, _: dict[str, str]) -> dict[str, Any]:
    names = index.rows("SELECT source FROM sources WHERE source IS NOT NULL ORDER BY n_copies DESC, source LIMIT 200")
    return {"found": stories(index, asked), "sources": [row["source"] for row in names], "counts": index.counts}


def _story(index: Index, asked: a.StoryAsked, given: dict[str, str]) -> dict[str, Any]:
    here = (asked.at, max(asked.at, _number(given.get("to"), asked.at))) if asked.at is not None else None
    number = _number(given.get("variant"), 0)
    chosen: dict[str, Any] = {"variant": None, "decision": None}
    if number:
        chosen = _variant(index, a.VariantAsked(asked.id, number, asked.version), given)
    if number and asked.part is None and asked.at is None:  # the part that it is in
        asked = msgspec.structs.replace(asked, at=chosen["variant"].start)
    told = story(index, asked)
    return {
        "story": told,
        "body": article(told, number, here),
        "found": copies(index, a.CopiesAsked(asked.id, told.version, size=COPIES)),
        "copies_asked": a.CopiesAsked(asked.id, told.version, size=COPIES),
        "decisions": decisions(index, a.DecisionsAsked(asked.id)).decisions,
        **chosen,
    }


COPIES = 12
"""Copies that stand beside a text at first."""


def _copies(index: Index, asked: a.CopiesAsked, _: dict[str, str]) -> dict[str, Any]:
    return {"found": copies(index, asked), "copies_asked": asked}


def _variant(index: Index, asked: a.VariantAsked, _: dict[str, str]) -> dict[str, Any]:
    told = variant(index, asked)
    return {"variant": told, "decision": decided(index, told)}


def _compare(index: Index, asked: a.CompareAsked, _: dict[str, str]) -> dict[str, Any]:
    told = story(index, a.StoryAsked(asked.id, asked.version))
    ids = index.rows("SELECT copy_id FROM page.copies WHERE story_id = ? ORDER BY copy_id LIMIT ?", asked.id, CHOICE)
    choice = dict.fromkeys([row["copy_id"] for row in ids] + [id_ for id_ in (asked.one, asked.other) if id_])
    if asked.one is None and asked.other is None and ids:
        asked = msgspec.structs.replace(asked, other=ids[0]["copy_id"])
    return {"story": told, "compared": compare(index, asked), "choice": list(choice)}


def _copy(index: Index, asked: a.DifferencesAsked, _: dict[str, str]) -> dict[str, Any]:
    found = differences(index, asked)
    one = copy(index, a.CopyAsked(asked.copy))
    told = story(index, a.StoryAsked(found.story_id, found.version))
    return {"story": told, "copy": one, "found": found}


def _record(index: Index, asked: a.RecordAsked, given: dict[str, str]) -> dict[str, Any]:
    show = given.get("show", "statements")
    looks_up = {"statements": statements, "dates": dates, "figures": figures}.get(show)
    if looks_up is None:
        raise a.Refused(404, f"the record has statements, dates and figures, and no {show}")
    told = story(index, a.StoryAsked(asked.id, asked.version)) if asked.id else None
    return {"show": show, "found": looks_up(index, asked), "story": told}


def _find(index: Index, asked: a.LookedFor | a.FindAsked, _: dict[str, str]) -> dict[str, Any]:
    asks = isinstance(asked, a.FindAsked) or (asked.text.strip() and index.desk)
    return {"found": find(index, a.FindAsked(asked.text)) if asks else None, "length": len(asked.text)}


def _sources(index: Index, asked: a.SourcesAsked, _: dict[str, str]) -> dict[str, Any]:
    return {"found": sources(index, asked)}


def _source(index: Index, asked: a.SourceAsked, _: dict[str, str]) -> dict[str, Any]:
    return {"told": source(index, asked)}


def _nothing(index: Index, asked: a.Asked, _: dict[str, str]) -> dict[str, Any]:
    return {}


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    try:
        return min(max(0, int(text)), 1 << 53)
    except ValueError:
        raise a.Refused(400, f"{text} is no number") from None


PAGES = (
    Page("/", a.StoriesAsked, _stories, "stories.html"),
    Page("/story", a.StoryAsked, _story, "story.html"),
    Page("/story/compare", a.CompareAsked, _compare, "compare.html"),
    Page("/copy", a.DifferencesAsked, _copy, "copy.html"),
    Page("/record", a.RecordAsked, _record, "record.html"),
    Page("/find", a.LookedFor, _find, "find.html"),
    Page("/sources", a.SourcesAsked, _sources, "sources.html"),
    Page("/source", a.SourceAsked, _source, "source.html"),
    Page("/api", a.Asked, _nothing, "api.html"),
    # parts of pages, which their script asks for
    Page("/part/find", a.FindAsked, _find, "part_find.html", "POST"),
    Page("/part/variant", a.VariantAsked, _variant, "part_variant.html"),
    Page("/part/copies", a.CopiesAsked, _copies, "part_copies.html"),
)
