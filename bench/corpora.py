"""The corpora on which finding is measured: made once, kept in a cache, scored by the script of their maker.

`make_corpus.py` and `score_copies.py`, which are not part of this repository, are looked for in `bench/` of the folder that
`--shared` names. A corpus is a folder of `corpus.jsonl`, `truth.jsonl` and `pairs.tsv`.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from itertools import combinations, count, islice
from pathlib import Path
from typing import Any

from process import required

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"
PART = 100_000
"""Documents of a part of the corpus of a million, which its maker could not hold at once."""

HELD = 5_000
"""Stories of three copies that are drawn at a time."""


MADE = 1
"""To be raised when the corpora that are made here change: those in the cache are made again."""


class AbsentError(Exception):
    """A corpus cannot be made here; the message says what is missing."""


@dataclass(frozen=True)
class Corpora:
    """Where corpora are made from, and where they are kept."""

    shared: Path = SHARED
    cache: Path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "copydesk-bench"

    def planted(self, documents: int, seed: int, dress: str = "site", ocr: float = 0.0) -> Path:
        """A corpus with planted copies."""
        name = f"{dress}-{documents}-{seed}" + (f"-ocr{ocr}" if ocr else "")
        return self._kept(name, lambda folder: _run(self._making(folder, documents, seed, dress, ocr)))

    def million(self, seed: int) -> Path:
        """A million documents in site dress: ten parts of other seeds, two made at a time.

        The parts take their originals from the same real texts, so the truth about them knows less than all: for time and
        memory only.
        """

        def make(folder: Path) -> None:
            parts = [folder / f"part{at}" for at in range(10)]
            for pair in zip(parts[::2], parts[1::2], strict=True):
                with ExitStack() as running:
                    for part in pair:
                        at = parts.index(part)
                        running.enter_context(_Running(self._making(part, PART, 1000 * seed + at, "site", 0.0)))
            with (folder / "corpus.jsonl").open("wb") as out:
                for at, part in enumerate(parts):
                    with (part / "corpus.jsonl").open("rb") as lines:
                        for line in lines:
                            for field in (b'"id": "', b'"source": "'):
                                line = line.replace(field, field + b"p%d" % at, 1)  # noqa: PLW2901  step by step
                            out.write(line)
                    shutil.rmtree(part)

        return self._kept(f"site-1000000-{seed}", make)

    def one_large_story(self, seed: int, copies: int = 50_000, others: int = 50_000) -> Path:
        """Copies of one text, 1 to 15 % of the words edited and four in ten cut, among documents of another corpus."""

        def make(folder: Path) -> None:
            origin = self.planted(max(2 * others, 1000), seed)
            rnd = random.Random(seed)
            with (origin / "corpus.jsonl").open() as corpus, (origin / "truth.jsonl").open() as truth:
                rows = [(json.loads(row), json.loads(about)) for row, about in islice(zip(corpus, truth, strict=True), others)]
            plain = [(row, about) for row, about in rows if about["kind"] == "original" and about["source"] == "wire"]
            row, about = min(plain, key=lambda pair: (abs(len(pair[0]["text"].split()) - 430), pair[0]["id"]))
            base, group = row["text"].split(), about["group"]
            vocabulary = [word for other, _ in rows[:500] for word in other["text"].split()]
            made = [(row["text"], about["group"]) for row, about in rows]
            for _ in range(copies):
                share = rnd.uniform(0.01, 0.15)
                kept = base[: int(len(base) * rnd.uniform(0.35, 0.9))] if rnd.random() < 0.4 else base
                made.append((" ".join(_edited(kept, share, vocabulary, rnd)), group))
            rnd.shuffle(made)
            _write(folder, [(f"d{at:06d}", text, group, "s") for at, (text, group) in enumerate(made)], [])

        return self._kept(f"large-{copies}-{others}-{seed}", make)

    def threes(self, stories: int, seed: int) -> Path:
        """Stories of three copies each, of some 500 words, and nothing else: which story each copy is of, its column says.

        One copy is an original, as the maker of planted corpora has them where real text runs out; two are made of it as the
        planted copies are. Only some thousands of stories are held at a time.
        """
        texts = [self._within(f"data/{name}.jsonl") for name in ("attribution/train", "attribution/dev", "pages/dev")]
        script = self._within("bench/make_corpus.py")
        return self._kept(f"three-{stories}-{seed}", lambda folder: _threes(folder, _module(script), texts, stories, seed))

    def pages(self) -> Path:
        """What all extractors made of the web pages; an output without text is one of its page's, and has no pairs."""
        source = self._within("data/pages/dev.jsonl")

        def make(folder: Path) -> None:
            rows, pairs = [], []
            for at, page in enumerate(_lines(source)):
                outputs = [(f"{at:03d}-{name}", text or "", at, name) for name, text in sorted(page["outputs"].items())]
                rows += outputs
                pairs += list(combinations([id_ for id_, text, *_ in outputs if text.strip()], 2))
            _write(folder, rows, pairs)

        return self._kept("pages", make)

    def news(self) -> Path:
        """News about the same events, of many publishers; which are copies is not known."""
        source = self._within("data/events/news_cluster.jsonl")

        def make(folder: Path) -> None:
            rows = [(f"{at:03d}", row["text"] or "", at, row["publisher"]) for at, row in enumerate(_lines(source))]
            _write(folder, rows, [])

        return self._kept("news", make)

    def score(self, corpus: Path, found: Path) -> dict[str, float]:
        """Recall, precision, ARI and the rest, as `score_copies.py` counts them."""
        script = self._within("bench/score_copies.py")
        scores: dict[str, float] = json.loads(required([sys.executable, str(script), str(corpus), str(found)]))
        return scores

    def _within(self, name: str) -> Path:
        path = self.shared / name
        if not path.exists():
            raise AbsentError(f"{path} is not there; name the folder that has {name} with --shared")
        return path

    def _making(self, folder: Path, documents: int, seed: int, dress: str, ocr: float) -> list[str]:
        script = str(self._within("bench/make_corpus.py"))
        of = ["--documents", str(documents), "--seed", str(seed), "--dress", dress, "--ocr", str(ocr)]
        return [sys.executable, script, str(folder), *of]

    def _kept(self, name: str, make: Callable[[Path], None]) -> Path:
        """The folder of a corpus; it is made where it is not kept, or was made by another maker."""
        folder = self.cache / name
        script = self._within("bench/make_corpus.py")
        maker = f"{MADE} {hashlib.sha256(script.read_bytes()).hexdigest()}"
        mark = folder / "maker"
        if not (mark.exists() and mark.read_text() == maker):
            print(f"making {name} ...", file=sys.stderr, flush=True)
            part = self.cache / f".{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
            part.mkdir(parents=True)
            make(part)
            (part / "maker").write_text(maker)
            part.rename(folder)
        return folder


