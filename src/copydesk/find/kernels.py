"""The compiled loops of finding: arrays in, arrays out. They know no file and no engine, and run without the GIL.

Arrays are made by the caller where their size is known beforehand. A **seed** is one `uint64`: 40 bits of hash above 24 bits of
place, so seeds of one text in order of place can be looked up by hash and read off by place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    U8: TypeAlias = NDArray[np.uint8]
    U64: TypeAlias = NDArray[np.uint64]
    I8: TypeAlias = NDArray[np.int8]
    I16: TypeAlias = NDArray[np.int16]
    I32: TypeAlias = NDArray[np.int32]
    I64: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]

PLACE_BITS = np.uint64(24)
PLACE = np.uint64((1 << 24) - 1)
MAX_LETTERS = 1 << 24
"""Letters of one text that seeds are taken from: what lies beyond has no place in 24 bits."""


def room(n_bytes: int) -> int:
    """Letters that `n_bytes` of UTF-8 can fold to, at most (one code point of three bytes can become 18 letters)."""
    return n_bytes * 6 + 32


@njit(nogil=True, cache=True)
def _decode(data: U8, i: int) -> tuple[int, int]:
    """The code point that starts at byte `i`, and its number of bytes."""
    b = np.int64(data[i])
    if b < 0xE0:
        return (b & 0x1F) << 6 | (np.int64(data[i + 1]) & 0x3F), 2
    if b < 0xF0:
        return (b & 0x0F) << 12 | (np.int64(data[i + 1]) & 0x3F) << 6 | (np.int64(data[i + 2]) & 0x3F), 3
    return (
        (b & 0x07) << 18
        | (np.int64(data[i + 1]) & 0x3F) << 12
        | (np.int64(data[i + 2]) & 0x3F) << 6
        | (np.int64(data[i + 3]) & 0x3F)
    ), 4


@njit(nogil=True, cache=True)
def _put(code: int, out: U8, n: int, pages: I16, cells: I32, units: U8) -> int:
    """Write the letters of a code point beyond ASCII at `out[n:]`; the new `n`."""
    row = pages[code >> 8]
    if row >= 0:
        cell = cells[(np.int64(row) << 8) | (code & 255)]
        start = cell >> 5
        for j in range(cell & 31):
            out[n] = units[start + j]
            n += 1
    elif row == -2:
        if code < 0x10000:
            out[n] = 0xE0 | code >> 12
            out[n + 1] = 0x80 | (code >> 6 & 0x3F)
            out[n + 2] = 0x80 | (code & 0x3F)
        else:
            out[n] = 0xF0 | code >> 18
            out[n + 1] = 0x80 | (code >> 12 & 0x3F)
            out[n + 2] = 0x80 | (code >> 6 & 0x3F)
        n += 3
    elif row == -3 and 0xAC00 <= code <= 0xD7A3:
        s = code - 0xAC00
        out[n] = 0x80 | (0x1100 + s // 588 & 0x7F)
        out[n + 1] = 0x80 | (0x1161 + s % 588 // 28 & 0x7F)
        n += 2
        if s % 28:
            out[n] = 0x80 | (0x11A7 + s % 28 & 0x7F)
            n += 1
    return n


@njit(nogil=True, cache=True)
def _fold(data: U8, start: int, end: int, ascii: U8, out: U8, pages: I16, cells: I32, units: U8) -> int:
    """Fold UTF-8 `data[start:end]` into `out`; the number of letters.

    Indices are unsigned: that spares the test for below 0.
    """
    n = np.uint64(0)
    i = np.uint64(start)
    stop = np.uint64(end)
    while i < stop:
        b = data[i]
        if b < 0x80:
            u = ascii[b]
            out[n] = u
            n += np.uint64(u != 0)
            i += np.uint64(1)
        else:
            code, size = _decode(data, np.int64(i))
            n = np.uint64(_put(code, out, np.int64(n), pages, cells, units))
            i += np.uint64(size)
    return np.int64(n)


@njit(nogil=True, cache=True)
def fold_with_places(data: U8, out: U8, places: I64, pages: I16, cells: I32, units: U8) -> int:
    """Fold UTF-8 `data` into `out`, `places[n]` being the code point letter `n` comes from; the number of letters."""
    n = 0
    i = 0
    at = 0
    while i < len(data):
        code = np.int64(data[i])
        size = 1
        if code >= 0x80:
            code, size = _decode(data, i)
        before = n
        if code >= 0x80:
            n = _put(code, out, n, pages, cells, units)
        else:
            cell = cells[(np.int64(pages[0]) << 8) | code]
            if cell & 31:
                out[n] = units[cell >> 5]
                n += 1
        places[before:n] = at
        i += size
        at += 1
    return n


def ascii_letters(pages: NDArray[np.int16], cells: NDArray[np.int32], units: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The letter of every ASCII byte, 0 where it is none."""
    cell = cells[int(pages[0]) << 8 :][:128]
    return np.where(cell & 31, units[np.minimum(cell >> 5, len(units) - 1)], 0).astype(np.uint8)


