"""Names by a spaCy pipeline: with spaCy where it is installed, else with a stand-in that is called as spaCy is."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from copydesk.record import recognised
from test_cli import lines, write
from test_cli import run as command

TEXT = (
    "Harbour Commissioner Oda Brandt met the Tidewater Guild on Marl Island. Brandt said the guild was late, "
    "and thanked marlowe the cat.\n\nThe Tidewater Guild did not answer on Tuesday."
)
PATTERNS = (
    ("PERSON", "Oda Brandt"),
    ("PERSON", "Brandt"),
    ("PERSON", "marlowe"),
    ("ORG", "the Tidewater Guild"),
    ("ORG", "The Tidewater Guild"),
    ("GPE", "Marl Island"),
    ("DATE", "Tuesday"),
)
STAND_IN = """
import re
from pathlib import Path
from types import SimpleNamespace as Of

class Language:
    pipe_names = ["entity_ruler"]
    def __init__(self, folder):
        self.patterns = [line.split("\\t") for line in folder.read_text("utf-8").splitlines()]
    def get_pipe_meta(self, name):
        return Of(assigns=["doc.ents"] if self.patterns else [])
    def __call__(self, text):
        longest = sorted(self.patterns, key=lambda pattern: -len(pattern[1]))
        found = re.finditer("|".join(f"({re.escape(words)})" for _, words in longest), text)
        return Of(ents=[Of(label_=longest[m.lastindex - 1][0], start_char=m.start(), end_char=m.end()) for m in found])

def load(name):
    if not Path(name, "patterns").exists():
        raise OSError(f"[E050] Can't find model {name!r}.")
    return Language(Path(name, "patterns"))
"""


def pipelines(folder: Path) -> dict[str, str]:
    """A pipeline called `named` and one called `bare`, which finds nothing; what the environment needs to find spaCy."""
    if importlib.util.find_spec("spacy") is not None:
        import spacy

        spacy.blank("en").to_disk(folder / "bare")
        nlp = spacy.blank("en")
        nlp.add_pipe("entity_ruler").add_patterns([{"label": label, "pattern": words} for label, words in PATTERNS])
        nlp.to_disk(folder / "named")
        return {}
    write("stand/spacy.py", STAND_IN)
    write("named/patterns", "\n".join(f"{label}\t{words}" for label, words in PATTERNS))
    write("bare/patterns", "")
    return {"PYTHONPATH": f"{folder / 'stand'}:{Path(recognised.__file__).parents[2]}"}


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("stand", "named", "bare"):
        (tmp_path / name).mkdir()
    write("a.txt", TEXT)
    return pipelines(tmp_path)


def test_a_pipeline_reads_the_names(environment):
    done = command("record", "a.txt", "--json", "--names", "spacy:named", **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    told = json.loads(done.stdout)
    assert [(n["name"], n["kind"], n["title"], [TEXT[a:b] for a, b in n["mentions"]]) for n in told["names"]] == [
        ("Oda Brandt", "person", "Harbour Commissioner", ["Oda Brandt", "Brandt"]),
        ("Tidewater Guild", "organisation", None, ["Tidewater Guild", "Tidewater Guild"]),
        ("Marl Island", "place", None, ["Marl Island"]),
        ("marlowe", "person", None, ["marlowe"]),
    ]
    by_rules = json.loads(command("record", "a.txt", "--json").stdout)
    assert "marlowe" not in {name["name"] for name in by_rules["names"]}
    assert {key: value for key, value in told.items() if key != "names"} == {
        key: value for key, value in by_rules.items() if key != "names"
    }


def test_a_run_has_it_read_the_names_in_every_process(environment):
    import pyarrow.parquet as pq

    write("a.jsonl", lines(*({"id": str(n), "text": f"{n} boats lay at the quay.\n\n{TEXT}"} for n in range(3))))
    done = command("run", "a.jsonl", "-o", "out", "--names", "spacy:named", "--threads", "2", **environment)
    assert done.returncode == 0, done.stderr
    assert "marlowe" in pq.read_table("out/names.parquet").column("name").to_pylist()
    assert json.loads(Path("out/run.json").read_text("utf-8"))["settings"]["names"] == "spacy:named"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("spacy:none_such", "spaCy has no pipeline 'none_such'; python -m spacy download none_such installs"),
        ("spacy:bare", "the pipeline 'bare' finds no names"),
        ("stanza:en", "names are read by rules, or by spacy:PIPELINE"),
        ("spacy:", "names are read by rules, or by spacy:PIPELINE"),
    ],
)
def test_what_is_no_pipeline_is_said_in_one_line(environment, asked, said):
    for arguments in (("record", "a.txt"), ("run", "a.txt", "-o", "out")):
        done = command(*arguments, "--names", asked, **environment)
        code = 2 if "names are read by rules" in said else 1
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (code, b"", 1)
        assert said in done.stderr.decode()
    assert not Path("out").exists()


@pytest.mark.skipif(importlib.util.find_spec("spacy") is not None, reason="spaCy is installed here")
def test_without_spacy_it_is_said_how_to_have_it(environment):
    done = command("record", "a.txt", "--names", "spacy:named")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)
    assert b"spaCy is not installed; pip install 'copydesk[names]', or leave --names out" in done.stderr
    assert "spacy" not in sys.modules


def test_long_texts_are_read_in_pieces(monkeypatch):
    monkeypatch.setattr(recognised, "PIECE", 10)
    for text in ("", "one two\nthree four five", "x" * 35, "a " * 20, "aaaaaaaaaaaa bb ccccccccccccccc"):
        pieces = list(recognised._pieces(text))
        assert "".join(text[a:b] for a, b in pieces) == text
        assert all(b - a <= 10 for a, b in pieces)
        assert all(b == len(text) or b - a == 10 or text[b - 1].isspace() for a, b in pieces)
