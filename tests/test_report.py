"""The report of a run: one page that needs nothing else, and says what the tables say."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

import copydesk
from copydesk.demo.corpus import corpus as demo_corpus
from copydesk.edit.calibration import STEPS, judged
from copydesk.sources.corpus import Columns

HOSTILE = '<script>alert(1)</script> & "quoted" \x1b[31m\u202e'


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words += f"{data} "


def report(tmp_path, rows, **options) -> tuple[copydesk.Run, Page, str]:
    file = tmp_path / "copies.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    run = copydesk.run(file, tmp_path / "out", threads=1, **options)
    text = (run.path / "report.html").read_text("utf-8")
    page = Page()
    page.feed(text)
    return run, page, text


def test_it_says_what_the_tables_say(tmp_path):
    run, page, _ = report(
        tmp_path, [{"id": c.id, "text": c.text, "source": c.source} for story in demo_corpus() for c in story.copies]
    )
    counts = run.summary["counts"]
    for number in ("documents", "stories", "variants"):
        assert f"{counts[number]:,}" in page.words
    variants = run.table("variants").to_pylist()
    doubtful = min(variants, key=lambda v: (v["confidence"] - 1) * min(300, max(len(r["text"]) for r in v["readings"])))
    assert doubtful["reason"] in page.words
    assert {row["source"] for row in run.sources().to_pylist()} <= set(page.words.split())


def test_it_is_the_same_bytes_whenever_it_is_made(tmp_path):
    rows = [{"id": c.id, "text": c.text, "source": c.source} for story in demo_corpus() for c in story.copies]
    texts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        texts.append(report(tmp_path / name, rows[:: 1 if name == "a" else -1])[2])
    assert texts[0] == texts[1]


def test_texts_and_names_are_shown_and_never_run(tmp_path):
    body = "The ferry to Marl Island ran aground on Tuesday with sixty passengers and a cow on board, the harbour master said. "
    rows = [
        {"id": f"a{HOSTILE}", "text": body + f"No one {HOSTILE} was hurt.", "source": HOSTILE, "story": HOSTILE},
        {"id": "b", "text": body + "Some one was hurt.", "source": "gull.example", "story": HOSTILE},
    ]
    _, page, text = report(tmp_path, rows, columns=Columns(story="story"))
    assert "script" not in page.tags
    assert "<script>alert(1)" in page.words
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "http" not in re.sub(r"http-equiv", "", text)


def test_what_is_not_known_is_left_out(tmp_path):
    _, page, _ = report(tmp_path, [{"id": "a", "text": "A ferry sank."}], only_find=True)
    assert "Look here first" not in page.words
    assert "Confidence" not in page.words
    assert "without a source" in page.words


@pytest.mark.parametrize("right", [True, False])
def test_choices_are_judged_by_the_edition_of_all(right):
    body = "The ferry to Marl Island ran aground on Tuesday, with {} passengers and a cow on board. Nobody was hurt, she said."
    two = copydesk.reconcile([copydesk.Copy(str(n), body.format(word)) for n, word in enumerate(("sixty", "seventy"))])
    chosen = next(word for word in ("sixty", "seventy") if word in two.text)
    other = {"sixty": "seventy", "seventy": "sixty"}[chosen]
    more = [copydesk.Copy(f"more{n}", body.format(chosen if right else other)) for n in range(3)]
    fared = judged(two, copydesk.reconcile([*two.copies, *more]))
    (variant,) = two.variants
    step = max(step for step in STEPS if step <= variant.confidence)
    assert fared == {(step, right): 1}
