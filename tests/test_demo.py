"""`copydesk demo`: what it shows is what happened, and it can be read anywhere."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import copydesk
from copydesk import demo
from copydesk.demo.corpus import corpus
from copydesk.demo.score import kept, words, wrong, wrongs


def printed(width: int = 80, **how: object) -> str:
    out = io.StringIO()
    demo.run(Console(file=out, width=width, **how))
    return out.getvalue()


@pytest.fixture(scope="module")
def output() -> str:
    return printed()


def test_the_command_runs_and_ends_with_what_to_try_next():
    done = subprocess.run(
        [Path(sys.executable).with_name("copydesk"), "demo"], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.rstrip().endswith("copydesk reconcile a.txt b.txt")


def test_what_is_kept_is_a_run_and_the_last_line_opens_it(tmp_path: Path):
    def kept(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("copydesk"), "demo", "-o", "news", *options],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=tmp_path,
        )

    for options in ((), ("--overwrite",)):  # the second takes the place of the first
        done = kept(*options)
        assert done.returncode == 0, done.stderr
        assert done.stdout.rstrip().endswith("copydesk open news")
    before = (tmp_path / "news/run.json").stat().st_ino
    done = kept()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "copydesk: news exists; name another folder with -o, or add --overwrite to replace it\n"
    assert (tmp_path / "news/run.json").stat().st_ino == before
    assert copydesk.Run(tmp_path / "news").summary["counts"]["stories"] == len(corpus())


@pytest.mark.parametrize("width", [80, 60, 132])
def test_no_line_is_wider_than_the_terminal(width: int):
    assert max(map(len, printed(width).splitlines())) <= width


def test_it_is_the_same_on_every_run(output: str):
    assert printed() == output


def test_colour_adds_nothing_that_is_not_there_without_it(output: str):
    coloured = printed(force_terminal=True, color_system="truecolor")
    assert "\x1b[" in coloured
    assert "\x1b" not in output
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == output


def test_every_story_has_its_line_and_every_figure_is_true(output: str):
    for story in corpus():
        line = next(line for line in output.splitlines() if re.match(rf"{story.article.id} +\d", line))
        truth = story.article.text
        edition = copydesk.reconcile(story.copies)
        everything = set(range(len(words(truth))))
        spoilt = everything - set.intersection(*(kept(c.text, truth) for c in story.copies))
        errors = [wrong(c.text, truth) for c in story.copies]
        assert [int(n) for n in line.split()[1:]] == [
            len(story.copies),
            len(edition.variants),
            len(spoilt),
            len(spoilt & kept(edition.text, truth)),
            wrong(edition.text, truth),
            min(errors),
            round(sum(errors) / len(errors)),
        ], story.article.id


def test_the_editions_are_worth_the_trouble():
    """All stories together, the editions have fewer words wrong than their best copies, and most of what was spoilt is back."""
    ours = best = spoilt = restored = 0
    for story in corpus():
        truth = story.article.text
        text = copydesk.reconcile(story.copies).text
        lost = set(range(len(words(truth)))) - set.intersection(*(kept(c.text, truth) for c in story.copies))
        ours += wrong(text, truth)
        best += min(wrong(c.text, truth) for c in story.copies)
        spoilt += len(lost)
        restored += len(lost & kept(text, truth))
    assert ours < best
    assert restored > 0.85 * spoilt


@pytest.mark.parametrize(
    ("text", "truth", "n", "places"),
    [
        ("one two three", "one two three", 0, []),
        ("one 2 three", "one two three", 1, [(("2",), ("two",))]),
        ("one three", "one two three", 1, [((), ("two",))]),
        ("Sign up! one two", "one two", 2, [(("Sign", "up"), ())]),
        ("a U. S. ship", "a U.S. ship", 2, [(("U", "S"), ("U.S",))]),
        ("", "one two", 2, [((), ("one", "two"))]),
        ("", "", 0, []),
    ],
)
def test_wrong_words_are_counted_where_they_are(text: str, truth: str, n: int, places: list[object]):
    assert wrong(text, truth) == n
    assert wrongs(text, truth) == places


def test_kept_words_are_those_in_their_place():
    assert kept("two one two", "one two three") == {0, 1}
