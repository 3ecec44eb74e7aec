"""The collation: nothing is lost, loci rise, and what is the same stands at the same locus."""

from __future__ import annotations

import itertools
from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.collate import stories as stories_of
from copydesk.collate import tokens as cutting
from copydesk.collate.align import _programme
from copydesk.collate.collation import collate, rebuild
from copydesk.collate.runs import grams, longer
from copydesk.collate.tokens import _masked, _matched, fold
from copydesk.model import Collation, Copy
from strategies import copies, stories, texts


def collated(*given_texts: str) -> Collation:
    return collate([Copy(str(at), text) for at, text in enumerate(given_texts)])


def table(collation: Collation) -> dict[str, list[str | None]]:
    """The word of each copy at each locus."""
    rows = {}
    for copy, tokens, loci in zip(collation.copies, collation.tokens, collation.loci, strict=True):
        row: list[str | None] = [None] * collation.n_loci
        for start, end, locus in zip(tokens.starts.tolist(), tokens.ends.tolist(), loci.tolist(), strict=True):
            row[locus] = copy.text[start:end]
        rows[copy.id] = row
    return rows


# -- lossless


def assert_lossless(collation: Collation) -> None:
    for at, (copy, tokens, loci) in enumerate(zip(collation.copies, collation.tokens, collation.loci, strict=True)):
        assert rebuild(collation, at) == copy.text
        n = len(tokens.starts)
        assert [len(row) for row in (tokens.ends, tokens.keys, tokens.forms, tokens.separators, loci)] == [n, n, n, n + 1, n]
        starts, ends = [*tokens.starts.tolist(), len(copy.text)], [0, *tokens.ends.tolist()]
        assert [copy.text[a:b] for a, b in zip(ends, starts, strict=True)] == [
            collation.separator_text[s] for s in tokens.separators
        ]
        words = [copy.text[a:b] for a, b in zip(starts[:-1], ends[1:], strict=True)]
        assert words == [collation.form_text[form] for form in tokens.forms]
        assert all(words)
        assert all(a < b for a, b in itertools.pairwise(loci.tolist()))
        assert n == 0 or (loci[0] >= 0 and loci[-1] < collation.n_loci)


@given(st.lists(texts, min_size=1, max_size=4))
@settings(max_examples=150)
def test_every_copy_of_any_text_is_rebuilt_to_the_letter(given_texts):
    assert_lossless(collated(*given_texts))


@given(copies)
def test_every_copy_of_a_story_is_rebuilt_to_the_letter(given_copies):
    collation = collate(given_copies)
    assert_lossless(collation)
    assert sorted(collation.copies, key=lambda copy: copy.id) == sorted(given_copies, key=lambda copy: copy.id)


@pytest.mark.parametrize(
    "text",
    ["", " \n", "\x00", "...", "\ud800", "a", "\u0301a", "a\x00b", "é\u0301", "a" * 100_000, "שלום עולם", "灯塔，亮了。"],
)
def test_odd_texts_are_rebuilt(text):
    assert_lossless(collated(text))
    assert_lossless(collated(text, "some other text", text))


@given(copies, st.randoms(use_true_random=False))
def test_the_order_of_the_copies_decides_nothing(given_copies, chance):
    shuffled = list(given_copies)
    chance.shuffle(shuffled)
    one, other = collate(given_copies), collate(shuffled)
    assert one.copies == other.copies
    assert (one.n_loci, one.moves) == (other.n_loci, other.moves)
    assert all((a == b).all() for a, b in zip(one.loci, other.loci, strict=True))


@given(copies)
def test_every_locus_is_somebodys_and_equal_copies_have_equal_loci(given_copies):
    collation = collate([*given_copies, Copy("twin", given_copies[0].text)])
    assert set(np.concatenate(collation.loci).tolist()) == set(range(collation.n_loci))
    loci = {copy.id: loci.tolist() for copy, loci in zip(collation.copies, collation.loci, strict=True)}
    assert loci["twin"] == loci[given_copies[0].id]


