"""Damages by name, done by code: what sources do to a text on its way from one site to the next.

Every damage is a function `(text, rng) -> text`, the same for the same text and the same state of `rng`; most need no chance
and leave `rng` alone. A damage spoils text that is there. Text of the site that is put between (headers, prompts,
biographies) is no damage but boilerplate: `insert` puts it in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Literal

Where = Literal["head", "inside", "tail"]

HYPHENATED = re.compile(r"\w+(?:[-‐‑]\w+)+")
NUMBERED = re.compile(r"[$€£]?[\w–-]*\d(?:[\w–-]|[.,:](?=\d))*%?")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")

# What a recogniser takes for what: letters that look alike in worn print.
LOOK_ALIKES = (
    ("rn", "m"), ("m", "rn"), ("cl", "d"), ("d", "cl"), ("li", "h"), ("h", "li"), ("ri", "n"), ("w", "vv"), ("e", "c"),
    ("c", "e"), ("l", "1"), ("l", "I"), ("I", "l"), ("O", "0"), ("o", "0"), ("S", "5"), ("B", "8"), ("t", "f"), ("fi", "fl"),
    ("u", "n"), ("n", "u"), ("é", "e"), ("ö", "o"), ("ø", "o"), ("5", "S"), ("1", "l"), ("0", "O"),
)  # fmt: skip


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: what blank lines part."""
    return re.split(r"\n\s*\n", text)


# Words and letters lost or altered


def hyphenated_words_dropped(text: str, rng: Random) -> str:
    """Drop hyphenated words; the spaces around stay, and each hyphen leaves one more."""
    return HYPHENATED.sub(lambda m: " " * len(re.findall("[-‐‑]", m[0])), text)


def words_with_digits_dropped(text: str, rng: Random) -> str:
    """Drop words that hold a digit; the spaces and marks around stay."""
    return NUMBERED.sub("", text)


def links_dropped(text: str, rng: Random) -> str:
    """Drop one name in four with its words, as if each had been a link."""
    name = re.compile(r"(?<=[a-z,] )[A-Z]\w+(?: [A-Z]\w+)+")
    return name.sub(lambda m: "" if rng.random() < 1 / 4 else m[0], text)


def words_altered(text: str, rng: Random) -> str:
    """Alter, drop or add one word in fifty. Two copies spoilt from the same state of `rng` share a spoilt ancestor."""
    others = WORD.findall(text)

    def alter(match: re.Match[str]) -> str:
        if rng.random() >= 1 / 50:
            return match[0]
        other: str = rng.choice(others)
        return [other, "", f"{match[0]} {other}"][rng.randrange(3)]

    return WORD.sub(alter, text)


def letters_misread(text: str, rng: Random) -> str:
    """Misread one word in twenty by one look-alike."""

    def misread(match: re.Match[str]) -> str:
        word = match[0]
        fits = [(wrong, at.start(), len(right)) for right, wrong in LOOK_ALIKES for at in re.finditer(right, word)]
        if not fits or rng.random() >= 1 / 20:
            return word
        wrong, at, length = rng.choice(fits)
        return word[:at] + wrong + word[at + length :]

    return re.sub(r"\w+", misread, text)


def first_letter_lost(text: str, rng: Random) -> str:
    """Lose the first letter: it was a drop cap."""
    return text[1:]


def truncated(text: str, rng: Random) -> str:
    """Cut the text at a length of three to four fifths of it, as a rule in mid-word."""
    return text[: round(len(text) * rng.uniform(0.6, 0.8))]


# Order


def first_paragraph_doubled(text: str, rng: Random) -> str:
    """Let the first paragraph stand twice: it served as the summary too."""
    return f"{paragraphs(text)[0]}\n\n{text}"


def block_moved(text: str, rng: Random) -> str:
    """Move one paragraph, neither the first nor the last, to another place between those two."""
    blocks = paragraphs(text)
    if len(blocks) < 4:
        return text
    source, target = rng.sample(range(1, len(blocks) - 1), 2)
    blocks.insert(target, blocks.pop(source))
    return "\n\n".join(blocks)


def columns_interleaved(text: str, rng: Random) -> str:
    """Read two columns of forty characters as one: line by line, left and right in turn."""
    lines = [line for block in paragraphs(text) for line in wrapped(block, 40)]
    half = (len(lines) + 1) // 2
    right = [*lines[half:], ""]
    return "\n".join(f"{a} {b}".rstrip() for a, b in zip(lines[:half], right, strict=False))


# White space and hyphens


def paragraphs_flattened(text: str, rng: Random) -> str:
    """Put the whole text on one line."""
    return re.sub(r"\s*\n\s*", " ", text)


def spaces_lost(text: str, rng: Random) -> str:
    """Run one pair of words in sixty together."""
    return re.sub(r"(?<=\w) (?=\w)", lambda m: "" if rng.random() < 1 / 60 else m[0], text)