def stories(copies: Path, found: Path) -> None:
    """Write the stories of a `copies` table as `id<TAB>story`."""
    import pyarrow.parquet as pq

    table = pq.read_table(copies, columns=["copy_id", "story_id"])
    pairs = zip(table.column("copy_id").to_pylist(), table.column("story_id").to_pylist(), strict=True)
    found.write_text("".join(f"{id_}\t{story}\n" for id_, story in pairs))


def _threes(folder: Path, maker: Any, texts: list[Path], stories: int, seed: int) -> None:
    """See `Corpora.threes`."""
    import numpy as np

    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    vocabulary = [word for text in maker.real_texts(texts) for word in text.split()]
    chain = maker.Markov(vocabulary)
    sites = [_site(chain, rnd, rng) for _ in range(max(60, 3 * stories // 350))]
    piles = [folder / f"pile{at}" for at in range(1 + stories // HELD)]
    with ExitStack() as until:
        files = [until.enter_context(pile.open("w")) for pile in piles]
        for first in range(0, stories, HELD):
            lengths = maker.lengths(min(HELD, stories - first), rng)
            for group, words in enumerate(chain.texts(lengths, rng), first):
                for copy, chance in ((words, 0.5), *(_copied(words, vocabulary, rnd) for _ in range(2))):
                    text, source = _dressed(copy, sites, chance, rnd)
                    paragraphs = "\n\n".join(" ".join(text[at : at + 70]) for at in range(0, len(text), 70))
                    row = {"source": source, "story": f"s{group:06d}", "text": paragraphs}
                    rnd.choice(files).write(json.dumps(row) + "\n")
    of: defaultdict[int, list[str]] = defaultdict(list)
    number = count()
    with (folder / "corpus.jsonl").open("w") as corpus, (folder / "truth.jsonl").open("w") as truth:
        for pile in piles:  # copies by chance, each by chance in its place: the corpus is shuffled
            rows = list(map(json.loads, pile.read_text().splitlines()))
            pile.unlink()
            rnd.shuffle(rows)
            for row in rows:
                id_, group = f"d{next(number):08d}", int(row["story"][1:])
                of[group].append(id_)
                corpus.write(json.dumps({"id": id_, **row}) + "\n")
                truth.write(json.dumps({"id": id_, "group": group, "source": row["source"]}) + "\n")
    with (folder / "pairs.tsv").open("w") as pairs:
        pairs.writelines(f"{a}\t{b}\t1\t1\n" for ids in of.values() for a, b in combinations(ids, 2))


def _copied(words: list[str], vocabulary: list[str], rnd: random.Random) -> tuple[list[str], float]:
    """A copy as the maker of planted corpora makes one, and its chance to wear what a site adds."""
    much, little = rnd.uniform(0.01, 0.15), rnd.uniform(0, 0.03)
    part = words[: max(25, int(len(words) * rnd.uniform(0.35, 0.9)))]
    kept, share, chance = rnd.choices(
        [(words, much, 0.0), (words, little, 1.0), (part, little, 0.3), (part, much, 1.0)], [0.35, 0.25, 0.2, 0.2]
    )[0]
    return _edited(kept, share, vocabulary, rnd), chance


def _site(chain: Any, rnd: random.Random, rng: Any) -> tuple[list[str], list[str]]:
    """What a site puts above and below its texts, after the manner of the maker of planted corpora."""
    words, head, foot = chain.texts([2, rnd.randint(1, 45), rnd.randint(20, 110)], rng)
    name = " ".join(words).title()
    return (
        f"{name} | Home News Sport Business Opinion Weather Subscribe Sign in Search".split() + head,
        f"Follow us on Facebook and Twitter. Sign up for the {name} newsletter. Most read:".split()
        + foot
        + f"Copyright {rnd.randint(2005, 2024)} {name}. All rights reserved. Terms of use Privacy policy Contact us".split(),
    )


def _dressed(
    words: list[str], sites: list[tuple[list[str], list[str]]], chance: float, rnd: random.Random
) -> tuple[list[str], str]:
    """The words with what a site adds, if chance will have it, and their source."""
    if rnd.random() >= chance:
        return words, "wire"
    at = rnd.randrange(len(sites))
    return [*sites[at][0], *words, *sites[at][1]], f"site{at}"


def _edited(words: list[str], share: float, vocabulary: list[str], rnd: random.Random) -> list[str]:
    """A share of the words replaced, left out or followed by another."""
    out: list[str] = []
    for word in words:
        if rnd.random() >= share:
            out.append(word)
            continue
        kind = rnd.random()
        if kind < 0.45:
            out.append(rnd.choice(vocabulary))
        elif kind >= 0.75:
            out += [word, rnd.choice(vocabulary)]
    return out


def _write(folder: Path, rows: list[tuple[str, str, int, str]], pairs: list[tuple[str, str]]) -> None:
    """Rows of id, text, group and source, and the pairs of ids that are copies."""
    with (folder / "corpus.jsonl").open("w") as corpus, (folder / "truth.jsonl").open("w") as truth:
        for id_, text, group, source in rows:
            corpus.write(json.dumps({"id": id_, "source": source, "text": text}) + "\n")
            truth.write(json.dumps({"id": id_, "group": group, "source": source}) + "\n")
    (folder / "pairs.tsv").write_text("".join(f"{a}\t{b}\t1\t1\n" for a, b in pairs))


def _module(script: Path) -> Any:
    """A script that is in no package, to call its functions."""
    spec = spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class _Running:
    """A command that runs until the end of a `with`, and must end well."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    def __enter__(self) -> None:
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            self._process.kill()
        _, complained = self._process.communicate()
        if self._process.returncode and error[0] is None:
            raise SystemExit(f"{' '.join(self._command)} failed:\n{complained.strip()[-2000:]}")


def _run(command: list[str]) -> None:
    with _Running(command):
        pass