# -- tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A 35-year-old ferry.", ["A", "35", "year", "old", "ferry"]),
        ("U.S. officers’ café", ["U", "S", "officers", "café"]),
        ("cafe\u0301 na\u00adive", ["cafe\u0301", "na\u00adive"]),
        ("灯塔亮了。", ["灯", "塔", "亮", "了"]),
        ("Orrin角 2031年", ["Orrin", "角", "2031", "年"]),
        ("ดีที่", ["ดี", "ที่"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("שָׁלוֹם עולם", ["שָׁלוֹם", "עולם"]),
        ("a_b 🎉", ["a_b"]),
    ],
)
def test_words(text, words):
    tokens = collated(text).tokens[0]
    assert [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)] == words


MASKED = "aB1_ .,;\n\t\x00\x1c\u00a0é“”—\u3000\u2028ßﬁ²½\ud800😀İǅ"


@given(st.lists(st.one_of(st.text(MASKED), st.text(MASKED + "灯\u0301\u00adที")), min_size=1, max_size=4))
@settings(max_examples=300)
def test_texts_cut_by_mask_are_cut_as_by_expression(given_texts):
    cuts = [_masked(given_texts), _matched(given_texts, {})]
    if any(set(text) & set("灯\u0301\u00adที") for text in given_texts):
        assert cuts[0] is None
        return
    one, other = (
        (
            cut.sizes,
            cut.starts.tolist(),
            cut.ends.tolist(),
            [cut.form_text[at] for at in cut.forms],
            [cut.separator_text[at] for at in cut.separators],
        )
        for cut in cuts
    )
    assert one == other
    assert cuts[0].form_text == cuts[1].form_text  # numbered as they come


LONG = ["sixteen_letters_", "sixteen_letters_x", "sixteen_letters_y", "eightlet", "eightlets", "ÿ" * 8, "ÿ" * 16, "ﬁve", "ßﬁ"]


@pytest.mark.parametrize("odd", [cutting.ODD, 0])
def test_words_of_any_length_are_told_apart(monkeypatch, odd):
    monkeypatch.setattr(cutting, "ODD", np.uint64(odd))  # with 0 all words have one hash
    cut = _masked([" ".join(LONG), ", ".join(LONG[::-1])])
    assert cut.form_text == LONG
    assert [cut.form_text[at] for at in cut.forms] == [*LONG, *LONG[::-1]]


@given(st.text(min_size=1))
def test_folding_twice_changes_nothing_and_never_gives_nothing(word):
    assert fold(word)
    assert fold(fold(word)) == fold(word)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("Ferry", "FERRY"),
        ("café", "cafe\u0301"),
        ("café", "cafe"),
        ("ﬁre", "fire"),
        ("co\u00adop", "coop"),
        ("Straße", "STRASSE"),
        ("Ａ", "a"),
    ],
)
def test_one_word_spelt_in_two_ways(word, other):
    assert fold(word) == fold(other)


@pytest.mark.parametrize(("word", "other"), [("ferry", "fery"), ("1", "l"), ("灯", "登"), ("й", "к"), ("no", "on")])
def test_two_words(word, other):
    assert fold(word) != fold(other)


# -- alignment

Pairs = list[tuple[int, int]]
OPEN, EXTEND = 120, 10


def worth(pairs: Pairs, score: list[list[int]], free_start: bool, free_end: bool) -> int:
    """What an alignment scores. A gap of `n` costs `OPEN + n * EXTEND`; at a free end one of the two gaps is for nothing."""
    n, m = len(score), len(score[0])
    assert all(a < c and b < d for (a, b), (c, d) in itertools.pairwise(pairs))
    assert all(0 <= i < n and 0 <= j < m for i, j in pairs)

    def gap(size: int) -> int:
        return OPEN + size * EXTEND if size else 0

    def gaps(rows: int, columns: int, free: int) -> int:
        one, other = sorted((gap(rows), gap(columns)))
        return (one + other, one, 0)[free]

    total = sum(score[i][j] for i, j in pairs)
    if not pairs:
        return total - gaps(n, m, free_start + free_end)
    total -= gaps(*pairs[0], free_start) + gaps(n - 1 - pairs[-1][0], m - 1 - pairs[-1][1], free_end)
    return total - sum(gaps(c - a - 1, d - b - 1, 0) for (a, b), (c, d) in itertools.pairwise(pairs))