@njit(nogil=True, cache=True, inline="always")
def _mix(x: np.uint64) -> np.uint64:
    """Spread the bits of a 64-bit number (the finisher of splitmix64)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def letter_hashes(k: int) -> NDArray[np.uint64]:
    """Random numbers for the rolling hash, fixed for all time: `[0]` for a letter that enters, `[1]` for one that leaves."""
    x = np.arange(1, 257, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return np.stack([x, x << np.uint64(k % 64) | x >> np.uint64((64 - k) % 64)])


@njit(nogil=True, cache=True)
def _minimizers(letters: U8, n_letters: int, k: int, w: int, enter: U64, leave: U64, values: U64, out: U64, m: int) -> int:
    """Write the (w, k)-minimizers of `letters[:n_letters]` at `out[m:]`; the new `m`.

    Of any `w` neighbouring runs of `k` letters the one with the smallest hash is taken, so that any `w + k - 1` letters that
    two texts share give both the same seed. Of equals the one taken last stays as long as it can, else the rightmost is
    taken: a letter repeated for ever gives a seed every `w` letters, not one at each. A text with fewer runs than `w` gives
    its smallest. `values` holds hashes above the complement of their place.
    """
    if n_letters < k:
        return m
    one, rest, odd, above = np.uint64(1), np.uint64(63), np.uint64(0x9E3779B97F4A7C15), ~PLACE
    size, width = np.uint64(k), np.uint64(w)
    n_runs = np.uint64(n_letters - k + 1)
    h = np.uint64(0)
    for i in range(size):
        h = (h << one | h >> rest) ^ enter[letters[i]]
    least = (h * odd) | PLACE
    values[np.uint64(0)] = least
    for i in range(one, min(width, n_runs)):
        h = (h << one | h >> rest) ^ (leave[letters[i - one]] ^ enter[letters[i + size - one]])
        value = (h * odd) & above | (PLACE - i)
        values[i] = value
        least = min(least, value)
    written = np.uint64(m)
    at = PLACE - (least & PLACE)
    out[written] = least & above | at
    written += one
    i = width
    while i < n_runs:
        # Until the least falls out of the window nothing matters but a smaller one: the loop that all letters go through.
        limit = least & above
        due = min(at + width, n_runs)
        smaller = False
        while i < due:
            h = (h << one | h >> rest) ^ (leave[letters[i - one]] ^ enter[letters[i + size - one]])
            value = (h * odd) & above | (PLACE - i)
            values[i] = value
            i += one
            if value < limit:
                least = value
                at = i - one
                smaller = True
                break
        if not smaller:
            if i == n_runs:
                break
            h = (h << one | h >> rest) ^ (leave[letters[i - one]] ^ enter[letters[i + size - one]])
            value = (h * odd) & above | (PLACE - i)
            values[i] = value
            # The least of the window, by two so that one comparison need not wait for the other.
            least = value
            other = value
            j = at + one
            while j + one < i:
                least = min(least, values[j])
                other = min(other, values[j + one])
                j += np.uint64(2)
            least = min(least, other)
            if j < i:
                least = min(least, values[j])
            i += one
            at = PLACE - (least & PLACE)
        out[written] = least & above | at
        written += one
    return np.int64(written)


@njit(nogil=True, cache=True)
def _digest(letters: U8, n: int) -> tuple[np.uint64, np.uint64]:
    """Two 64-bit hashes of `letters[:n]`, of their own multipliers."""
    a = np.uint64(0x243F6A8885A308D3)
    b = np.uint64(0x13198A2E03707344)
    i = 0
    while i + 8 <= n:
        x = np.uint64(0)
        for j in range(8):
            x |= np.uint64(letters[i + j]) << np.uint64(8 * j)
        a = (a ^ x) * np.uint64(0x9FB21C651E98DF25)
        a ^= a >> np.uint64(29)
        b = (b + x) * np.uint64(0xD6E8FEB86659FD93)
        b ^= b >> np.uint64(32)
        i += 8
    x = np.uint64(n)
    while i < n:
        x = x << np.uint64(8) | np.uint64(letters[i])
        i += 1
    return _mix(a ^ x), _mix(b + x)


@njit(nogil=True, cache=True)
def seed(
    data: U8,
    offsets: I64,
    k: int,
    w: int,
    ascii: U8,
    pages: I16,
    cells: I32,
    units: U8,
    enter: U64,
    leave: U64,
    letters: U8,
    values: U64,
    out: U64,
    ends: I64,
    n_letters: I64,
    digests: U64,
) -> int:
    """Fold and seed a batch of texts, text `t` being UTF-8 `data[offsets[t]:offsets[t + 1]]`; the number of seeds written.

    Seeds go to `out`, text after text, those of `t` before `ends[t]`; `n_letters[t]` and `digests[t]` (two numbers) are of
    all letters. `letters` and `values` are scratch, with room for the letters of the longest text; `out` has room for as many
    seeds as there are bytes, more than any text gives.
    """
    m = 0
    for t in range(len(offsets) - 1):
        n = _fold(data, offsets[t], offsets[t + 1], ascii, letters, pages, cells, units)
        n_letters[t] = n
        digests[t, 0], digests[t, 1] = _digest(letters, n)
        m = _minimizers(letters, min(n, MAX_LETTERS, len(out) - m), k, w, enter, leave, values, out, m)
        ends[t] = m
    return m


TEXT = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
PARTS = 256
"""Parts of the postings, told by the low bits of their hash. (The high bits of a minimizer's are mostly 0.)"""


@njit(nogil=True, cache=True)
def scatter(seeds: U64, starts: I64, ends: I64, first: int, stop: int, plenty: int, out: U64, bounds: I64) -> int:
    """Postings of the texts `[first, stop)`, part after part, part `p` being `out[bounds[p]:bounds[p + 1]]`; their number.

    A posting is 32 bits of hash above 32 bits of text. Of a text with more than `plenty` seeds every second is posted, told by
    the highest bit of the part: texts that share many seeds find one another by half of them.
    """
    low = np.uint64(PARTS - 1)
    odd = np.uint64(PARTS)
    bounds[:] = 0
    for write in range(2):
        if write:
            for p in range(PARTS):
                bounds[p + 1] += bounds[p]
            at = bounds[:PARTS].copy()
        for t in range(first, stop):
            skipped = odd if ends[t] - starts[t] > plenty else np.uint64(0)
            for i in range(np.uint64(starts[t]), np.uint64(ends[t])):
                hash = seeds[i] >> PLACE_BITS
                if hash & skipped:
                    continue
                p = hash & low
                if write:
                    out[at[p]] = (seeds[i] >> HALF) << HALF | np.uint64(t)
                    at[p] += 1
                else:
                    bounds[p + np.uint64(1)] += 1
    return bounds[PARTS]


LOW_TEXT_BITS = np.uint64(16)
"""Links are parted by the high bits of their later text; its low 16 bits are what a link holds of it."""
LOW_TEXT = np.uint64(0xFFFF)
WEIGHT = 48
"""A link by a seed of `n` texts weighs this, divided by the bits of `n`: a rare seed tells more, five common ones more yet."""


@njit(nogil=True, cache=True)
def link(postings: U64, out: U64, starts: I64) -> None:
    """Links of one part's postings, sorted, parted by `text >> 16`; part `p` is `out[starts[p]:starts[p + 1]]`.

    All texts of a seed link to the first of them, its center, so a seed of `n` texts gives `n - 1` links, whatever `n` is. As
    texts are numbered longest first, the center is the fullest text that has the seed, and the texts of one story meet at
    few centers. A link is the low 16 bits of the later text, 32 bits of its center, 16 bits of weight: the rarer the seed,
    the more the link weighs.
    """
    n = len(postings)
    starts[:] = 0
    for write in range(2):
        i = 0
        while i < n:
            hash = postings[i] >> HALF
            j = i + 1
            while j < n and postings[j] >> HALF == hash:
                j += 1
            if j - i > 1:
                center = postings[i] & TEXT
                bits = 0
                while (j - i) >> bits:
                    bits += 1
                weight = np.uint64(max(1, WEIGHT // bits))
                before = center
                for x in range(i + 1, j):
                    text = postings[x] & TEXT
                    if text != before:
                        p = text >> LOW_TEXT_BITS
                        if write:
                            out[starts[p]] = (text & LOW_TEXT) << np.uint64(48) | center << LOW_TEXT_BITS | weight
                            starts[p] += 1
                        else:
                            starts[p + np.uint64(1)] += 1
                        before = text
            i = j
        if not write:
            for p in range(len(starts) - 1):
                starts[p + 1] += starts[p]
            # While writing, `starts[p]` runs to the end of part `p`, which is the start of the next.
    for p in range(len(starts) - 1, 0, -1):
        starts[p] = starts[p - 1]
    starts[0] = 0


@njit(nogil=True, cache=True)
def choose(links: U64, part: int, most: int, n_seeds: I64, plenty: int, centers_out: I64, texts_out: I64) -> int:
    """The heaviest links of each text, at most `most`, heaviest first; the number written to `centers_out` and `texts_out`.

    `links` are those of one part, sorted, so the links of one pair stand together; their weights add up. Of equals the one to
    the earlier (longer) text goes first. The third and later ones must rest on two seeds or more, and
    all links of a text that has more than `plenty`: `n_seeds[t]`.
    """
    n = len(links)
    centers = np.empty(most, np.int64)
    weights = np.empty(most, np.int64)
    shared = np.empty(most, np.int64)
    written = 0
    i = 0
    while i < n:
        text = links[i] >> np.uint64(48)
        count = 0
        while i < n and links[i] >> np.uint64(48) == text:
            pair = links[i] >> LOW_TEXT_BITS
            total = np.int64(0)
            begin = i
            while i < n and links[i] >> LOW_TEXT_BITS == pair:
                total += np.int64(links[i] & LOW_TEXT)
                i += 1
            seeds = i - begin
            if count < most:
                j = count
                count += 1
            elif total > weights[most - 1]:
                j = most - 1
            else:
                continue
            while j > 0 and weights[j - 1] < total:
                weights[j] = weights[j - 1]
                centers[j] = centers[j - 1]
                shared[j] = shared[j - 1]
                j -= 1
            weights[j] = total
            centers[j] = np.int64(pair & TEXT)
            shared[j] = seeds
        for j in range(count):
            if shared[j] < 2 and (j > 1 or n_seeds[(part << 16) + np.int64(text)] > plenty):
                continue
            centers_out[written] = centers[j]
            texts_out[written] = (part << 16) + np.int64(text)
            written += 1
    return written


@njit(nogil=True, cache=True)
def fill(table: U64, marks: U8, hashes: U64) -> None:
    """Put hashes into a set: `table`, open-addressed and at most half full, and `marks`, a byte for the low bits of a hash.

    Both are zeros at first and a power of two long. Most seeds that are not in a set are told by its marks, without a branch
    or a far look.
    """
    mask = np.uint64(len(table) - 1)
    low = np.uint64(len(marks) - 1)
    for hash in hashes:
        marks[hash & low] = 1
        x = hash & mask
        while table[x] != 0 and table[x] != hash:
            x = (x + np.uint64(1)) & mask
        table[x] = hash


@njit(nogil=True, cache=True)
def _has(table: U64, hash: np.uint64) -> bool:
    mask = np.uint64(len(table) - 1)
    x = hash & mask
    while table[x] != 0 and table[x] != hash:
        x = (x + np.uint64(1)) & mask
    return table[x] != 0


@njit(nogil=True, cache=True)
def _index(seeds: U64, start: int, stop: int, table: U64, marks: U8) -> tuple[U64, U8]:
    """Make `table` and `marks` look up the seeds `[start, stop)` of a text by hash; both, made larger if need be.

    A seed that the text repeats is looked up at its first place. (A hash of 0 at place 0 would look empty: lost, one in 2^40.)
    """
    size = 64
    while size < 2 * (stop - start):
        size *= 2
    if size != len(table):
        table = np.zeros(size, np.uint64)
        marks = np.zeros(16 * size, np.uint8)
    else:
        table[:] = 0
        marks[:] = 0
    mask = np.uint64(size - 1)
    low = np.uint64(16 * size - 1)
    for i in range(np.uint64(start), np.uint64(stop)):
        hash = seeds[i] >> PLACE_BITS
        marks[hash & low] = 1
        x = hash & mask
        while table[x] != 0 and table[x] >> PLACE_BITS != hash:
            x = (x + np.uint64(1)) & mask
        if table[x] == 0:
            table[x] = seeds[i]
    return table, marks


@njit(nogil=True, cache=True)
def _look_up(table: U64, hash: np.uint64) -> np.uint64:
    """The seed of this hash in an indexed text, or 0."""
    mask = np.uint64(len(table) - 1)
    x = hash & mask
    while table[x] != 0 and table[x] >> PLACE_BITS != hash:
        x = (x + np.uint64(1)) & mask
    return table[x]


@njit(nogil=True, cache=True)
def _marked(seeds: U64, start: int, stop: int, marks: U8, out: U64) -> int:
    """Indices of the seeds in `[start, stop)` whose hash is marked; the number written to `out`."""
    low = np.uint64(len(marks) - 1)
    n = np.uint64(0)
    for i in range(np.uint64(start), np.uint64(stop)):
        out[n] = i
        n += np.uint64(marks[(seeds[i] >> PLACE_BITS) & low])
    return np.int64(n)


@njit(nogil=True, cache=True)
def _most_seeds(starts: I64, ends: I64, texts: I64) -> int:
    """The largest number of seeds of any of these texts (at least 1)."""
    most = 1
    for t in texts:
        most = max(most, ends[t] - starts[t])
    return most


@njit(nogil=True, cache=True)
def _cover(starts: I64, ends: I64, n: int, order: I64, length: int, margin: int) -> int:
    """Letters in the union of `n` tracks, from seed to seed of `length` letters, taken in this order of starts.

    What two texts share begins before their first shared seed and ends after the last: a track of more than one seed is taken
    to reach `margin` letters further either way.
    """
    covered = 0
    reached = 0
    for t in range(n):
        i = order[t]
        more = margin if ends[i] > starts[i] else 0
        start, end = max(starts[i] - more, reached), ends[i] + length + more
        if end > start:
            covered += end - start
            reached = end
    return covered


TRACKS_BACK = 8
"""How many of the latest tracks a shared seed may carry on."""
LINE_BACK = 64
"""How many of the tracks before it a track may follow in line."""


@njit(nogil=True, cache=True)
def _in_line(start_a: I64, end_a: I64, start_b: I64, end_b: I64, n: int, k: int, moved: int, score: I64, before: I64) -> int:
    """Keep the tracks that count: those in one order in both texts, as long together as can be, and any from `moved` letters.

    The tracks are in order of `start_b`; those kept are moved to the front, and their number is returned. A moved block is a
    copy too, but scraps in any order are what two texts of few words have in common by chance.
    """
    best = 0
    for i in range(n):
        own = end_b[i] - start_b[i] + k
        score[i] = own
        before[i] = -1
        for j in range(i - 1, max(-1, i - 1 - LINE_BACK), -1):
            if end_a[j] <= start_a[i] and end_b[j] <= start_b[i] and score[j] + own > score[i]:
                score[i] = score[j] + own
                before[i] = j
        if score[i] > score[best]:
            best = i
    i = best
    while i >= 0:
        score[i] = -1  # in line
        i = before[i]
    kept = 0
    for i in range(n):
        if score[i] == -1 or end_b[i] - start_b[i] + k >= moved:
            start_a[kept], end_a[kept], start_b[kept], end_b[kept] = start_a[i], end_a[i], start_b[i], end_b[i]
            kept += 1
    return kept


@njit(nogil=True, cache=True)
def chain(
    a: I64,
    b: I64,
    seeds: U64,
    starts: I64,
    ends: I64,
    skip: U64,
    k: int,
    gap: int,
    margin: int,
    moved: int,
    shared: I64,
    cover_a: I64,
    cover_b: I64,
) -> None:
    """Align the texts `a[l]` and `b[l]` of each link by their shared seeds, the seeds `skip` aside.

    `seeds[starts[t]:ends[t]]` are those of text `t`. Shared seeds in order of place make tracks: a seed carries on a
    track that ended at most `gap` letters before it in both texts, where the two distances differ by no more than 16 and a
    quarter of the longer. `cover_a[l]`, `cover_b[l]` are the letters of either text that lie on tracks in one order (see
    `_in_line`), `shared[l]` the number of shared seeds. Links of one `a` should stand together: it is indexed once.
    """
    table, marks = np.zeros(64, np.uint64), np.zeros(1024, np.uint8)
    most = _most_seeds(starts, ends, b)
    hits = np.empty(most + 1, np.uint64)
    at_a = np.empty(most, np.int64)
    at_b = np.empty(most, np.int64)
    start_a = np.empty(most, np.int64)
    end_a = np.empty(most, np.int64)
    start_b = np.empty(most, np.int64)
    end_b = np.empty(most, np.int64)
    score = np.empty(most, np.int64)
    before = np.empty(most, np.int64)
    in_order = np.arange(most)
    indexed = np.int64(-1)
    for l in range(len(a)):
        if a[l] != indexed:
            indexed = np.int64(a[l])
            table, marks = _index(seeds, starts[indexed], ends[indexed], table, marks)
        n = 0
        for h in range(_marked(seeds, starts[b[l]], ends[b[l]], marks, hits)):
            seed = seeds[hits[h]]
            found = _look_up(table, seed >> PLACE_BITS)
            if found != 0 and not _has(skip, seed >> PLACE_BITS):
                at_a[n] = np.int64(found & PLACE)
                at_b[n] = np.int64(seed & PLACE)
                n += 1
        shared[l] = n
        tracks = 0
        for i in range(n):
            best = -1
            best_cost = np.int64(1) << 40
            for t in range(tracks - 1, max(-1, tracks - 1 - TRACKS_BACK), -1):
                da = at_a[i] - end_a[t]
                db = at_b[i] - end_b[t]
                if 0 < da <= gap and db <= gap:
                    off = abs(da - db)
                    if off <= 16 + max(da, db) // 4 and off + db < best_cost:
                        best = t
                        best_cost = off + db
            if best < 0:
                best = tracks
                start_a[best] = at_a[i]
                start_b[best] = at_b[i]
                tracks += 1
            end_a[best] = at_a[i]
            end_b[best] = at_b[i]
        if tracks > 1:
            tracks = _in_line(start_a, end_a, start_b, end_b, tracks, k, moved, score, before)
        cover_b[l] = _cover(start_b, end_b, tracks, in_order, k, margin)
        rises = True
        for t in range(1, tracks):
            rises = rises and start_a[t - 1] <= start_a[t]
        if rises:
            cover_a[l] = _cover(start_a, end_a, tracks, in_order, k, margin)
        else:
            cover_a[l] = _cover(start_a, end_a, tracks, np.argsort(start_a[:tracks], kind="mergesort"), k, margin)


@njit(nogil=True, cache=True)
def common(a: I64, b: I64, seeds: U64, starts: I64, ends: I64, wanted: U64, hashes: U64, link: I64) -> int:
    """The seeds that the texts of each link share, of those `wanted`: hash and link; the number of them.

    Writes no more than there is room for in `hashes` and `link`, but counts all.
    """
    table, marks = np.zeros(64, np.uint64), np.zeros(1024, np.uint8)
    hits = np.empty(_most_seeds(starts, ends, b) + 1, np.uint64)
    indexed = np.int64(-1)
    n = 0
    for l in range(len(a)):
        if a[l] != indexed:
            indexed = np.int64(a[l])
            table, marks = _index(seeds, starts[indexed], ends[indexed], table, marks)
        for h in range(_marked(seeds, starts[b[l]], ends[b[l]], marks, hits)):
            hash = seeds[hits[h]] >> PLACE_BITS
            if _look_up(table, hash) != 0 and (len(wanted) == 1 or _has(wanted, hash)):
                if n < len(hashes):
                    hashes[n] = hash
                    link[n] = l
                n += 1
    return n


@njit(nogil=True, cache=True)
def story_letters(
    seeds: U64, starts: I64, ends: I64, n_letters: I64, skip: U64, marks: U8, k: int, bridge: int, border: int, out: I64
) -> None:
    """The letters of each text outside boilerplate, the seeds `skip` with their `marks` (see `fill`).

    Boilerplate runs on between two of its seeds at most `bridge` letters apart, and to the ends of a text from as near. Where
    it borders on the story its seeds end some way before it does, half a window on the mean, which is counted as well.
    """
    hits = np.empty(_most_seeds(starts, ends, np.arange(len(n_letters))) + 1, np.uint64)
    for t in range(len(n_letters)):
        lost = np.int64(0)
        borders = 0
        reached = np.int64(0)
        any = False
        for h in range(_marked(seeds, starts[t], ends[t], marks, hits)):
            seed = seeds[hits[h]]
            if _has(skip, seed >> PLACE_BITS):
                place = np.int64(seed & PLACE)
                if place - reached <= bridge:
                    lost += place + k - reached
                else:
                    lost += k
                    borders += 2 if any else 1
                reached = place + k
                any = True
        if any:
            if n_letters[t] - reached <= bridge:
                lost += n_letters[t] - reached
            else:
                borders += 1
        out[t] = max(n_letters[t] - lost - borders * border, 0)


@njit(nogil=True, cache=True)
def _view(
    seeds: U64,
    start: int,
    stop: int,
    skip: U64,
    left: U64,
    left_marks: U8,
    right: U64,
    right_marks: U8,
    gap: int,
    place: I64,
    in_left: Flags,
    in_right: Flags,
    state: I8,
) -> tuple[int, int, int, int]:
    """Seeds of one text where two others run along with it: `(all, in the left, in the right, in both)`.

    Another text runs along between two seeds it shares, at most `gap` letters apart.
    """
    left_low = np.uint64(len(left_marks) - 1)
    right_low = np.uint64(len(right_marks) - 1)
    n = 0
    for i in range(np.uint64(start), np.uint64(stop)):
        hash = seeds[i] >> PLACE_BITS
        if _has(skip, hash):
            continue
        place[n] = np.int64(seeds[i] & PLACE)
        in_left[n] = left_marks[hash & left_low] != 0 and _look_up(left, hash) != 0
        in_right[n] = right_marks[hash & right_low] != 0 and _look_up(right, hash) != 0
        state[n] = 0
        n += 1
    for side in range(2):
        last = -1
        for i in range(n):
            if in_left[i] if side == 0 else in_right[i]:
                first = last + 1 if last >= 0 and place[i] - place[last] <= gap else i
                for j in range(first, i + 1):
                    state[j] += 1
                last = i
    every, lefts, rights, both = 0, 0, 0, 0
    for i in range(n):
        if state[i] == 2:
            every += 1
            lefts += in_left[i]
            rights += in_right[i]
            both += in_left[i] and in_right[i]
    return every, lefts, rights, both


@njit(nogil=True, cache=True)
def slots(trios: I64, seeds: U64, starts: I64, ends: I64, skip: U64, gap: int, together: I64, by_chance: I64) -> None:
    """For each trio of texts (three columns) the seeds that all have, in thousandths, and how many that would be by chance.

    By chance: if each text had lost seeds at places of its own, wherever all three run along together. Then of the three
    `q_x q_y q_z` would be left in all, and `q_x q_y` in the first two, so that is the root of what the three pairs share. Both
    are summed over the views from each of the three.
    """
    most = _most_seeds(starts, ends, trios.ravel())
    place = np.empty(most, np.int64)
    in_left = np.empty(most, np.bool_)
    in_right = np.empty(most, np.bool_)
    state = np.empty(most, np.int8)
    table_x, marks_x = np.zeros(64, np.uint64), np.zeros(1024, np.uint8)
    table_y, marks_y = np.zeros(64, np.uint64), np.zeros(1024, np.uint8)
    table_z, marks_z = np.zeros(64, np.uint64), np.zeros(1024, np.uint8)
    indexed = np.int64(-1)
    for l in range(len(trios)):
        x, y, z = trios[l, 0], trios[l, 1], trios[l, 2]
        if x != indexed:
            table_x, marks_x = _index(seeds, starts[x], ends[x], table_x, marks_x)
            indexed = x
        table_y, marks_y = _index(seeds, starts[y], ends[y], table_y, marks_y)
        table_z, marks_z = _index(seeds, starts[z], ends[z], table_z, marks_z)
        n_x, xy, xz, all_x = _view(
            seeds, starts[x], ends[x], skip, table_y, marks_y, table_z, marks_z, gap, place, in_left, in_right, state
        )
        n_y, yx, yz, all_y = _view(
            seeds, starts[y], ends[y], skip, table_x, marks_x, table_z, marks_z, gap, place, in_left, in_right, state
        )
        n_z, zx, zy, all_z = _view(
            seeds, starts[z], ends[z], skip, table_x, marks_x, table_y, marks_y, gap, place, in_left, in_right, state
        )
        together[l] = 1000 * (all_x + all_y + all_z)
        by_chance[l] = 0
        if n_x > 0 and n_y > 0 and n_z > 0:
            pairs = (xy + yx) / (n_x + n_y) * (xz + zx) / (n_x + n_z) * (yz + zy) / (n_y + n_z)
            by_chance[l] = np.int64(1000 * (n_x + n_y + n_z) * np.sqrt(pairs))


@njit(nogil=True, cache=True)
def grow(earlier: I64, later: I64, covered: I64, story: I64) -> None:
    """Grow stories: each text, in order, joins the story that its links lend most coverage, or begins one.

    Links are in order of `later`; a link lends `covered[l]` to the story of `earlier[l]`. `story[t]` becomes the first text of
    the story of `t`; of stories that are lent as much, the one with the earlier first text is joined.
    """
    l = 0
    most = 1
    for i in range(1, len(later)):
        l = l + 1 if later[i] == later[i - 1] else 0
        most = max(most, l + 1)
    firsts = np.empty(most, np.int64)
    lent = np.empty(most, np.int64)
    l = 0
    for t in range(len(story)):
        story[t] = t
        n = 0
        while l < len(later) and later[l] == t:
            first = story[earlier[l]]
            j = 0
            while j < n and firsts[j] != first:
                j += 1
            if j == n:
                firsts[n] = first
                lent[n] = 0
                n += 1
            lent[j] += covered[l]
            l += 1
        if n:
            best = 0
            for j in range(1, n):
                if lent[j] > lent[best] or (lent[j] == lent[best] and firsts[j] < firsts[best]):
                    best = j
            story[t] = firsts[best]


@njit(nogil=True, cache=True)
def unite(x: I64, y: I64, together: I64) -> None:
    """Unite the sets of `x[i]` and `y[i]`: `together`, at first its own indices, becomes the least of each set."""
    for i in range(len(x)):
        a, b = x[i], y[i]
        while together[a] != a:
            together[a] = together[together[a]]
            a = together[a]
        while together[b] != b:
            together[b] = together[together[b]]
            b = together[b]
        together[max(a, b)] = min(a, b)
    for i in range(len(together)):
        together[i] = together[together[i]]  # the least comes first, so one step is enough


@njit(nogil=True, cache=True)
def core(
    members: I64,
    stops: I64,
    hubs: I64,
    seeds: U64,
    starts: I64,
    ends: I64,
    skip: U64,
    sample: int,
    shared: I64,
    shared_core: I64,
    n_core: I64,
) -> None:
    """What the members of each story share of its core: the seeds of its hub that most of them have.

    `members[stops[s - 1]:stops[s]]` are the texts of story `s`, `hubs[s]` the one of them that its links lend most weight. A
    seed is of the core if at least half as many members have it as have the seed of the upper decile; of a story of more than
    `sample` members, so many, evenly spread, are asked. For each member, `shared` are the seeds it shares with the hub,
    `shared_core` those of them in the core; `n_core[s]` are all seeds of the core.
    """
    table, marks = np.zeros(64, np.uint64), np.zeros(1024, np.uint8)
    hits = np.empty(_most_seeds(starts, ends, members) + 1, np.uint64)
    first = 0
    for s in range(len(stops)):
        hub = hubs[s]
        n = stops[s] - first
        table, marks = _index(seeds, starts[hub], ends[hub], table, marks)
        mask = np.uint64(len(table) - 1)
        weight = np.zeros(len(table), np.int32)
        asked = min(n, sample)
        for j in range(asked):
            text = members[first + j * n // asked]
            if text == hub:
                continue
            for h in range(_marked(seeds, starts[text], ends[text], marks, hits)):
                hash = seeds[hits[h]] >> PLACE_BITS
                x = hash & mask
                while table[x] != 0 and table[x] >> PLACE_BITS != hash:
                    x = (x + np.uint64(1)) & mask
                if table[x] != 0 and not _has(skip, hash):
                    weight[x] += 1
        seen = np.sort(weight[weight > 0])
        least = 1
        if len(seen):
            least = max(1, (seen[len(seen) - 1 - len(seen) // 10] + 1) // 2)
        n_core[s] = (weight >= least).sum()
        for j in range(first, stops[s]):
            text = members[j]
            shared[j] = 0
            shared_core[j] = 0
            for h in range(_marked(seeds, starts[text], ends[text], marks, hits)):
                hash = seeds[hits[h]] >> PLACE_BITS
                x = hash & mask
                while table[x] != 0 and table[x] >> PLACE_BITS != hash:
                    x = (x + np.uint64(1)) & mask
                if table[x] != 0 and weight[x] > 0:
                    shared[j] += 1
                    shared_core[j] += weight[x] >= least
        first = stops[s]
