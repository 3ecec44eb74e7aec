"""The documents say what is so: their commands do what they show, their constants are those of the code."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import copydesk
from copydesk.collate.align import CHANCE
from copydesk.demo.corpus import corpus
from copydesk.edit.boilerplate import look, signs
from copydesk.edit.odds import vote_odds
from copydesk.edit.traces import REPAIRED, TRACES

ROOT = Path(__file__).parent.parent
README, RECONCILE, FORMATS, SOURCES = (
    (ROOT / name).read_text("utf-8") for name in ("README.md", "docs/reconcile.md", "docs/formats.md", "docs/sources.md")
)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Every command in README that is shown with what it prints."""
    return [
        (command, output)
        for block in blocks(README, "console")
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


@pytest.mark.parametrize(("command", "output"), commands(), ids=[command for command, _ in commands()])
def test_a_command_prints_what_the_readme_shows(command, output):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, shell=True, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().strip("\n") == output.strip("\n")


def test_the_readme_shows_commands_and_python():
    assert len(commands()) >= 3
    assert len(blocks(README, "python")) == 1


def test_the_python_of_the_readme_does_what_it_shows(monkeypatch):
    monkeypatch.chdir(ROOT)
    test = doctest.DocTestParser().get_doctest(blocks(README, "python")[0], {}, "README.md", "README.md", 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner().run(test, out=said.append)
    assert tried > 0
    assert not failed, "".join(said)


def constants() -> list[tuple[str, str, str]]:
    """File, name and value of every constant in docs/reconcile.md and docs/sources.md."""
    return re.findall(r"^\| `(\w+)\.(\w+)` \| (\S+) \|", RECONCILE + SOURCES, re.MULTILINE)


@pytest.mark.parametrize(("file", "name", "value"), constants(), ids=[f"{file}.{name}" for file, name, _ in constants()])
def test_a_constant_is_what_the_docs_say(file, name, value):
    room = next((room for room in ("collate", "edit") if (ROOT / "src/copydesk" / room / f"{file}.py").exists()), "")
    module = importlib.import_module(".".join(part for part in ("copydesk", room, file) if part))
    decimals = len(value.partition(".")[2])
    assert round(getattr(module, name), decimals) == float(value)


def test_the_docs_have_constants():
    assert len(constants()) > 30


def test_the_votes_are_worth_what_the_docs_say():
    votes, odds = (
        re.findall(r"[\d:.]+", re.search(rf"^\| {row} \|.*", RECONCILE, re.MULTILINE)[0]) for row in ("votes", "odds")
    )
    assert len(votes) > 4
    for vote, value in zip(votes, odds, strict=True):
        present, absent = vote.split(":")
        assert round(vote_odds(int(present), int(absent)), 2) == float(value), vote


def test_runs_are_as_long_as_the_docs_say():
    said = re.search(r"(\d words up to .*), then (\d)", RECONCILE)
    assert said is not None
    sizes = re.findall(r"(\d) (?:words )?up to ([\d,]+)( million)?", said[1])
    lengths = [(int(k), int(cells.replace(",", "")) * (1_000_000 if million else 1)) for k, cells, million in sizes]
    assert lengths == list(CHANCE[:-1])
    assert int(said[2]) == CHANCE[-1][0]


def test_shapes_and_signs_weigh_what_the_docs_say():
    table = RECONCILE.partition("| shape of the block |")[2].partition("\n\n")[0]
    line = "The ferry in the harbour of the old town"
    shapes = [
        look("FERRY AGROUND OFF MARL", "tail"),
        look("FERRY AGROUND OFF MARL AS THE HARBOUR TOWN WATCHES", "tail"),
        look("Ferry Aground off Marl Island", "head"),
        look(line, "head"),
        look(line, "inside"),
        look("The ferry that ran aground off the island was towed to the harbour.", "inside"),
    ]
    assert _numbers(table) == [shape.odds for shape in shapes]
    odds = [sign.odds for sign in signs()]
    assert _numbers(re.search(r"its odds \((.*?)\)", RECONCILE)[1]) == [min(odds), max(odds)]


def _numbers(text: str) -> list[float]:
    """The numbers with a sign in a text, in order."""
    return [float(number.replace("−", "-")) for number in re.findall(r"[−+]\d+(?:\.\d+)?", text)]


def test_every_kind_is_in_the_docs():
    editions = [copydesk.reconcile(story.copies) for story in corpus()]
    known = set(re.findall(r"`([a-z :]+)`", FORMATS))
    kinds = {variant.kind for edition in editions for variant in edition.variants}
    kinds |= {damage.kind for edition in editions for damage in edition.damage}
    kinds |= {fact.name for edition in editions for fact in edition.metadata}
    kinds |= {f"boilerplate: {sign.kind}" for sign in signs()}
    assert len(kinds) > 20
    assert kinds <= known


def test_links_lead_to_files():
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/desk.md",
        "docs/export.md",
        "docs/find.md",
        "docs/formats.md",
        "docs/reconcile.md",
        "docs/run.md",
        "docs/sources.md",
        "docs/page.md",
        "bench/README.md",
    ):
        for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text("utf-8")):
            assert link.startswith("https://") or (ROOT / name).parent.joinpath(link).exists(), f"{name}: {link}"


def test_every_trace_is_in_the_docs():
    known = set(re.findall(r"`([a-z ]+)`", (ROOT / "docs/damage.md").read_text("utf-8")))
    assert {*REPAIRED, *(trace.kind for trace in TRACES)} <= known
