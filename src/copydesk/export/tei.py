"""An edition in TEI P5: the text with its apparatus in parallel segmentation, and the witnesses, each to the letter.

A copy is rebuilt from what the paragraphs have outside of `<app>`, and of each `<app>` from the `<lem>` or `<rdg>` whose `wit`
names it; between a `<lacunaStart>` and the `<lacunaEnd>` that it has, there is nothing of it. White space counts.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from copydesk import __version__
from copydesk.export.loci import Loci, Locus, loci
from copydesk.export.xml import attribute, name, spelt, unheld
from copydesk.model import Copy, Edition, Fact, Variant

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://www.tei-c.org/ns/1.0"'
BREAK = re.compile(r"\s*\n\s*")
MOVED = "moved"
PART = 40
"""Letters at its beginning by which a moved block is found that is not in the edition as a whole."""


def document(story: str, edition: Edition) -> str:
    """A story as one TEI document; earlier versions are in its apparatus, and it ends with a line feed."""
    return HEAD + "".join(_Document(story, edition, "").lines(NAMESPACE))


def corpus(stories: Iterable[tuple[str, Edition]], title: str) -> Iterator[str]:
    """Stories as one `teiCorpus`, a piece at a time; the names of story `n` begin with `s{n}.`."""
    yield f"{HEAD}<teiCorpus {NAMESPACE}>\n<teiHeader>\n<fileDesc>\n"
    yield f"<titleStmt><title>{spelt_out(title)}</title></titleStmt>\n"
    yield f"<publicationStmt><authority>Copydesk {__version__}</authority></publicationStmt>\n"
    yield "<sourceDesc><p>The copies are listed with each story.</p></sourceDesc>\n</fileDesc>\n</teiHeader>\n"
    for number, (story, edition) in enumerate(stories, 1):
        yield from _Document(story, edition, f"s{number}.").lines("")
    yield "</teiCorpus>\n"


def token(kind: str) -> str:
    """A kind as the one word that an attribute takes.

    >>> token("word division"), token("boilerplate: newsletter prompt")
    ('word-division', 'boilerplate.newsletter-prompt')
    """
    return re.sub(r"[^\w.]+", "-", kind.replace(": ", "."))


def spelt_out(text: str) -> str:
    """A title, in which what XML cannot hold is spelt."""
    from copydesk.export.readable import visible

    return spelt("".join(visible(char) if char in unheld([char]) else char for char in text))


class _App(NamedTuple):
    """An entry of the apparatus: its number, its locus, the names of the copies that omit it."""

    number: int
    row: Locus
    omitted: frozenset[str]


class _Document:
    """A story on its way to TEI. `prefix` stands before all its names."""

    def __init__(self, story: str, edition: Edition, prefix: str) -> None:
        self.story = story
        self.edition = edition
        self.prefix = prefix
        self.repaired = [(span.start, span.end, span.repaired) for span in edition.spans if span.repaired]
        self.loci: Loci = loci(edition)
        self.names = {copy.id: f"{prefix}w{n}" for n, copy in enumerate(edition.copies, 1)}
        self.witness = [f"#{self.names[copy.id]}" for copy in self.loci.copies]
        self.apps: list[_App] = []
        self.noted: set[int] = set()

    def lines(self, namespace: str) -> Iterator[str]:
        """The document, a piece at a time."""
        yield f"<TEI {namespace}>\n" if namespace else "<TEI>\n"
        yield from self._header()
        yield "<text>\n<body>\n"
        yield from self._body()
        yield from self._links()
        yield "</body>\n"
        if self.loci.strangers:
            yield "<back>\n"
            for copy in self.loci.strangers:
                yield f'<div type="another-text" corresp="#{self.names[copy.id]}"><ab xml:space="preserve">'
                yield f"{self._spelt(copy.text)}</ab></div>\n"
            yield "</back>\n"
        yield "</text>\n</TEI>\n"

    def _spelt(self, text: str) -> str:
        return spelt(text, self.prefix)

    def _header(self) -> Iterator[str]:
        edition = self.edition
        facts: dict[str, Fact] = {fact.name: fact for fact in reversed(edition.metadata)}
        headline = facts["headline"].value if "headline" in facts else self.story
        yield f"<teiHeader>\n<fileDesc>\n<titleStmt><title>{self._spelt(headline)}</title>"
        if "byline" in facts:
            yield f"<author>{self._spelt(facts['byline'].value)}</author>"
        n = len(edition.copies)
        made = f"Reconciled from {n} {'copy' if n == 1 else 'copies'}; confidence {edition.confidence}."
        if edition.earlier:
            made += f" Version {edition.version} of {edition.version}: {edition.reason}."
        yield f"</titleStmt>\n<editionStmt><p>{self._spelt(made)}</p></editionStmt>\n"
        yield f"<publicationStmt><authority>Copydesk {__version__}</authority>"
        yield f'<idno type="story">{self._spelt(self.story)}</idno></publicationStmt>\n<sourceDesc>\n<listWit>\n'
        versions = {id_: version.version for version in (*edition.earlier, edition) for id_ in version.of_version}
        for copy in edition.copies:
            yield from self._witness(copy, versions.get(copy.id))
        yield "</listWit>\n</sourceDesc>\n</fileDesc>\n<encodingDesc>\n"
        yield '<variantEncoding method="parallel-segmentation" location="internal"/>\n'
        chars = unheld(self._texts())
        if chars:
            yield "<charDecl>\n"
            for char in chars:
                yield f'<char xml:id="{name(char, self.prefix)}"><mapping type="codepoint">U+{ord(char):04X}</mapping></char>\n'
            yield "</charDecl>\n"
        yield "</encodingDesc>\n</teiHeader>\n"

    def _texts(self) -> Iterator[str]:
        """All texts that the document has."""
        yield from (self.story, self.edition.text, self.edition.reason)
        for copy in self.edition.copies:
            yield from (copy.id, copy.text, copy.source or "", copy.published or "", copy.url or "")
        yield from (variant.reason for variant in self.edition.variants)
        yield from (damage.reason for damage in self.edition.damage)
        yield from (fact.value for fact in self.edition.metadata)

    def _witness(self, copy: Copy, version: int | None) -> Iterator[str]:
        yield f'<witness xml:id="{self.names[copy.id]}"><idno type="copy">{self._spelt(copy.id)}</idno>'
        told = [f"<publisher>{self._spelt(copy.source)}</publisher>"] if copy.source else []
        told += [f"<date>{self._spelt(copy.published)}</date>"] if copy.published else []
        told += [f'<idno type="URL">{self._spelt(copy.url)}</idno>'] if copy.url else []
        if told:
            yield f"<bibl>{' '.join(told)}</bibl>"
        if version is not None:
            yield f'<note type="version">{version}</note>'
        for damage in self.edition.damage:
            if damage.copy == copy.id:
                said = f"{damage.kind}, {damage.n} of {damage.of}: {damage.reason}"
                yield f'<note type="damage" subtype="{token(damage.kind)}">{self._spelt(said)}</note>'
        yield "</witness>\n"

    def _body(self) -> Iterator[str]:
        """The paragraphs. White space between two of them belongs to the one before."""
        text = self.edition.text
        bounds = sorted({match.end() for match in BREAK.finditer(text)} | {len(text)})
        ends = set(bounds)
        within = ""  # the element that is open
        lost: set[int] = set()
        for number, row in enumerate(self.loci.rows):
            now = {n for n, place in enumerate(row.places) if place is None}
            entries = [*self._lacunae(lost, now)]
            lost = now
            if row.differs or row.variants:
                entries.append(self._app(number, row))
            if entries and not within:
                within = "ab" if row.start == row.end or not (row.differs or row.variants) else "p"
                yield f'<{within} xml:space="preserve">'
            yield from entries
            if within == "ab":
                yield "</ab>\n"
                within = ""
            if row.start == row.end:
                continue
            if not (row.differs or row.variants):
                for start, end in _cut(row, bounds):
                    if not within:
                        within = "p"
                        yield '<p xml:space="preserve">'
                    yield self._spelt(text[start:end])
                    if end in ends:
                        yield "</p>\n"
                        within = ""
            elif row.end in ends and within:
                yield f"</{within}>\n"
                within = ""
        if within:
            yield f"</{within}>\n"
        if not self.loci.rows:
            yield "<ab/>\n"

    def _lacunae(self, before: set[int], now: set[int]) -> Iterator[str]:
        """Where copies break off, and where they go on."""
        for some, mark, out in ((before - now, "lacunaEnd", before), (now - before, "lacunaStart", before)):
            if some:
                there = [wit for n, wit in enumerate(self.witness) if n not in out | some]
                lem = f'<lem wit="{" ".join(there)}"/>' if there else "<lem/>"
                wit = " ".join(self.witness[n] for n in sorted(some))
                yield f'<app type="lacuna">{lem}<rdg wit="{wit}"><{mark}/></rdg></app>'

    def _app(self, number: int, row: Locus) -> str:
        """An entry of the apparatus: what the edition has, the other readings, and why."""
        text = self.edition.text[row.start : row.end]
        groups: dict[str, list[int]] = {}
        for n, place in enumerate(row.places):
            if place is not None:
                groups.setdefault(self.loci.copies[n].text[place[0] : place[1]], []).append(n)
        omitted = frozenset(self.loci.copies[n].id for n in groups.get("", ())) if text else frozenset()
        self.apps.append(_App(len(self.apps) + 1, row, omitted))
        variants = [self.edition.variants[number] for number in row.variants]
        parts = [f'<app xml:id="{self.prefix}a{len(self.apps)}" type="{self._type(number, variants)}">']
        parts.append(self._reading("lem", text, groups.pop(text, []), self._of_lemma(row, variants)))
        for said, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[1])):
            parts.append(self._reading("rdg", said, group, ""))
        for of, variant in zip(row.variants, variants, strict=True):
            if of not in self.noted:
                self.noted.add(of)
                parts.append(
                    f'<note type="reason" subtype="{token(variant.kind)}" cert="{variant.confidence}">'
                    f"{self._spelt(variant.reason)}</note>"
                )
        return "".join([*parts, "</app>"])

    def _type(self, number: int, variants: Sequence[Variant]) -> str:
        """The kind of the widest variant; without one an omission goes on here, or the place is damaged, or versions differ."""
        if variants:
            widest = max(variants, key=lambda variant: variant.end - variant.start)
            return token(widest.kind)
        row = self.loci.rows[number]
        without = self._without(number)
        if without and any(without <= self._without(beside) for beside in (number - 1, number + 1)):
            return "omission"
        changed = any(change.start <= row.end and row.start <= change.end for change in self.edition.changes)
        return "version" if changed else "damage"

    def _without(self, number: int) -> set[int]:
        """The copies that have nothing of what the edition has at a locus."""
        if not 0 <= number < len(self.loci.rows):
            return set()
        row = self.loci.rows[number]
        return {n for n, place in enumerate(row.places) if place and place[0] == place[1]} if row.start < row.end else set()

    def _of_lemma(self, row: Locus, variants: Sequence[Variant]) -> str:
        repaired = [kind for start, end, kind in self.repaired if start < row.end and row.start < end]
        sure = f' cert="{min(variant.confidence for variant in variants)}"' if variants else ""
        return sure + (f' type="repaired" cause="{token(repaired[0])}"' if repaired else "")

    def _reading(self, element: str, text: str, copies: Sequence[int], more: str) -> str:
        wit = f' wit="{" ".join(self.witness[n] for n in copies)}"' if copies else ""
        return f"<{element}{wit}{more}>{self._spelt(text)}</{element}>" if text else f"<{element}{wit}{more}/>"

    def _links(self) -> Iterator[str]:
        """Moved blocks with the places where others have them; and the copies that descend from one another."""
        moves = [*self._moves()]
        for kind, links in ((MOVED, moves), ("line", [[self.names[id_] for id_ in line] for line in self.edition.lines])):
            if links:
                yield f'<linkGrp type="{kind}">\n'
                for names in links:
                    yield f'<link target="{" ".join(f"#{attribute(name)}" for name in names)}"/>\n'
                yield "</linkGrp>\n"

    def _moves(self) -> Iterator[list[str]]:
        """The entry in which copies have a block elsewhere, and those in which they lack it."""
        moved = [app for app in self.apps for n in app.row.variants if self.edition.variants[n].kind == MOVED]
        if not moved:
            return
        letters, offsets = _letters(self.edition.text)
        for app in moved:
            variant = next(v for n in app.row.variants if (v := self.edition.variants[n]).kind == MOVED)
            reading = next(reading for reading in variant.readings if reading.text)
            block = _letters(reading.text)[0]
            at = letters.find(block) if block else -1
            size = len(block)
            if at < 0 < len(block):
                at, size = letters.find(block[:PART]), min(PART, size)
            if at < 0:
                continue
            start, end = offsets[at], offsets[at + size - 1] + 1
            there = [
                other
                for other in self.apps
                if other.row.start < end and start < other.row.end and other.omitted & {*reading.copies}
            ]
            if there:
                yield [f"{self.prefix}a{other.number}" for other in (app, *there)]


def _letters(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text in small letters, and where each stands."""
    found = [(folded, at) for at, char in enumerate(text) if char.isalnum() for folded in char.casefold()]
    return "".join(char for char, _ in found), [at for _, at in found]


def _cut(row: Locus, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The parts of a locus that lie in one paragraph each; `ends` are those of the paragraphs, in order."""
    inside = ends[bisect_right(ends, row.start) : bisect_left(ends, row.end)]
    yield from pairwise([row.start, *inside, row.end])
