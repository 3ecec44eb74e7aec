"""Find near-duplicates as a peer's users do: JSON Lines in, `id<TAB>story` out, in one process.

usage: python bench/peer.py PEER CORPUS.jsonl FOUND.tsv        (in the environment of bench/peers.txt)

Every peer has the same task: shingles of five words, 128 permutations (gaoya: 125), 25 bands of 5, which is what datasketch
chooses for a threshold of .5, and connected components of the pairs that meet in a band. `daft-wide` has 32 bands of 4, for a
threshold of .42: it finds more, and joins more that are none. Signatures of Daft and rensa are
banded in NumPy, because their users join the bands in the same way and it is faster than what either has for it: a bucket's
documents are joined in a row, never pair by pair. datasketch and gaoya have an index of their own, and are asked for each
document as it is added; gaoya alone compares the signatures of what it finds. Nobody folds case or marks, which costs Daft
half as much again and finds nothing more in these corpora.
"""

# The peers are not installed where Copydesk is, so their types are not known there.
# mypy: disable-error-code="import-not-found, import-untyped, unused-ignore"

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WORDS, PERMUTATIONS, BANDS, ROWS = 5, 128, 25, 5
THRESHOLD = 0.5
BATCH = 2048


class Components:
    """Sets that are joined two by two; a set is named after its least member."""

    def __init__(self, n: int = 0) -> None:
        self._parent = list(range(n))

    def add(self) -> int:
        """A new member, alone in its set."""
        self._parent.append(len(self._parent))
        return self._parent[-1]

    def of(self, x: int) -> int:
        """The name of the set that holds `x`."""
        parent = self._parent
        while parent[x] != x:
            parent[x] = x = parent[parent[x]]
        return x

    def join(self, x: int, y: int) -> None:
        """Make the sets of two members one."""
        x, y = self.of(x), self.of(y)
        if x != y:
            self._parent[max(x, y)] = min(x, y)

    def names(self) -> list[int]:
        """The set of each member."""
        return [self.of(x) for x in range(len(self._parent))]


def banded(signatures: Any, bands: int = BANDS, rows_of_band: int = ROWS) -> list[int]:
    """The component of each row of a matrix of signatures, rows being joined where they are equal in a band."""
    import numpy as np

    components = Components(len(signatures))
    for band in range(bands):
        rows = signatures[:, band * rows_of_band : (band + 1) * rows_of_band].astype(np.uint64)
        key = rows[:, 0].copy()
        for at in range(1, rows_of_band):
            key = (key * np.uint64(0x9E3779B97F4A7C15)) ^ rows[:, at]
        order = np.argsort(key, kind="stable")
        for at in np.flatnonzero(key[order[1:]] == key[order[:-1]]).tolist():
            components.join(int(order[at]), int(order[at + 1]))
    return components.names()


def documents(corpus: Path) -> Iterator[tuple[str, str]]:
    """The id and the text of each line."""
    with corpus.open("rb") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["id"], row["text"]


def shingles(text: str) -> list[str]:
    """Every run of five words."""
    words = text.split()
    return [" ".join(words[at : at + WORDS]) for at in range(max(1, len(words) - WORDS + 1))]


def daft(corpus: Path, bands: int = BANDS, rows_of_band: int = ROWS) -> tuple[list[str], list[int]]:
    """Daft reads, shingles and hashes."""
    import daft
    import numpy as np

    text = daft.col("text")
    hashed = text.minhash(num_hashes=PERMUTATIONS, ngram_size=WORDS, seed=1)
    table = daft.read_json(str(corpus)).select(daft.col("id"), hashed.alias("signature")).to_arrow()
    ids = table.column("id").to_pylist()
    signatures = [np.asarray(chunk.flatten()) for chunk in table.column("signature").chunks]
    return ids, banded(np.concatenate(signatures).reshape(len(ids), PERMUTATIONS), bands, rows_of_band)


def daft_wide(corpus: Path) -> tuple[list[str], list[int]]:
    """Daft with 32 bands of 4."""
    return daft(corpus, 32, 4)


def rensa(corpus: Path) -> tuple[list[str], list[int]]:
    """rensa's R-MinHash, in batches; its faster `rho` takes a sample of the shingles, and is made to flag, not to group."""
    import numpy as np
    from rensa import RMinHash

    ids: list[str] = []
    made: list[Any] = []
    held: list[list[str]] = []

    def sign() -> None:
        matrix = RMinHash.digest_matrix_from_token_sets(held, num_perm=PERMUTATIONS, seed=1)
        made.append(np.array(matrix.to_rows(), np.uint32))
        held.clear()

    for id_, text in documents(corpus):
        ids.append(id_)
        held.append(shingles(text))
        if len(held) == BATCH:
            sign()
    if held:
        sign()
    return ids, banded(np.concatenate(made))


def datasketch(corpus: Path) -> tuple[list[str], list[int]]:
    """datasketch's MinHash and MinHashLSH."""
    from datasketch import MinHash, MinHashLSH

    ids: list[str] = []

    def shingled() -> Iterator[list[bytes]]:
        for id_, text in documents(corpus):
            ids.append(id_)
            yield [shingle.encode() for shingle in shingles(text)]

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    components = Components()
    for signature in MinHash.generator(shingled(), num_perm=PERMUTATIONS):
        at = components.add()
        for other in index.query(signature):
            components.join(at, other)
        index.insert(at, signature)
    return ids, components.names()


def gaoya(corpus: Path) -> tuple[list[str], list[int]]:
    """gaoya's MinHash index of strings."""
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(
        32, jaccard_threshold=THRESHOLD, num_bands=BANDS, band_size=ROWS, analyzer="word", ngram_range=(WORDS, WORDS)
    )
    ids: list[str] = []
    components = Components()
    for id_, text in documents(corpus):
        ids.append(id_)
        at = components.add()
        for other in index.query(text):
            components.join(at, other)
        index.insert_document(at, text)
    return ids, components.names()


PEERS: dict[str, Callable[[Path], tuple[list[str], list[int]]]] = {
    "daft": daft,
    "daft-wide": daft_wide,
    "rensa": rensa,
    "gaoya": gaoya,
    "datasketch": datasketch,
}


def main() -> None:
    """Run the peer that is named."""
    peer, corpus, found = sys.argv[1:]
    ids, stories = PEERS[peer](Path(corpus))
    Path(found).write_text("".join(f"{id_}\t{story}\n" for id_, story in zip(ids, stories, strict=True)))


if __name__ == "__main__":
    main()