def every_alignment(n: int, m: int) -> list[Pairs]:
    return [
        list(zip(i, j, strict=True))
        for size in range(min(n, m) + 1)
        for i in itertools.combinations(range(n), size)
        for j in itertools.combinations(range(m), size)
    ]


def scores(most: int) -> st.SearchStrategy[list[list[int]]]:
    sides = st.tuples(st.integers(1, most), st.integers(1, most))
    value = st.one_of(st.integers(-60, 170), st.sampled_from((-60, 95, 170)))
    return sides.flatmap(lambda nm: st.lists(st.lists(value, min_size=nm[1], max_size=nm[1]), min_size=nm[0], max_size=nm[0]))


@given(scores(4), st.booleans(), st.booleans())
@settings(max_examples=200)
def test_the_programme_finds_the_best_of_all_alignments(score, free_start, free_end):
    best = max(worth(pairs, score, free_start, free_end) for pairs in every_alignment(len(score), len(score[0])))
    assert worth(_programme(score, free_start, free_end), score, free_start, free_end) == best


@cache
def words(n: int, seed: int = 7) -> tuple[str, ...]:
    """Words of no language, some of them common."""
    chance = Random(seed)
    common = ["".join(chance.choices("abdeiklmnorstu", k=chance.randint(2, 4))) for _ in range(40)]
    return tuple(
        chance.choice(common) if chance.random() < 0.5 else "".join(chance.choices("abdeiklmnorstuvz", k=chance.randint(5, 9)))
        for _ in range(n)
    )


def aligned(a: list[str], b: list[str]) -> list[int]:
    """For each word of `b` the place in `a` of the word at the same locus, or -1."""
    collation = collate([Copy("a", " ".join(a)), Copy("b", " ".join(b))])
    loci = {copy.id: loci.tolist() for copy, loci in zip(collation.copies, collation.loci, strict=True)}
    assert (len(loci["a"]), len(loci["b"])) == (len(a), len(b))
    place = {locus: at for at, locus in enumerate(loci["a"])}
    return [place.get(locus, -1) for locus in loci["b"]]


rows_of_words = st.lists(
    st.sampled_from(("the", "the", "a", "of", "ferry", "ferries", "tide", "keeper", "lamp", "café", "12")), max_size=30
)


@given(rows_of_words)
def test_equal_rows_are_aligned_word_for_word(row):
    assert aligned(row, row) == list(range(len(row)))


@pytest.mark.parametrize("n", [50, 600, 20_000])
def test_unchanged_words_of_a_pair_find_one_another(n):
    """One word in fifty altered in either copy."""
    chance = Random(n)
    truth = list(words(n))
    one, other = ([f"{word}x" if chance.random() < 0.02 else word for word in truth] for _ in range(2))
    partner = aligned(one, other)
    assert [at for at, (x, y) in enumerate(zip(one, other, strict=True)) if x == y and partner[at] != at] == []


@pytest.mark.parametrize(("share", "least"), [(0.2, 0.99), (0.4, 0.93)])
def test_words_of_garbled_rows_find_one_another(share, least):
    """So many words of either copy are others: few runs of three are left to anchor on."""
    chance = Random(5)
    truth, foreign = list(words(2_000)), list(words(2_000, seed=99))
    one, other = ([chance.choice(foreign) if chance.random() < share / 2 else word for word in truth] for _ in range(2))
    partner = aligned(one, other)
    equal = [at for at, (x, y) in enumerate(zip(one, other, strict=True)) if x == y]
    assert sum(partner[at] == at for at in equal) >= least * len(equal)
    assert sum(at not in {-1, own} for own, at in enumerate(partner)) <= 0.01 * len(truth)


def test_foreign_text_between_two_pairs_is_not_aligned():
    """Two sites put words of their own between the same two lines."""
    truth, one, other = list(words(400)), list(words(120, seed=51)), list(words(90, seed=52))
    partner = aligned(truth[:200] + one + truth[200:], truth[:200] + other + truth[200:])
    assert partner[:200] == list(range(200))
    assert partner[290:] == list(range(320, 520))
    assert sum(at >= 0 for at in partner[200:290]) <= 6


