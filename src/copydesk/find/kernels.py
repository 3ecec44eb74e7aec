"""The compiled loops of finding: arrays in, arrays out. They know no file and no engine, and run without the GIL.

Arrays are made by the caller where their size is known beforehand. A **seed** is one `uint64`: 40 bits of hash above 24 bits of
place, so seeds of one text in order of place can be looked up by hash and read off by place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from copydesk.compiled import kernel
from copydesk.find import wide
from copydesk.wide import PACKS, ahead

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


@kernel
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


@kernel
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


WIDTH, READ = np.uint64(wide.WIDTH), np.uint64(wide.READ)
FOLDED = np.uint64((1 << wide.READ) - 1)


@kernel
def _eight(data: U8, i: np.uint64) -> np.uint64:
    """Eight bytes as one number, the first the lowest."""
    x = np.uint64(0)
    for j in range(np.uint64(8)):
        x |= np.uint64(data[i + j]) << (np.uint64(8) * j)
    return x


@kernel
def _fold(data: U8, start: int, end: int, ascii: U8, out: U8, pages: I16, cells: I32, units: U8) -> int:
    """Fold UTF-8 `data[start:end]` into `out`; the number of letters. Indices are unsigned: none is tested for below 0."""
    n = np.uint64(0)
    i = np.uint64(start)
    stop = np.uint64(end)
    while i < stop:
        if PACKS and i + WIDTH <= stop:
            told = np.uint64(wide.fold(data, i, out, n))
            n += told >> READ
            if told & FOLDED == WIDTH:  # nearly always, so that the processor need not wait for it
                i += WIDTH
                continue
            i += told & FOLDED
        elif data[i] < 0x80:
            u = ascii[data[i]]
            out[n] = u
            n += np.uint64(u != 0)
            i += np.uint64(1)
        while i < stop and data[i] >= 0x80:
            code, size = _decode(data, np.int64(i))
            i += np.uint64(size)
            row = np.int64(pages[code >> 8])
            cell = np.int64(cells[max(row, 0) << 8 | (code & 255)])
            if row >= 0 and cell & 31 <= 1:  # nearly all
                out[n] = units[cell >> 5]
                n += np.uint64(cell & 31)
            else:
                n = np.uint64(_put(code, out, np.int64(n), pages, cells, units))
    return np.int64(n)


@kernel
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


@kernel
def _mix(x: np.uint64) -> np.uint64:
    """Spread the bits of a 64-bit number (the finisher of splitmix64)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


