"""The compiled loops of finding: arrays in, arrays out. They know no file and no engine, and run without the GIL.

Arrays are made by the caller where their size is known beforehand. A **seed** is one `uint64`: 40 bits of hash above 24 bits of
place, so seeds of one text in order of place can be looked up by hash and read off by place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACE_BITS = np.uint64(24)
PLACE = np.uint64((1 << 24) - 1)
MAX_LETTERS = 1 << 24
"""Letters of one text that seeds are taken from: what lies beyond has no place in 24 bits."""


def room(n_bytes: int) -> int:
    """Letters that `n_bytes` of UTF-8 can fold to, at most (one code point of three bytes can become 18 letters)."""
    return n_bytes * 6 + 32


@njit(nogil=True, cache=True)
def _decode(data, i):
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
def _put(code, out, n, pages, cells, units):
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
def _fold(data, start, end, ascii, out, pages, cells, units):
    """Fold UTF-8 `data[start:end]` into `out`; the number of letters. Indices are unsigned: that spares the test for below 0."""
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
def fold_with_places(data, out, places, pages, cells, units):
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
def _mix(x):
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
def _minimizers(letters, n_letters, k, w, enter, leave, values, out, m):
    """Write the (w, k)-minimizers of `letters[:n_letters]` at `out[m:]`; the new `m`.

    Of any `w` neighbouring runs of `k` letters the one with the smallest hash is taken, the leftmost of equals, so that any
    `w + k - 1` letters that two texts share give both the same seed. A text with fewer runs than `w` gives its smallest.
    """
    if n_letters < k:
        return m
    one, rest, odd, above = np.uint64(1), np.uint64(63), np.uint64(0x9E3779B97F4A7C15), ~PLACE
    size, width = np.uint64(k), np.uint64(w)
    n_runs = np.uint64(n_letters - k + 1)
    h = np.uint64(0)
    for i in range(size):
        h = (h << one | h >> rest) ^ enter[letters[i]]
    values[np.uint64(0)] = (h * odd) & above
    for i in range(one, n_runs):
        h = (h << one | h >> rest) ^ (leave[letters[i - one]] ^ enter[letters[i + size - one]])
        values[i] = (h * odd) & above | i
    written = np.uint64(m)
    least = ~np.uint64(0)
    for i in range(min(width, n_runs)):
        least = min(least, values[i])
    out[written] = least
    written += one
    at = least & PLACE
    for i in range(width, n_runs):
        value = values[i]
        if value < least:
            least = value
            at = i
            out[written] = least
            written += one
        elif at + width <= i:
            least = value
            for j in range(at + one, i):
                least = min(least, values[j])
            at = least & PLACE
            out[written] = least
            written += one
    return np.int64(written)


@njit(nogil=True, cache=True)
def _digest(letters, n):
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
def seed(data, offsets, k, w, ascii, pages, cells, units, enter, leave, letters, values, out, ends, n_letters, digests):
    """Fold and seed a batch of texts, text `t` being UTF-8 `data[offsets[t]:offsets[t + 1]]`; the number of seeds written.

    Seeds go to `out`, text after text, those of `t` before `ends[t]`; `n_letters[t]` and `digests[t]` (two numbers) are of
    all letters. `letters` and `values` are scratch, as long as the longest text has letters.
    """
    m = 0
    for t in range(len(offsets) - 1):
        n = _fold(data, offsets[t], offsets[t + 1], ascii, letters, pages, cells, units)
        n_letters[t] = n
        digests[t, 0], digests[t, 1] = _digest(letters, n)
        m = _minimizers(letters, min(n, MAX_LETTERS), k, w, enter, leave, values, out, m)
        ends[t] = m
    return m


@njit(nogil=True, cache=True)
def scatter(seeds, ends, first, out, starts):
    """Postings of the texts `first, first + 1, ...` by the low 8 bits of their hash; `starts[p]` is where part `p` begins.

    A posting is 32 bits of hash above 32 bits of text. (The high bits of a minimizer's hash are mostly 0, the low ones even.)
    """
    starts[:] = 0
    for i in range(len(seeds)):
        starts[((seeds[i] >> PLACE_BITS) & np.uint64(255)) + np.uint64(1)] += 1
    for p in range(256):
        starts[p + 1] += starts[p]
    at = starts[:256].copy()
    i = 0
    for t in range(len(ends)):
        text = np.uint64(first + t)
        while i < ends[t]:
            p = (seeds[i] >> PLACE_BITS) & np.uint64(255)
            out[at[p]] = (seeds[i] >> np.uint64(32)) << np.uint64(32) | text
            at[p] += 1
            i += 1


TEXT = np.uint64(0xFFFFFFFF)


@njit(nogil=True, cache=True)
def link(postings, out):
    """Links of one part's postings, sorted; the number of links written to `out`, which has room for two a posting.

    The texts of one seed all link to the first of them and to the one before them, so a seed of `n` texts gives less than
    `2 n` links, whatever `n` is; as texts are numbered longest first, the first of a seed is the fullest text that has it.
    A link is 32 bits of the later text above 32 bits of the earlier.
    """
    m = 0
    i = 0
    n = len(postings)
    half = np.uint64(32)
    while i < n:
        hash = postings[i] >> half
        j = i + 1
        while j < n and postings[j] >> half == hash:
            j += 1
        if j - i > 1:
            center = postings[i] & TEXT
            before = center
            for x in range(i + 1, j):
                text = postings[x] & TEXT
                if text != before:
                    out[m] = text << half | center
                    m += 1
                    if before != center:
                        out[m] = text << half | before
                        m += 1
                    before = text
        i = j
    return m


@njit(nogil=True, cache=True)
def link_weighted(postings, out, weight, fan):
    m = 0
    i = 0
    n = len(postings)
    half = np.uint64(32)
    while i < n:
        hash = postings[i] >> half
        j = i + 1
        while j < n and postings[j] >> half == hash:
            j += 1
        if j - i > 1:
            share = min(1.0, 2.0 / (j - i)) 
            center = postings[i] & TEXT
            before = center
            for x in range(i + 1, j):
                text = postings[x] & TEXT
                if text != before:
                    out[m] = text << half | center
                    weight[m] = share
                    m += 1
                    if before != center and fan > 1:
                        out[m] = text << half | before
                        weight[m] = share
                        m += 1
                    before = text
        i = j
    return m


@njit(nogil=True, cache=True)
def chain(a_of, b_of, seeds, starts, k, gap, skip, out_n, out_cov, matched, matched_end):
    """Chain links."""
    table = np.zeros(64, np.uint64)
    mask = np.uint64(63)
    last = np.int64(-1)
    pa = np.empty(1024, np.int64)
    pb = np.empty(1024, np.int64)
    T = 256
    a0 = np.empty(T, np.int64)
    a1 = np.empty(T, np.int64)
    b0 = np.empty(T, np.int64)
    b1 = np.empty(T, np.int64)
    nn = np.empty(T, np.int64)
    top = 0
    smask = np.uint64(len(skip) - 1)
    for l in range(len(a_of)):
        a = a_of[l]
        if a != last:
            na = starts[a + 1] - starts[a]
            size = 64
            while size < 2 * na:
                size *= 2
            if size > len(table):
                table = np.zeros(size, np.uint64)
            else:
                table[:size] = 0
            mask = np.uint64(size - 1)
            for i in range(starts[a], starts[a + 1]):
                v = seeds[i]
                s = (v >> PLACE_BITS) & mask
                while table[s] != 0 and table[s] >> PLACE_BITS != v >> PLACE_BITS:
                    s = (s + np.uint64(1)) & mask
                if table[s] == 0:
                    table[s] = v
            last = a
        b = b_of[l]
        m = 0
        for i in range(starts[b], starts[b + 1]):
            v = seeds[i]
            s = (v >> PLACE_BITS) & mask
            while table[s] != 0 and table[s] >> PLACE_BITS != v >> PLACE_BITS:
                s = (s + np.uint64(1)) & mask
            if table[s] != 0:
                if len(skip) > 1:
                    h = v >> PLACE_BITS
                    x = h & smask
                    while skip[x] != 0 and skip[x] != h:
                        x = (x + np.uint64(1)) & smask
                    if skip[x] != 0:
                        continue
                if m < 1024:
                    pa[m] = table[s] & PLACE
                    pb[m] = v & PLACE
                    m += 1
                if top < len(matched):
                    matched[top] = v >> PLACE_BITS
                    top += 1
        matched_end[l] = top
        out_n[l] = m
        nt = 0
        for i in range(m):
            best = -1
            bestd = 1 << 40
            for t in range(nt - 1, max(-1, nt - 9), -1):
                da = pa[i] - a1[t]
                db = pb[i] - b1[t]
                if da > 0 and da <= gap and db <= gap:
                    d = abs(da - db)
                    if d <= 16 + max(da, db) // 4 and d + db < bestd:
                        best = t
                        bestd = d + db
            if best >= 0:
                a1[best] = pa[i]
                b1[best] = pb[i]
                nn[best] += 1
            elif nt < T:
                a0[nt] = pa[i]
                a1[nt] = pa[i]
                b0[nt] = pb[i]
                b1[nt] = pb[i]
                nn[nt] = 1
                nt += 1
        # union on either side
        cb = 0
        end = 0
        for t in range(nt):
            s0 = max(b0[t], end)
            e0 = b1[t] + k
            if e0 > s0:
                cb += e0 - s0
                end = e0
        for t in range(1, nt):
            x0 = a0[t]
            x1 = a1[t]
            j = t - 1
            while j >= 0 and a0[j] > x0:
                a0[j + 1] = a0[j]
                a1[j + 1] = a1[j]
                j -= 1
            a0[j + 1] = x0
            a1[j + 1] = x1
        ca = 0
        end = 0
        for t in range(nt):
            s0 = max(a0[t], end)
            e0 = a1[t] + k
            if e0 > s0:
                ca += e0 - s0
                end = e0
        out_cov[l, 0] = ca
        out_cov[l, 1] = cb
    return top


@njit(nogil=True, cache=True)
def own_letters(seeds, starts, n_letters, skip, k, bridge, out):
    """Letters of each text outside boilerplate."""
    smask = np.uint64(len(skip) - 1)
    for t in range(len(n_letters)):
        n = n_letters[t]
        out[t] = n
        if len(skip) <= 1:
            continue
        lost = 0
        end = 0
        for i in range(starts[t], starts[t + 1]):
            h = seeds[i] >> PLACE_BITS
            x = h & smask
            while skip[x] != 0 and skip[x] != h:
                x = (x + np.uint64(1)) & smask
            if skip[x] != 0:
                p = np.int64(seeds[i] & PLACE)
                if p - end <= bridge:
                    lost += p + k - end
                else:
                    lost += k
                end = p + k
        if end > 0 and n - end <= bridge:
            lost += n - end
        out[t] = n - lost


@njit(cache=True)
def top_links(keys, weights, starts_out, m_top, a_out, b_out, w_out):
    """keys sorted (a<<32|b) with weights; keep top m per a"""
    n = len(keys)
    i = 0
    o = 0
    tb = np.empty(m_top, np.int64)
    tw = np.empty(m_top, np.float64)
    half = np.uint64(32)
    while i < n:
        a = keys[i] >> half
        c = 0
        while i < n and keys[i] >> half == a:
            key = keys[i]
            wsum = 0.0
            while i < n and keys[i] == key:
                wsum += weights[i]
                i += 1
            j = c
            if c < m_top:
                c += 1
            elif wsum <= tw[c - 1]:
                continue
            else:
                j = c - 1
            while j > 0 and tw[j - 1] < wsum:
                tw[j] = tw[j - 1]
                tb[j] = tb[j - 1]
                j -= 1
            tw[j] = wsum
            tb[j] = np.int64(key & TEXT)
        for j in range(c):
            a_out[o] = np.int64(a)
            b_out[o] = tb[j]
            w_out[o] = tw[j]
            o += 1
    return o