def test_words_lost_and_added_leave_the_rest_in_place():
    truth = list(words(2_000))
    lost = set(Random(1).sample(range(5, 1_995), 60))
    shorter = [word for at, word in enumerate(truth) if at not in lost]
    kept = [at for at in range(2_000) if at not in lost]
    partner = aligned(truth, shorter)
    assert [truth[at] for at in partner] == shorter
    assert (
        sum(at == own for at, own in zip(partner, kept, strict=True)) >= len(kept) - 4
    )  # of equal neighbours either may be lost


def test_a_lost_block_is_one_gap():
    truth = list(words(900))
    partner = aligned(truth, truth[:300] + truth[500:])
    assert partner == [*range(300), *range(500, 900)]


def test_an_excerpt_inside_foreign_text():
    """200 words of a text stand inside 2,000 that are not of it: those are found and no others."""
    truth, foreign = list(words(1_000)), list(words(2_000, seed=99))
    partner = aligned(truth, foreign[:900] + truth[400:600] + foreign[900:])
    assert partner[900:1_100] == list(range(400, 600))
    assert sum(at >= 0 for at in partner) == 200


@pytest.mark.parametrize(
    ("block", "to"), [((1_000, 1_600), 3_000), ((500, 540), 0), ((0, 200), 2_500), ((2_000, 2_020), 4_000)]
)
def test_a_moved_block_is_found(block, to):
    truth = list(words(4_000))
    start, end = block
    rest = truth[:start] + truth[end:]
    at = to if to <= start else to - (end - start)
    moved = rest[:at] + truth[start:end] + rest[at:]
    collation = collated(" ".join(truth), " ".join(truth).upper(), " ".join(moved))
    assert len(collation.moves) == 1
    rows, move = table(collation), collation.moves[0]
    here, there = rows["0"][move.start : move.end], rows["2"][move.to_start : move.to_end]
    assert [word for word in here if word] == [word for word in there if word]
    assert " ".join(truth[start:end]) in " ".join(word for word in here if word)
    assert len(here) <= end - start + 2  # a neighbour may be equal by chance


@given(st.lists(st.integers(0, 2), max_size=40))
def test_hashes_of_long_runs_tell_them_apart_as_well_as_made_of_short_ones(keys):
    short = longer(grams(np.array(keys, np.int64), 3), 3, 8).tolist()
    runs = [tuple(keys[at : at + 8]) for at in range(len(keys) - 7)]
    assert len(short) == len(runs)
    assert len(set(short)) == len(set(runs)) == len(set(zip(short, runs, strict=True)))


@given(copies)
def test_copies_that_plainly_share_words_are_grouped_as_if_compared(given_copies):
    collation = collate(given_copies)
    found = stories_of.stories(collation)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stories_of, "_all_share", lambda *asked: False)
        assert stories_of.stories(collation) == found


@given(stories)
def test_copies_of_one_text_have_no_moves(story):
    assert collated(story, story.replace("\n\n", " "), story.upper()).moves == ()


def test_a_doubled_paragraph_is_no_move():
    first, second = " ".join(words(40)), " ".join(words(40, seed=3))
    once, twice = f"{first}\n\n{second}", f"{first}\n\n{first}\n\n{second}"
    assert collated(once, twice).moves == ()
    assert collated(once, once.upper(), twice).moves == ()


@pytest.mark.parametrize("n", [2, 3, 5, 20])
def test_what_copies_agree_on_stands_at_one_locus(n):
    truth = list(words(300))
    chance = Random(n)
    spoilt = [[f"{word}x" if chance.random() < 0.05 else word for word in truth] for _ in range(n)]
    collation = collated(*map(" ".join, spoilt))
    assert collation.n_loci == 300
    rows = table(collation)
    assert [rows[str(at)] for at in range(n)] == spoilt


def test_words_that_only_some_copies_have_are_aligned_among_them():
    """Two copies share a paragraph that the two others lack: it is collated once, not side by side."""
    truth, more = " ".join(words(100)), " ".join(words(50, seed=5))
    collation = collated(truth, truth, f"{truth} {more}", f"{truth} {more.upper()}")
    assert collation.n_loci == 150


def test_foreign_texts_stand_side_by_side():
    one, other = "alpha beta gamma delta", "mu nu xi omicron pi"
    collation = collated(one, other)
    rows = table(collation)
    assert [word for word in rows["0"] if word] == one.split()
    assert [word for word in rows["1"] if word] == other.split()