def soft_hyphens_kept(text: str, rng: Random) -> str:
    """Leave soft hyphens (U+00AD) in long words."""
    return re.sub(r"[^\W\d_]{8,}", lambda m: f"{m[0][: len(m[0]) // 2]}\u00ad{m[0][len(m[0]) // 2 :]}", text)


def line_ends_hyphenated(text: str, rng: Random) -> str:
    """Set the text in lines of at most 56 characters and break words at their ends with a hyphen."""
    return "\n\n".join("\n".join(wrapped(block, 56, hyphenate=True)) for block in paragraphs(text))


def wrapped(block: str, width: int, *, hyphenate: bool = False) -> Iterator[str]:
    """The lines of a paragraph, at most `width` characters long where its words allow it."""
    line = ""
    for word in block.split():
        room = width - len(line) - 2  # for letters, beside the space before and the hyphen after them
        if len(line) + 1 + len(word) <= width or not line:
            line = f"{line} {word}".lstrip()
        elif hyphenate and word.isalpha() and 3 <= room <= len(word) - 3:
            yield f"{line} {word[:room]}-"
            line = word[room:]
        else:
            yield line
            line = word
    if line:
        yield line


# Marks


def quotation_marks_straightened(text: str, rng: Random) -> str:
    """Write the typewriter's marks for the printer's."""
    return re.sub("[‘’]", "'", re.sub("[“”„]", '"', text))


def quotation_marks_lost(text: str, rng: Random) -> str:
    """Drop double quotation marks."""
    return re.sub('[“”„"]', "", text)


def closing_marks_parted(text: str, rng: Random) -> str:
    """Put a space between the point or comma that ends a quotation and the mark that closes it."""
    return re.sub(r"(?<=[.,?!])(?=[”\"])", " ", text)


def initials_spaced(text: str, rng: Random) -> str:
    """Write `U. S.` for `U.S.`."""
    return re.sub(r"\b([A-Z]\.)(?=[A-Z]\.)", r"\1 ", text)


def bracket_left(text: str, rng: Random) -> str:
    """Leave an opening bracket before a sentence, and nothing that closes it."""
    starts = [0, *(m.end() for m in re.finditer(r"[.!?]”?\s+(?=[A-Z])", text))]
    at = rng.choice(starts)
    return f"{text[:at]}[{text[at:]}"


def punctuation_stripped(text: str, rng: Random) -> str:
    """Drop every mark but those inside words."""
    return re.sub(r"(?<!\w)[^\w\s]+|[^\w\s]+(?!\w)", "", text)


# Encoding


def mojibake(text: str, rng: Random) -> str:
    """Read the text's UTF-8 as Windows-1252; bytes which that leaves undefined come through as C1 controls."""
    return "".join(bytes([b]).decode("cp1252") if b not in b"\x81\x8d\x8f\x90\x9d" else chr(b) for b in text.encode())


def entities_left(text: str, rng: Random) -> str:
    """Leave marks as HTML spells them."""
    spelt = {"&": "&amp;", "“": "&ldquo;", "”": "&rdquo;", "’": "&rsquo;", "–": "&ndash;", "—": "&mdash;"}
    return re.sub("[&“”’–—]", lambda m: spelt[m[0]], text)


def ligatures_kept(text: str, rng: Random) -> str:
    """Write the printer's ligatures for the letters they stand for."""
    return re.sub("ffi|ffl|fi|fl|ff", lambda m: {"ffi": "ﬃ", "ffl": "ﬄ", "fi": "ﬁ", "fl": "ﬂ", "ff": "ﬀ"}[m[0]], text)


DAMAGES: dict[str, Callable[[str, Random], str]] = {
    "hyphenated words dropped": hyphenated_words_dropped,
    "words with digits dropped": words_with_digits_dropped,
    "links dropped": links_dropped,
    "words altered": words_altered,
    "letters misread": letters_misread,
    "first letter lost": first_letter_lost,
    "truncated": truncated,
    "first paragraph doubled": first_paragraph_doubled,
    "block moved": block_moved,
    "columns interleaved": columns_interleaved,
    "paragraphs flattened": paragraphs_flattened,
    "spaces lost": spaces_lost,
    "soft hyphens kept": soft_hyphens_kept,
    "line ends hyphenated": line_ends_hyphenated,
    "quotation marks straightened": quotation_marks_straightened,
    "quotation marks lost": quotation_marks_lost,
    "closing marks parted": closing_marks_parted,
    "initials spaced": initials_spaced,
    "bracket left": bracket_left,
    "punctuation stripped": punctuation_stripped,
    "mojibake": mojibake,
    "entities left": entities_left,
    "ligatures kept": ligatures_kept,
}


def insert(text: str, line: str, where: Where) -> str:
    """Put boilerplate before the text, after it, or after its second paragraph; it joins as the text itself is set."""
    apart = "\n\n" if "\n\n" in text else " "
    if where == "head":
        return f"{line}{apart}{text}"
    if where == "tail":
        return f"{text}{apart}{line}"
    blocks = paragraphs(text)
    return "\n\n".join([*blocks[:2], line, *blocks[2:]])