K = 24
"""Letters of the run that a seed is the hash of: three words of eight."""
EVERY = 20
"""One run in so many is a seed, on the mean."""
CHOSEN = np.uint64((1 << 64) // EVERY)
"""A run whose first eight letters have a hash below this is one."""
ODD = np.uint64(0x9E3779B97F4A7C15)
AT_ONCE = np.uint64(wide.AT_ONCE)


@kernel
def _hash(letters: U8, i: np.uint64) -> np.uint64:
    """The hash of the run of `K` letters at `i`."""
    x, y, z = _eight(letters, i) * ODD, _eight(letters, i + np.uint64(8)) * ODD, _eight(letters, i + np.uint64(16)) * ODD
    return _mix(x ^ (y << np.uint64(21) | y >> np.uint64(43)) ^ (z << np.uint64(42) | z >> np.uint64(22)))


@kernel
def _stir(a: np.uint64, b: np.uint64, x: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Two hashes and eight letters more, each with a multiplier of its own."""
    a = (a ^ x) * np.uint64(0x9FB21C651E98DF25)
    b = (b + x) * np.uint64(0xD6E8FEB86659FD93)
    return a ^ a >> np.uint64(29), b ^ b >> np.uint64(32)


@kernel
def _chosen(letters: U8, i: np.uint64, stop: np.uint64, out: U64, m: np.uint64) -> np.uint64:
    """Write which of the runs that begin in `[i, stop)` are chosen at `out[m:]`; how many.

    All are written and those chosen kept: which are, no processor can foresee.
    """
    n = m
    for j in range(i, stop):
        out[n] = j
        n += np.uint64(_eight(letters, j) * ODD < CHOSEN)
    return n - m


@kernel
def _sample(letters: U8, n_letters: int, some: int, out: U64, m: int) -> tuple[int, np.uint64, np.uint64]:
    """Write the seeds of `letters[:some]` at `out[m:]`: the new `m`, and two hashes of `letters[:n_letters]`.

    Whether a run is a seed hangs on its first eight letters alone, so what two texts share gives both the same seeds, whatever
    stands around it. A seed that repeats the one before within `EVERY` letters is left out, lest a letter repeated for ever
    gives one at each. A text in which none is chosen gives the one that comes nearest.

    Hashing waits for its last product, and choosing has many at a time: together they take no longer than either.
    """
    a, b = np.uint64(0x243F6A8885A308D3), np.uint64(0x13198A2E03707344)
    one, eight = np.uint64(1), np.uint64(8)
    start, end = np.uint64(m), np.uint64(n_letters)
    n_runs = np.uint64(max(some - K + 1, 0))
    chosen = start
    i = np.uint64(0)
    while PACKS and i + WIDTH <= n_runs:
        n = np.uint64(wide.places(wide.chosen(letters, i, ODD, CHOSEN), i, out, chosen))
        if n > AT_ONCE:
            n = _chosen(letters, i, i + WIDTH, out, chosen)
        chosen += n
        for j in range(eight):
            a, b = _stir(a, b, _eight(letters, i + eight * j))
        i += WIDTH
    chosen += _chosen(letters, i, n_runs, out, chosen)
    while i + eight <= end:
        a, b = _stir(a, b, _eight(letters, i))
        i += eight
    x = end
    while i < end:
        x = x << eight | np.uint64(letters[i])
        i += one

    stop = start
    for j in range(start, chosen):
        seed = _hash(letters, out[j]) & ~PLACE | out[j]
        if stop == start or seed - out[stop - one] >= np.uint64(EVERY):  # another hash is far above or below
            out[stop] = seed
            stop += one
    if stop == start and n_runs:
        least = np.uint64(0)
        for i in range(one, n_runs):
            least = i if _eight(letters, i) * ODD < _eight(letters, least) * ODD else least
        out[stop] = _hash(letters, least) & ~PLACE | least
        stop += one
    return np.int64(stop), _mix(a ^ x), _mix(b + x)


@kernel
def seed(
    data: U8,
    offsets: I64,
    t: int,
    ascii: U8,
    pages: I16,
    cells: I32,
    units: U8,
    letters: U8,
    out: U64,
    ends: I64,
    n_letters: I64,
    digests: U64,
) -> int:
    """Fold and seed texts from `t` on, text `t` being UTF-8 `data[offsets[t]:offsets[t + 1]]`; the first that has no room.

    Seeds go to `out`, text after text, those of `t` before `ends[t]`; `n_letters[t]` and `digests[t]` (two numbers) are of
    all letters. `letters` is scratch, with room for those of the longest text. A text is begun if `out` has room for as many
    seeds as it has letters, or `MAX_LETTERS`, which is more than any text gives.
    """
    m = 0
    while t < len(offsets) - 1:
        n = _fold(data, offsets[t], offsets[t + 1], ascii, letters, pages, cells, units)
        some = min(n, MAX_LETTERS)
        if m + some > len(out):
            break
        n_letters[t] = n
        m, digests[t, 0], digests[t, 1] = _sample(letters, n, some, out, m)
        ends[t] = m
        t += 1
    return t


TEXT = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
PARTS, HALF_BIT = 256, 8
"""Parts of the postings, told by the low bits of their hash (the high bits of a minimizer's are mostly 0); the next bit."""


@kernel
def scatter(texts: I64, seeds: U64, starts: I64, ends: I64, plenty: int, out: U64, at: I64, bounds: I64) -> None:
    """Postings of `texts`, part after part, part `p` being `out[bounds[p]:bounds[p + 1]]`; `out` has room for one more.

    A posting is 32 bits of hash above 32 bits of text. Of a text with more than `plenty` seeds every second is posted, told by
    the bit above that of the part: texts that share many seeds find one another by half of them. `at` is scratch, one more than
    there are parts: what is not posted is written to the last place, again and again, which costs less than to ask.
    """
    one, low, half = np.uint64(1), np.uint64(PARTS - 1), np.uint64(HALF_BIT)
    bounds[:] = 0
    for t in texts:
        every = np.uint64(ends[t] - starts[t] <= plenty)
        for i in range(np.uint64(starts[t]), np.uint64(ends[t])):
            hash = seeds[i] >> PLACE_BITS
            bounds[(hash & low) + one] += every | ~hash >> half & one
    for p in range(PARTS):
        bounds[p + 1] += bounds[p]
        at[p] = bounds[p]
    at[PARTS] = bounds[PARTS]
    for t in texts:
        every = np.uint64(ends[t] - starts[t] <= plenty)
        for i in range(np.uint64(starts[t]), np.uint64(ends[t])):
            hash = seeds[i] >> PLACE_BITS
            posted = every | ~hash >> half & one
            p = hash & low if posted else np.uint64(PARTS)
            out[at[p]] = (seeds[i] >> HALF) << HALF | np.uint64(t)
            at[p] += posted


LOW_TEXT_BITS = np.uint64(16)
"""Links are parted by the high bits of their later text; its low 16 bits are what a link holds of it."""
LOW_TEXT = np.uint64(0xFFFF)
WEIGHT = 48
"""A link by a seed of `n` texts weighs this, divided by the bits of `n`: a rare seed tells more, five common ones more yet."""


@kernel
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


@kernel
def choose(links: U64, part: int, n_seeds: I64, plenty: int, best: I64, centers_out: I64, texts_out: I64) -> int:
    """Write the heaviest links of each text, at most as many as `best` has columns, heaviest first; their number.

    `links` are those of one part, sorted, so the links of one pair stand together; their weights add up. Of equals the one to
    the earlier (longer) text goes first. All but the first, and the second of a text that has not more than `plenty` seeds
    (`n_seeds[t]`), must rest on two seeds or more. `best` (three rows) is scratch.
    """
    n = len(links)
    centers, weights, shared = best[0], best[1], best[2]
    most = len(centers)
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
            if shared[j] < 2 and j > (n_seeds[(part << 16) + np.int64(text)] <= plenty):
                continue
            centers_out[written] = centers[j]
            texts_out[written] = (part << 16) + np.int64(text)
            written += 1
    return written


@kernel
def _slot(table: U64, hash: np.uint64) -> np.uint64:
    """Where a hash is in a set, or where it would be: there `table` is 0."""
    mask = np.uint64(len(table) - 1)
    x = hash & mask
    while (table[x] != 0) & (table[x] != hash):  # one branch, hardly ever taken
        x = (x + np.uint64(1)) & mask
    return x


@kernel
def fill(table: U64, marks: U8, hashes: U64) -> None:
    """Put hashes into a set: `table`, open-addressed and at most half full, and `marks`, a bit for the low bits of a hash.

    Both are zeros at first and a power of two long. Most seeds that are not in a set are told by its marks (see `_is_marked`),
    without a far look.
    """
    for hash in hashes:
        marks[(hash >> np.uint64(3)) & np.uint64(len(marks) - 1)] |= np.uint8(1 << (hash & np.uint64(7)))
        table[_slot(table, hash)] = hash


@kernel
def _is_marked(marks: U8, hash: np.uint64) -> np.uint64:
    """1 if a hash may be in the set with these marks, 0 if not."""
    return np.uint64(marks[(hash >> np.uint64(3)) & np.uint64(len(marks) - 1)]) >> (hash & np.uint64(7)) & np.uint64(1)


def index_room(most: int) -> int:
    """Places of a `table` that looks up the seeds of a text with at most so many; `marks` has `MARKS` times as many."""
    return 1 << max(6, (4 * most - 1).bit_length())


MARKS = 8
"""Marks for each place of a table: most seeds that are not in it are told by them."""


@kernel
def _index(seeds: U64, start: int, stop: int, table: U64) -> np.uint64:
    """Make `table` look up the seeds `[start, stop)` of a text by hash; its mask: the first power of two that is large enough.

    A seed that the text repeats is looked up at its first place. (A hash of 0 at place 0 would look empty: lost, one in 2^40.)
    """
    size = 64
    while size < 4 * (stop - start):
        size *= 2
    table[:size] = 0
    mask = np.uint64(size - 1)
    for i in range(np.uint64(start), np.uint64(stop)):
        x = _indexed(table, mask, seeds[i] >> PLACE_BITS)
        if table[x] == 0:
            table[x] = seeds[i]
    return mask


@kernel
def _indexed(table: U64, mask: np.uint64, hash: np.uint64) -> np.uint64:
    """Where the seed of this hash is in an indexed text, or would be: there `table` is 0."""
    x = hash & mask
    while (table[x] != 0) & (table[x] >> PLACE_BITS != hash):
        x = (x + np.uint64(1)) & mask
    return x


@kernel
def _mark(seeds: U64, start: int, stop: int, mask: np.uint64, marks: U8) -> np.uint64:
    """Mark the low bits of the hashes of the seeds `[start, stop)`, indexed with `mask`; the mask of the marks."""
    low = (mask + np.uint64(1)) * np.uint64(MARKS) - np.uint64(1)
    marks[: low + np.uint64(1)] = 0
    for i in range(np.uint64(start), np.uint64(stop)):
        marks[(seeds[i] >> PLACE_BITS) & low] = 1
    return low


@kernel
def _marked(seeds: U64, start: int, stop: int, marks: U8, low: np.uint64, out: U64, n: int) -> int:
    """Write the seeds in `[start, stop)` whose hash is marked at `out[n:]`; the new `n`."""
    written = np.uint64(n)
    for i in range(np.uint64(start), np.uint64(stop)):
        out[written] = seeds[i]
        written += np.uint64(marks[(seeds[i] >> PLACE_BITS) & low])
    return np.int64(written)


LINE = np.uint64(8)
"""Seeds that memory gives at a time."""
AHEAD = 4
"""Texts before a text at which its seeds are asked for, where texts do not follow one another in memory."""


@kernel
def _ask(seeds: U64, start: int, stop: int) -> None:
    """Have memory give the seeds `[start, stop)`, which are looked at soon: to wait for them takes longer than to look."""
    for i in range(np.uint64(start), np.uint64(stop), LINE):
        ahead(seeds, i)


@kernel
def _cover(starts: I64, ends: I64, n: int, length: int, margin: int) -> int:
    """Letters in the union of `n` tracks, from seed to seed of `length` letters, in order of starts.

    What two texts share begins before their first shared seed and ends after the last: a track of more than one seed is taken
    to reach `margin` letters further either way.
    """
    covered = 0
    reached = 0
    for i in range(n):
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


@kernel
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


@kernel
def _in_order(starts: I64, ends: I64, n: int) -> None:
    """Sort tracks by their starts; nearly always they are."""
    for i in range(1, n):
        start, end = starts[i], ends[i]
        j = i
        while j > 0 and starts[j - 1] > start:
            starts[j], ends[j] = starts[j - 1], ends[j - 1]
            j -= 1
        starts[j], ends[j] = start, end


@kernel
def share(
    a: I64, b: I64, seeds: U64, starts: I64, ends: I64, skip: U64, table: U64, marks: U8, shared: U64, places: I32, stops: I64
) -> None:
    """The seeds that the texts `a[l]` and `b[l]` of each link share, the seeds `skip` aside.

    `seeds[starts[t]:ends[t]]` are those of text `t`. Of link `l`, `shared` up to `stops[l]` are the seeds of `b`, in order of
    place, and `places` where `a` has them first. `shared` has room for all seeds of each `b` and one more; `table` and `marks`
    are scratch (see `index_room`). Links of one `a` should stand together: it is indexed once.
    """
    indexed = np.int64(-1)
    mask, low = np.uint64(0), np.uint64(0)
    n = np.int64(0)
    for l in range(len(a)):
        next_ = b[min(l + AHEAD, len(a) - 1)]
        _ask(seeds, starts[next_], ends[next_])
        if a[l] != indexed:
            indexed = a[l]
            mask = _index(seeds, starts[indexed], ends[indexed], table)
            low = _mark(seeds, starts[indexed], ends[indexed], mask, marks)
        marked = _marked(seeds, starts[b[l]], ends[b[l]], marks, low, shared, n)
        for i in range(n, marked):
            hash = shared[i] >> PLACE_BITS
            found = table[_indexed(table, mask, hash)]
            if found != 0 and skip[_slot(skip, hash)] == 0:
                shared[n] = shared[i]
                places[n] = np.int32(found & PLACE)
                n += 1
        stops[l] = n


@kernel
def chain(
    links: I64,
    bounds: I64,
    shared: U64,
    places: I32,
    skip: U64,
    k: int,
    gap: int,
    margin: int,
    moved: int,
    scratch: I64,
    cover_a: I64,
    cover_b: I64,
) -> None:
    """Align the texts of each of the links by their shared seeds (see `share`), the seeds `skip` aside.

    Those of link `l` are `shared[bounds[l]:bounds[l + 1]]`. In order of place they make tracks: a seed carries on a
    track that ended at most `gap` letters before it in both texts, where the two distances differ by no more than 16 and a
    quarter of the longer. `cover_a`, `cover_b` are the letters of either text that lie on tracks in one order (see `_in_line`),
    for each of `links`. `scratch` is six rows with room for the seeds of any.
    """
    start_a, end_a, start_b, end_b, score, before = (scratch[0], scratch[1], scratch[2], scratch[3], scratch[4], scratch[5])
    for i in range(len(links)):
        tracks = 0
        last = 0
        for h in range(bounds[links[i]], bounds[links[i] + 1]):
            if skip[_slot(skip, shared[h] >> PLACE_BITS)] != 0:
                continue
            at_a, at_b = np.int64(places[h]), np.int64(shared[h] & PLACE)
            best = -1
            best_cost = np.int64(1) << 40
            back = max(-1, tracks - 1 - TRACKS_BACK)
            if last > back and tracks and at_a - end_a[last] == at_b - end_b[last] <= gap:
                best = last  # none other can be nearer: the track of the seed before, without an edit
                back = tracks
            for t in range(tracks - 1, back, -1):
                da = at_a - end_a[t]
                db = at_b - end_b[t]
                if 0 < da <= gap and db <= gap:
                    off = abs(da - db)
                    if off <= 16 + max(da, db) // 4 and off + db < best_cost:
                        best = t
                        best_cost = off + db
            if best < 0:
                best = tracks
                start_a[best] = at_a
                start_b[best] = at_b
                tracks += 1
            end_a[best] = at_a
            end_b[best] = at_b
            last = best
        if tracks > 1:
            tracks = _in_line(start_a, end_a, start_b, end_b, tracks, k, moved, score, before)
        cover_b[i] = _cover(start_b, end_b, tracks, k, margin)
        _in_order(start_a, end_a, tracks)
        cover_a[i] = _cover(start_a, end_a, tracks, k, margin)


@kernel
def hashes(links: I64, bounds: I64, shared: U64, out: U64) -> None:
    """Write the hashes of the shared seeds of each of the links."""
    n = 0
    for link in links:
        for h in range(bounds[link], bounds[link + 1]):
            out[n] = shared[h] >> PLACE_BITS
            n += 1


@kernel
def repeated(hashes: U64, least: int) -> int:
    """Move those of sorted hashes that are there at least so many times to the front, each once; their number."""
    n = i = 0
    while i < len(hashes):
        hash = hashes[i]
        begun = i
        while i < len(hashes) and hashes[i] == hash:
            i += 1
        if i - begun >= least:
            hashes[n] = hash
            n += 1
    return n


@kernel
def tally(links: I64, change: int, bounds: I64, shared: U64, table: U64, marks: U8, counts: I64, having: Flags) -> None:
    """Add `change` to the counts (one for each slot of `table`) of the shared seeds of each link that are in a set.

    The set is as `fill` makes it. `having` says of each of `links` whether it has any.
    """
    for i in range(len(links)):
        having[i] = False
        for h in range(bounds[links[i]], bounds[links[i] + 1]):
            hash = shared[h] >> PLACE_BITS
            if _is_marked(marks, hash):
                x = _slot(table, hash)
                if table[x] != 0:
                    counts[x] += change
                    having[i] = True
                    if change == 0:
                        break


@kernel
def only(
    texts: I64, seeds: U64, starts: I64, ends: I64, wanted: U64, marks: U8, out: U64, out_starts: I64, out_ends: I64
) -> int:
    """The wanted of all seeds, those of each of `texts` one after the other: `out[out_starts[t]:out_ends[t]]`; their number."""
    n = np.uint64(0)
    for t in texts:
        out_starts[t] = n
        marked = n
        for i in range(np.uint64(starts[t]), np.uint64(ends[t])):
            out[marked] = seeds[i]
            marked += _is_marked(marks, seeds[i] >> PLACE_BITS)
        for i in range(n, marked):
            if wanted[_slot(wanted, out[i] >> PLACE_BITS)] != 0:
                out[n] = out[i]
                n += np.uint64(1)
        out_ends[t] = n
    return np.int64(n)


@kernel
def story_letters(
    seeds: U64, starts: I64, ends: I64, n_letters: I64, skip: U64, k: int, bridge: int, border: int, out: I64
) -> None:
    """The letters of each text outside boilerplate, the seeds `skip`.

    Boilerplate runs on between two of its seeds at most `bridge` letters apart, and to the ends of a text from as near. Where
    it borders on the story its seeds end some way before it does, half a window on the mean, which is counted as well.
    """
    for t in range(len(n_letters)):
        next_ = min(t + AHEAD, len(n_letters) - 1)
        _ask(seeds, starts[next_], ends[next_])
        lost = np.int64(0)
        borders = 0
        reached = np.int64(0)
        any = False
        for i in range(np.uint64(starts[t]), np.uint64(ends[t])):
            hash = seeds[i] >> PLACE_BITS
            if skip[_slot(skip, hash)] != 0:
                place = np.int64(seeds[i] & PLACE)
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


@kernel
def _along(own: U64, n: int, stamp: I64, serial: int, gap: int, numbers: I64, flags: U8, change: int) -> None:
    """Where another text runs along with the `n` seeds `own`: 1 where it does, 3 where it has the seed besides, else 0.

    It runs along between two other seeds that it shares, at most `gap` letters apart: whether it has the seed itself must not
    tell, or what it has not would count less. The seeds that it shares are stamped `serial`. For `numbers` see `_seen`:
    `change` is added to the counts.
    """
    slot, have, along = numbers[0], numbers[1], numbers[2]
    far = np.int64(1) << 40
    before, shared, from_ = -far, -far, np.int64(-1)  # places of the last two seeds that it shares, and which the last is
    for i in range(n + 1):
        if i < n and stamp[slot[i]] != serial:
            continue
        place = np.int64(own[i] & PLACE) if i < n else far
        if from_ >= 0:
            runs = np.int64(place - before <= gap)
            flags[from_] = 3 * runs
            have[from_] += change * runs
            along[from_] += change * runs
        runs = np.int64(place - shared <= gap)
        for j in range(from_ + 1, i):
            flags[j] = runs
            along[j] += change * runs
        before, shared, from_ = shared, place, np.int64(i)


@kernel
def _seen(
    x: int,
    others: I64,
    serial: int,
    seeds: U64,
    starts: I64,
    ends: I64,
    skip: U64,
    gap: int,
    own: U64,
    table: U64,
    marks: U8,
    hits: U64,
    numbers: I64,
    flags: U8,
) -> tuple[int, int, np.uint64, np.uint64]:
    """Count for each seed of text `x`, those of `skip` aside, how many of the others have it and how many run along there.

    The seeds go to `own`, the counts to rows of `numbers`: `slot, have, along, stamp` (the last as long as `table`). Gives the
    number of seeds, the last `serial` used, and the masks of `table` and `marks`, which look them up.
    """
    slot, have, along, stamp = numbers[0], numbers[1], numbers[2], numbers[3]
    n = 0
    for i in range(np.uint64(starts[x]), np.uint64(ends[x])):
        if skip[_slot(skip, seeds[i] >> PLACE_BITS)] == 0:
            own[n] = seeds[i]
            n += 1
    mask = _index(own, 0, n, table)
    low = _mark(own, 0, n, mask, marks)
    for i in range(n):
        slot[i] = _indexed(table, mask, own[i] >> PLACE_BITS)
        have[i] = 0
        along[i] = 0
    for other in others:
        if other != x:
            serial += 1
            _stamp(seeds, starts[other], ends[other], table, mask, marks, low, hits, stamp, serial)
            _along(own, n, stamp, serial, gap, numbers, flags, 1)
    return n, serial, mask, low


@kernel
def _stamp(
    seeds: U64, start: int, stop: int, table: U64, mask: np.uint64, marks: U8, low: np.uint64, hits: U64, out: I64, by: int
) -> None:
    """Stamp the places in `table` of those of the seeds `[start, stop)` that it looks up: `out` there is `by`."""
    for h in range(_marked(seeds, start, stop, marks, low, hits, 0)):
        x = _indexed(table, mask, hits[h] >> PLACE_BITS)
        if table[x] != 0:
            out[x] = by


@kernel
def views(
    texts: I64,
    firsts: I64,
    lasts: I64,
    members: I64,
    seeds: U64,
    starts: I64,
    ends: I64,
    skip: U64,
    gap: int,
    own: U64,
    table: U64,
    marks: U8,
    hits: U64,
    numbers: I64,
    flags: U8,
    out: I64,
) -> None:
    """How each text sees others of its story: `members[firsts[v]:lasts[v]]` for the text `texts[v]`, itself aside.

    Of its seeds where at least two of them run along (see `_seen`) `out[v]` are: their number; the share of those along that
    have each, and the chance that of two of them one has it and one has not, both in thousandths and each by a weight, summed;
    and the weights, summed: how many run along, but for one. The rest is scratch; `numbers[3]` is zeros.
    """
    serial = np.int64(0)
    have, along = numbers[1], numbers[2]
    for v in range(len(texts)):
        others = members[firsts[v] : lasts[v]]
        next_ = min(v + 1, len(texts) - 1)
        if firsts[next_] != firsts[v]:
            for text in members[firsts[next_] : lasts[next_]]:
                _ask(seeds, starts[text], ends[text])
        n, serial, _, _ = _seen(
            texts[v], others, serial, seeds, starts, ends, skip, gap, own, table, marks, hits, numbers, flags
        )
        out[v] = 0
        for i in range(n):
            k, m = have[i], along[i]
            if m >= 2:
                out[v, 0] += 1
                out[v, 1] += 1000 * k * (m - 1) // m
                out[v, 2] += 2000 * k * (m - k) // m
                out[v, 3] += m - 1


@kernel
def own(
    a: I64,
    b: I64,
    firsts: I64,
    lasts: I64,
    members: I64,
    rare: int,
    seeds: U64,
    starts: I64,
    ends: I64,
    skip: U64,
    gap: int,
    own: U64,
    table: U64,
    marks: U8,
    hits: U64,
    numbers: I64,
    flags: U8,
    of_a: I64,
    of_both: I64,
) -> None:
    """Of the seeds of `a[l]` that one in `rare` others of the story has at most, how many there are along `b[l]`, and in it.

    The others are `members[firsts[l]:lasts[l]]`, `b` aside. Links of one `a` should stand together. The rest as in `views`.
    """
    serial = np.int64(0)
    seen = np.int64(-1)
    n = 0
    mask, low = np.uint64(0), np.uint64(0)
    have, stamp = numbers[1], numbers[3]
    for l in range(len(a)):
        others = members[firsts[l] : lasts[l]]
        if a[l] != seen:
            seen = a[l]
            n, serial, mask, low = _seen(
                seen, others, serial, seeds, starts, ends, skip, gap, own, table, marks, hits, numbers, flags
            )
        asked, n_others = False, 0
        for other in others:
            asked |= other == b[l]
            n_others += (other != a[l]) & (other != b[l])
        serial += 1
        _stamp(seeds, starts[b[l]], ends[b[l]], table, mask, marks, low, hits, stamp, serial)
        _along(own, n, stamp, serial, gap, numbers, flags, 0)
        of_a[l] = 0
        of_both[l] = 0
        for i in range(n):
            if flags[i] and (have[i] - asked * (flags[i] >> 1)) * rare <= n_others:
                of_a[l] += 1
                of_both[l] += flags[i] >> 1


@kernel
def grow(earlier: I64, later: I64, covered: I64, firsts: I64, lent: I64, story: I64) -> None:
    """Grow stories: each text, in order, joins the story that its links lend most coverage, or begins one.

    Links are in order of `later`; a link lends `covered[l]` to the story of `earlier[l]`. `story[t]` becomes the first text of
    the story of `t`; of stories that are lent as much, the one with the earlier first text is joined. `firsts` and `lent` are
    scratch with room for the links of any text.
    """
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


@kernel
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


@kernel
def _core_weight(weight: I32, n: int, most: int, seen: I64) -> int:
    """Half the weight (rounded up, at least 1) of the upper decile of the first `n` seeds, those of no weight aside.

    What is above `most` (a text may repeat a seed) counts as that; `seen` is scratch for as many, and 0.
    """
    for w in range(most + 1):
        seen[w] = 0
    for x in range(n):
        seen[min(weight[x], most)] += 1
    decile = most
    above = seen[most]
    while decile > 1 and above <= (n - seen[0]) // 10:
        decile -= 1
        above += seen[decile]
    return max(1, (decile + 1) // 2)


@kernel
def core(
    members: I64,
    stops: I64,
    hubs: I64,
    seeds: U64,
    starts: I64,
    ends: I64,
    skip: U64,
    sample: int,
    table: U64,
    marks: U8,
    weight: I32,
    seen: I64,
    hits: U64,
    shared: I64,
    shared_core: I64,
    n_core: I64,
) -> None:
    """What the members of each story share of its core: the seeds of its hub that most of them have.

    `members[stops[s - 1]:stops[s]]` are the texts of story `s`, `hubs[s]` the one of them that its links lend most weight. A
    seed is of the core if at least half as many members have it as have the seed of the upper decile; of a story of more than
    `sample` members, so many, evenly spread, are asked. For each member, `shared` are the seeds it shares with the hub,
    `shared_core` those of them in the core; `n_core[s]` are all seeds of the core. `table`, `marks` (see `index_room`),
    `weight` (as long as `table`) and `hits` are scratch with room for the seeds of any text and one more, `seen` for as many as
    `sample`, and 0.
    """
    first = 0
    for s in range(len(stops)):
        hub = hubs[s]
        n = stops[s] - first
        for text in members[stops[s] : stops[min(s + 1, len(stops) - 1)]][:sample]:
            _ask(seeds, starts[text], ends[text])
        mask = _index(seeds, starts[hub], ends[hub], table)
        low = _mark(seeds, starts[hub], ends[hub], mask, marks)
        weight[: mask + np.uint64(1)] = 0
        asked = min(n, sample)
        for j in range(asked):
            text = members[first + j * n // asked]
            if text == hub:
                continue
            for h in range(_marked(seeds, starts[text], ends[text], marks, low, hits, 0)):
                hash = hits[h] >> PLACE_BITS
                x = _indexed(table, mask, hash)
                if table[x] != 0 and skip[_slot(skip, hash)] == 0:
                    weight[x] += 1
        least = _core_weight(weight, np.int64(mask) + 1, asked, seen)
        n_core[s] = 0
        for x in range(mask + np.uint64(1)):
            n_core[s] += weight[x] >= least
        for j in range(first, stops[s]):
            text = members[j]
            shared[j] = 0
            shared_core[j] = 0
            for h in range(_marked(seeds, starts[text], ends[text], marks, low, hits, 0)):
                x = _indexed(table, mask, hits[h] >> PLACE_BITS)
                if table[x] != 0 and weight[x] > 0:
                    shared[j] += 1
                    shared_core[j] += weight[x] >= least
        first = stops[s]
