"""The extractors: each reads a page in its own way and gives a text, and what it takes the page to say about it.

Each is a source, damaged in its own way, so they are asked for what they find by themselves, and not for more or less of it:
that is for the edition to decide. No comments, no targets of links, no texts of pictures; paragraphs and tables are kept.
Nothing is fetched, and nothing depends on the clock, as far as it can be had: see `_dated`.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from configparser import ConfigParser
    from datetime import date

LONGEST_TEXT = 1 << 25  # characters of a text; newspaper4k cuts it after 100,000 unless told
LAST_DAY = "2200-01-01"  # htmldate takes no date after today, and today is another day each time
LEAST_LIKELY = 1200  # rank of a language, as resiliparse gives it, from which it is usually a false one
LOGGERS = ("trafilatura", "htmldate", "courlan", "readability", "newspaper", "justext", "tldextract")


class Said(NamedTuple):
    """What an extractor says of a page; an empty text where it finds none. `published` is year-month-day."""

    text: str
    headline: str | None = None
    byline: str | None = None
    published: str | None = None
    language: str | None = None


def installed() -> list[str]:
    """The extractors that are there, by name and in order of it."""
    return [name for name, (module, _) in sorted(EXTRACTORS.items()) if find_spec(module)]


def said(extractor: str, markup: str, url: str | None) -> Said:
    """What the extractor says of a page. Raises whatever it raises."""
    _quiet()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return EXTRACTORS[extractor][1](markup, url)


@cache
def _quiet() -> None:
    """What extractors log is for who listens, and else is not printed."""
    for name in LOGGERS:
        logging.getLogger(name).addHandler(logging.NullHandler())


def _trafilatura(markup: str, url: str | None) -> Said:
    import trafilatura

    read = trafilatura.bare_extraction(
        markup,
        url=url,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"original_date": True, "extensive_search": False, "max_date": LAST_DAY},
        config=_settings(),
    )
    if read is None:
        return Said("")
    return Said(read.text or "", read.title, read.author, read.date, read.language)


@cache
def _settings() -> ConfigParser:
    """The usual ones, save that the size of a page is ours to limit."""
    from trafilatura.settings import use_config

    settings: ConfigParser = use_config()
    settings.set("DEFAULT", "MAX_FILE_SIZE", str(LONGEST_TEXT * 4))
    return settings


def _readability(markup: str, url: str | None) -> Said:
    from readability import Document

    from copydesk.sources.blocks import text_of_html

    read = Document(markup)
    text = text_of_html(read.summary(html_partial=True))
    read = Document(markup)  # reading the summary has changed it
    headline, byline = read.short_title(), read.author()
    unknown = {"[no-title]", "[no-author]", ""}
    return Said(text, None if headline in unknown else headline, None if byline in unknown else byline)


def _justext(markup: str, url: str | None) -> Said:
    import justext

    stoplist, density = _stoplist(_declared_language(markup))
    read = justext.justext(markup, stoplist, stopwords_low=density[0], stopwords_high=density[1])
    return Said("\n\n".join(paragraph.text for paragraph in read if not paragraph.is_boilerplate))


@cache
def _stoplist(language: str | None) -> tuple[frozenset[str], tuple[float, float]]:
    """The words that mark a text of a language, and how many of them; of one it does not know the text goes by its length."""
    import justext

    name = STOPLISTS.get(language or "en")
    return (justext.get_stoplist(name), (0.3, 0.32)) if name else (frozenset(), (0.0, 0.0))


def _newspaper(markup: str, url: str | None) -> Said:
    from newspaper import Article, Config

    settings = Config()
    settings.fetch_images = False
    settings.follow_meta_refresh = False
    settings.max_text = LONGEST_TEXT
    read = Article(url or "", config=settings)
    read.download(input_html=markup, ignore_read_more=True)
    read.parse()
    return Said(
        read.text,
        read.title or None,
        ", ".join(read.authors) or None,
        _dated(read.publish_date, markup, url),
        read.meta_lang or None,
    )


def _dated(found: date | None, markup: str, url: str | None) -> str | None:
    """A day that stands in the page. What a date lacks newspaper4k takes from today's, and so from the clock."""
    if found is None:
        return None
    day = re.compile(rf"\b{found.year:04}(?P<mark>[-/.]?){found.month:02}(?P=mark){found.day:02}(?!\d)")
    return f"{found:%Y-%m-%d}" if day.search(markup) or day.search(url or "") else None


def _resiliparse(markup: str, url: str | None) -> Said:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree
    from resiliparse.parse.lang import detect_fast

    text = extract_plain_text(markup, main_content=True, alt_texts=False, list_bullets=False)
    language, rank = detect_fast(text)
    title = HTMLTree.parse(markup).title
    return Said(text, title or None, language=language if text.strip() and 0 < rank < LEAST_LIKELY else None)


EXTRACTORS: dict[str, tuple[str, Callable[[str, str | None], Said]]] = {
    "jusText": ("justext", _justext),
    "newspaper4k": ("newspaper", _newspaper),
    "readability-lxml": ("readability", _readability),
    "resiliparse": ("resiliparse", _resiliparse),
    "trafilatura": ("trafilatura", _trafilatura),
}
"""By name, the module and what reads a page with it."""


def _declared_language(markup: str) -> str | None:
    """The language that the page says it is in, as two letters."""
    match = re.search(r"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([a-z]{2})\b", markup[: 1 << 16], re.IGNORECASE)
    return match[1].lower() if match else None


STOPLISTS = {
    **{"af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali"},
    **{"bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek"},
    **{"en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian"},
    **{"fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi"},
    **{"hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian"},
    **{"ka": "Georgian", "kk": "Kazakh", "kn": "Kannada", "ko": "Korean", "ky": "Kyrgyz", "la": "Latin"},
    **{"lb": "Luxembourgish", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mr": "Marathi"},
    **{"ms": "Malay", "mt": "Maltese", "nb": "Norwegian_Bokmal", "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian_Nynorsk"},
    **{"no": "Norwegian_Bokmal", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak"},
    **{"sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil"},
    **{"te": "Telugu", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek"},
    **{"vi": "Vietnamese"},
}
"""The lists of words that jusText has, by the language that a page declares."""
