"""The damages do what their names say, and no more: the demo and the bench measure against what they did."""

from random import Random

import pytest

from copydesk.demo.corpus import Boilerplate, corpus, stories
from copydesk.demo.score import kept, words, wrong
from copydesk.demo.spoil import DAMAGES, insert, paragraphs

ARTICLES = {a.id: a for a in stories().articles}

EXACT = [
    ("hyphenated words dropped", "arrested 35-year-old Ada of re-entry, now", "arrested    Ada of  , now"),
    ("words with digits dropped", "paid $1.1 million, 7–2, at 6:40 a.m. on May 3.", "paid  million, , at  a.m. on May ."),
    ("first letter lost", "Once upon", "nce upon"),
    ("first paragraph doubled", "One.\n\nTwo.", "One.\n\nOne.\n\nTwo."),
    ("paragraphs flattened", "One.\n\nTwo.\nThree.", "One. Two. Three."),
    ("soft hyphens kept", "a schoolteacher", "a school\u00adteacher"),
    ("quotation marks straightened", "“It’s ‘so’,” he", "\"It's 'so',\" he"),
    ("quotation marks lost", "“It’s so,” he", "It’s so, he"),
    ("closing marks parted", "“Go.” “Who?” the “end” of", "“Go. ” “Who? ” the “end” of"),
    ("initials spaced", "the U.S. and U.S.S.R. at 6 a.m.", "the U. S. and U. S. S. R. at 6 a.m."),
    ("punctuation stripped", "“Mr. O’Neill, 35-year-old – yes!”", "Mr O’Neill 35-year-old  yes"),
    ("mojibake", "“Zoë” – à", "â€œZoÃ«â€\x9d â€“ Ã\xa0"),
    ("entities left", "“Sound & Isles’”", "&ldquo;Sound &amp; Isles&rsquo;&rdquo;"),
    ("ligatures kept", "first offer of afflicted", "ﬁrst oﬀer of aﬄicted"),
]

# Of an article's words, the share that each of these may put wrong: `words_altered` one in fifty, and so on.
BY_CHANCE = [
    ("links dropped", 0.005, 0.06),
    ("words altered", 0.01, 0.035),
    ("letters misread", 0.02, 0.06),
    ("spaces lost", 0.01, 0.06),
]


@pytest.mark.parametrize(("name", "before", "after"), EXACT)
def test_a_damage_does_what_its_name_says(name: str, before: str, after: str):
    assert DAMAGES[name](before, Random(1)) == after


@pytest.mark.parametrize(("name", "least", "most"), BY_CHANCE)
def test_chance_keeps_to_its_rate(name: str, least: float, most: float):
    share = sum(wrong(DAMAGES[name](a.text, Random(a.id)), a.text) for a in ARTICLES.values())
    share /= sum(len(words(a.text)) for a in ARTICLES.values())
    assert least < share < most


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_spoils_the_corpus_and_is_the_same_for_the_same_seed(name: str):
    spoilt = [DAMAGES[name](a.text, Random(a.id)) for a in ARTICLES.values()]
    assert spoilt != [a.text for a in ARTICLES.values()]
    assert spoilt == [DAMAGES[name](a.text, Random(a.id)) for a in ARTICLES.values()]


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("text", ["", "a", "\n\n", "\x00[", "😀 \u202e", "one two\n\nthree"])
def test_no_text_breaks_a_damage(name: str, text: str):
    assert isinstance(DAMAGES[name](text, Random(1)), str)


def test_mojibake_is_the_texts_own_bytes():
    text = "“Zoë — Kateřina”"
    back = b"".join(
        c.encode("cp1252") if ord(c) > 255 or ord(c) < 128 else c.encode("latin-1") for c in DAMAGES["mojibake"](text, Random())
    )
    assert back.decode() == text


def test_lines_are_broken_at_their_ends_and_can_be_joined_again():
    text = ARTICLES["ferry-fire"].text
    lines = DAMAGES["line ends hyphenated"](text, Random()).split("\n")
    assert max(map(len, lines)) <= 56
    broken = [line for line in lines if line.endswith("-")]
    assert broken
    joined = "\n".join(lines).replace("-\n", "").replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n")
    assert joined.replace(" ", "") == text.replace(" ", "")


def test_a_moved_block_is_a_paragraph_whole():
    article = ARTICLES["ferry-fire"]
    moved = paragraphs(DAMAGES["block moved"](article.text, Random(1)))
    assert moved != list(article.paragraphs)
    assert sorted(moved) == sorted(article.paragraphs)
    assert (moved[0], moved[-1]) == (article.paragraphs[0], article.paragraphs[-1])


def test_truncated_is_a_beginning():
    text = ARTICLES["recount"].text
    cut = DAMAGES["truncated"](text, Random(1))
    assert text.startswith(cut)
    assert 0.6 * len(text) <= len(cut) <= 0.8 * len(text)


def test_sources_of_one_line_share_their_errors():
    mirrored = [s for s in corpus(1) if any(c.source == "north-mirror" for c in s.copies)]
    assert mirrored
    for story in mirrored:
        text = story.article.text
        north, south = (next(c.text for c in story.copies if c.source == f"{side}-mirror") for side in ("north", "south"))
        everything = set(range(len(words(text))))
        assert everything - kept(north, text) == everything - kept(south, text) != set()


def test_altered_apart_shares_nothing():
    text = ARTICLES["orlau-flood"].text
    everything = set(range(len(words(text))))
    one, other = (everything - kept(DAMAGES["words altered"](text, Random(seed)), text) for seed in (1, 2))
    assert one
    assert other
    assert one != other


def test_boilerplate_goes_where_it_is_told():
    assert insert("A.\n\nB.\n\nC.", "X", "head") == "X\n\nA.\n\nB.\n\nC."
    assert insert("A.\n\nB.\n\nC.", "X", "inside") == "A.\n\nB.\n\nX\n\nC."
    assert insert("A.\n\nB.\n\nC.", "X", "tail") == "A.\n\nB.\n\nC.\n\nX"
    assert insert("A. B.", "X", "tail") == "A. B. X"


def test_the_articles_are_whole():
    for article in ARTICLES.values():
        assert 5 <= len(article.paragraphs) <= 12, article.id
        assert 180 <= len(article.text.split()) <= 400, article.id
        assert {c for c in article.text if not c.isprintable()} == {"\n"}
        assert article.biography.startswith(article.byline.removeprefix("Dr. "))


def test_the_corpus_has_two_to_five_copies_of_every_article_and_says_what_was_done():
    sources = {s.name: s for s in stories().sources}
    for story in corpus(1):
        assert 2 <= len(story.copies) <= 5
        for copy, done in zip(story.copies, story.done, strict=True):
            assert copy.source is not None
            assert copy.text != story.article.text
            assert copy.url == f"https://{copy.source}.example/{story.article.date[:7].replace('-', '/')}/{story.article.id}"
            named = [d.kind if isinstance(d, Boilerplate) else d for d in sources[copy.source].damages]
            assert list(done) == [name for name in named if name in done] != []
            assert ("initials spaced" in done) == ("U. S." in copy.text)
            assert ("words with digits dropped" in done) == (copy.source == "clipper")


def test_the_corpus_is_the_same_for_the_same_seed_only():
    assert corpus(1) == corpus(1) != corpus(2)
