"""Editions made by hand, for the tests of the faces: a fictional story, two or three copies, all kinds of variants."""

from __future__ import annotations

from copydesk.model import Copy, Damage, Edition, Fact, Place, Reading, Span, Variant

HEADER = "date 2031-05-14 JOIN OUR MAILING LIST"
BIOGRAPHY = (
    "Ada Quill covers the river towns for the Lower Marl Courier. She joined the paper in 2024 after six years at the harbour "
    "office, where she kept the tide tables. Write to her at the Courier's desk, or look for her on the ferry landing."
)
STORY = (
    "The night ferry to Marl Island ran aground on Tuesday with 41-year-old pilot Oda Brandt at the wheel.\n\n"
    "No one was hurt. The U.K. Coast Office said the re-floating would take “two tides, or three if the wind turns.”\n\n"
    "More than 60 passengers walked ashore over the mud at low water, the harbour master reported."
)


def reading(text: str, *places: tuple[str, int]) -> Reading:
    return Reading(text, tuple(c for c, _ in places), tuple(Place(c, at, at + len(text)) for c, at in places))


def ferry() -> Edition:
    """Two copies: one with a header, one that drops hyphenated words and ends with a biography."""
    first = Copy(
        "marl/000.txt", f"{HEADER}\n\n{STORY}", source="marl", published="2031-05-14", url="https://example.org/a?b=1&c=2"
    )
    flat = STORY.replace("41-year-old", "").replace("re-floating", "").replace("U.K.", "U. K.").replace("\n\n", " ")
    flat = flat.replace("No one", "[No one").replace("turns.”", "turns. ”")
    second = Copy("courier/001.txt", f"{flat} {BIOGRAPHY}")
    shift = len(HEADER) + 2

    def variant(chosen: str, other: str, kind: str, reason: str, confidence: float) -> Variant:
        start = STORY.index(chosen)
        return Variant(
            start,
            start + len(chosen),
            kind,
            (reading(chosen, (first.id, start + shift)), reading(other, (second.id, flat.index(other) if other else 0))),
            0,
            reason,
            confidence,
        )

    end = len(STORY)
    no_one = STORY.index("No one")
    variants = (
        Variant(
            0,
            0,
            "boilerplate: header",
            (reading(HEADER, (first.id, 0)), reading("", (second.id, 0))),
            1,
            "stands before the story in one copy only, holds a date and a prompt to subscribe",
            0.998,
        ),
        variant(
            "41-year-old",
            "",
            "dropped word",
            "001 leaves two spaces where it stood, as at 2 of 2 such words",
            0.99,
        ),
        Variant(
            no_one,
            no_one,
            "stray mark",
            (reading("", (first.id, no_one + shift)), reading("[", (second.id, flat.index("[")))),
            0,
            "the bracket is never closed",
            0.97,
        ),
        variant("U.K.", "U. K.", "spacing", "an abbreviation has no space within", 0.72),
        variant("re-floating", "", "dropped word", "001 leaves two spaces where the word stood", 0.99),
        variant(".”", ". ”", "spacing", "a closing quotation mark stands next to its word", 0.96),
        Variant(
            end,
            end,
            "boilerplate: biography",
            (reading("", (first.id, end + shift)), reading(BIOGRAPHY, (second.id, len(flat) + 1))),
            0,
            "stands after the story in one copy only and tells of a person who is not in it",
            0.98,
        ),
    )
    return Edition(
        text=STORY,
        copies=(first, second),
        spans=(Span(0, end, first.id, shift, shift + end),),
        witnesses=(Span(0, end, first.id, shift, shift + end),),
        variants=variants,
        damage=(
            Damage(second.id, "paragraphs flattened", 2, 2, "every break between paragraphs is one space"),
            Damage(
                second.id, "hyphenated words dropped", 2, 2, "two spaces stand where each of them was", Place(second.id, 60, 62)
            ),
        ),
        metadata=(
            Fact("published", "2031-05-14", Place(first.id, 5, 15)),
            Fact("biography", BIOGRAPHY, Place(second.id, len(flat) + 1, len(flat) + 1 + len(BIOGRAPHY))),
        ),
        confidence=0.991,
    )


def of_one_variant(text: str, start: int, end: int, *others: str, chosen: str | None = None, **about: object) -> Edition:
    """An edition with one variant at `[start, end)`: what the text has there, and the other readings."""
    ids = [f"copy{n}" for n in range(len(others) + 1)]
    texts = [text[start:end] if chosen is None else chosen, *others]
    variant = Variant(
        start=start,
        end=end,
        kind=str(about.get("kind", "word")),
        readings=tuple(reading(t, (i, start)) for t, i in zip(texts, ids, strict=True)),
        chosen=0,
        reason=str(about.get("reason", "two copies of three have it")),
        confidence=float(str(about.get("confidence", 0.9))),
    )
    copies = tuple(Copy(i, text[:start] + t + text[end:]) for i, t in zip(ids, texts, strict=True))
    span = Span(0, len(text), ids[0], 0, len(text))
    return Edition(text, copies, (span,), (span,), (variant,), (), (), 0.9)
