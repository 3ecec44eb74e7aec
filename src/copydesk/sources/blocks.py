"""HTML to text: what stands in one block is a paragraph."""

from __future__ import annotations

BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "details",
            "dialog",
            "div",
            "dl",
            "dt",
        ),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html"),
        *("legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td"),
        *("textarea", "tfoot", "th", "thead", "tr", "ul"),
    }
)
HIDDEN = frozenset({"head", "iframe", "noscript", "object", "script", "style", "svg", "template"})


def text_of_html(html: str) -> str:
    """The text of some HTML: paragraphs parted by an empty line, lines as `br` breaks them, all other white space one space."""
    from lxml.etree import iterwalk
    from lxml.html import fragment_fromstring

    paragraphs: list[list[str]] = [[]]
    hidden = 0
    root = fragment_fromstring(html, create_parent="div")
    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            hidden += tag in HIDDEN
            if tag in BLOCKS:
                paragraphs.append([])
            elif tag == "br":
                paragraphs[-1].append("\n")
            if not hidden and tag and element.text:
                paragraphs[-1].append(element.text.replace("\n", " "))
        else:
            hidden -= tag in HIDDEN
            if tag in BLOCKS:
                paragraphs.append([])
            if not hidden and element.tail:
                paragraphs[-1].append(element.tail.replace("\n", " "))
    lines = ("\n".join(" ".join(line.split()) for line in "".join(parts).split("\n")).strip() for parts in paragraphs)
    return "\n\n".join(line for line in lines if line)
