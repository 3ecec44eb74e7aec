"""The command as users run it: real files, real processes."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

import copydesk
from copydesk.export.json import dumps
from copydesk.export.terminal import show
from copydesk.model import Change
from made_editions import BIOGRAPHY, HEADER, ferry, of_one_variant

COMMAND = [str(Path(sys.executable).with_name("copydesk"))]
STORY = (
    "The night ferry to Marl Island ran aground on Tuesday with 41-year-old pilot Oda Brandt at the wheel.\n\n"
    "No one was hurt. The Coast Office said the re-floating would take two tides, or three if the wind turns.\n\n"
    "More than 60 passengers walked ashore over the mud at low water, the harbour master reported."
)
SPOILT = STORY.replace("41-year-old", "").replace("re-floating", "").replace("\n\n", " ")
OTHER = "Bakers in the upper town have raised the price of rye bread by a tenth, their guild announced at noon on Friday.\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("a.txt", STORY)
    write("b.txt", SPOILT)
    return tmp_path


def write(path: str, data: str | bytes) -> None:
    Path(path).write_bytes(data if isinstance(data, bytes) else data.encode())


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONIOENCODING": "utf-8"} | more


def run(*arguments: str, stdin: str | bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    done = subprocess.run([*COMMAND, *arguments], input=data, capture_output=True, env=environment(**more), check=False)
    assert b"Traceback" not in done.stderr
    return done


POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
"""What goes before a command that permissions are to hold for, which they do not for root."""
unless_root = pytest.mark.skipif(bool(POWERLESS) and not shutil.which("setpriv"), reason="root may read and write everything")


def powerless(*arguments: str) -> tuple[int, bytes, str]:
    """The exit code of a command that permissions hold for, what it prints, and the one line that it says, if it does."""
    done = subprocess.run([*POWERLESS, *COMMAND, *arguments], capture_output=True, env=environment(), check=False)
    said = done.stderr.decode()
    assert said.count("\n") == bool(said), said
    return done.returncode, done.stdout, said.removeprefix("copydesk: ").rstrip()


def fails(code: int, *arguments: str, stdin: str | bytes = b"") -> str:
    """The one line that a failing command says, without `copydesk: ` before it."""
    done = run("reconcile", *arguments, stdin=stdin)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b"")
    assert said.startswith("copydesk: ")
    assert said.endswith("\n")
    assert said.count("\n") == 1
    return said.removeprefix("copydesk: ").rstrip()


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


# -- what it writes


def test_the_text(folder):
    done = run("reconcile", "a.txt", "b.txt", "--text")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, STORY + "\n", b"")


def test_the_text_ends_with_one_line_feed(folder):
    write("a.txt", STORY + "\n")
    write("b.txt", SPOILT + "\n")
    assert run("reconcile", "a.txt", "b.txt", "--text").stdout.decode() == STORY + "\n"


def test_the_object_holds_what_the_text_has(folder):
    done = run("reconcile", "a.txt", "b.txt", "--json")
    assert (done.returncode, done.stdout.count(b"\n"), done.stderr) == (0, 1, b"")
    edition = json.loads(done.stdout)
    assert edition["text"] == STORY
    texts = {copy["id"]: copy["text"] for copy in edition["copies"]}
    assert texts == {"a.txt": STORY, "b.txt": SPOILT}
    for span in edition["spans"] + edition["witnesses"]:
        assert STORY[span["start"] : span["end"]] == texts[span["copy"]][span["copy_start"] : span["copy_end"]]
    assert "".join(STORY[span["start"] : span["end"]] for span in edition["spans"]) == STORY
    restored = [v["readings"][v["chosen"]]["text"].strip() for v in edition["variants"]]
    assert {"41-year-old", "re-floating"} <= set(restored)
    for variant in edition["variants"]:
        assert STORY[variant["start"] : variant["end"]] == variant["readings"][variant["chosen"]]["text"]
        for reading in variant["readings"]:
            for copy, place in zip(reading["copies"], reading["places"], strict=True):
                assert place["copy"] == copy
                assert texts[copy][place["start"] : place["end"]] == reading["text"]


def test_the_object_has_the_documented_fields(folder):
    documented = (Path(__file__).parent.parent / "docs" / "formats.md").read_text("utf-8").split("### The JSON object")[1]

    def fields(section: str) -> set[str]:
        rows = re.findall(r"^\| (`.*?) \|", section.split("\n\n| field")[1].split("\n\n", maxsplit=1)[0], re.MULTILINE)
        return {name for row in rows for name in re.findall("`(.*?)`", row)}

    sections = {"edition": documented} | dict(
        re.findall(r"^\*\*(\w+)\*\*(.*?)(?=^\*\*|^## )", documented, re.MULTILINE | re.DOTALL)
    )
    edition = json.loads(dumps(ferry()))
    variant = edition["variants"][0]
    examples = {
        "edition": edition,
        "copy": edition["copies"][0],
        "span": edition["spans"][0],
        "variant": variant,
        "reading": variant["readings"][0],
        "place": variant["readings"][0]["places"][0],
        "damage": edition["damage"][0],
        "fact": edition["metadata"][0],
        "change": json.loads(msgspec.json.encode(Change(0, 1, 0, 1))),
    }
    assert {name: fields(section) for name, section in sections.items()} == {n: set(e) for n, e in examples.items()}


def test_the_page_goes_to_a_file(folder):
    done = run("reconcile", "a.txt", "b.txt", "--html", "-o", "edition.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    page = Path("edition.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert page.encode() == run("reconcile", "b.txt", "a.txt", "--html").stdout
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt", "edition.html"]


@pytest.mark.parametrize("face", ["--text", "--json", "--html"])
def test_the_order_of_the_copies_changes_nothing(folder, face):
    write("c.txt", STORY.replace("Tuesday", "Monday"))
    one, other = (run("reconcile", *names, face) for names in (["a.txt", "b.txt", "c.txt"], ["c.txt", "b.txt", "a.txt"]))
    assert one.returncode == 0
    assert one.stdout == other.stdout


def test_the_copies_stay_as_they_are(folder):
    before = {name: (Path(name).read_bytes(), Path(name).stat().st_mtime_ns) for name in ("a.txt", "b.txt")}
    run("reconcile", "a.txt", "b.txt", "--text", "-o", "c.txt")
    assert {name: (Path(name).read_bytes(), Path(name).stat().st_mtime_ns) for name in ("a.txt", "b.txt")} == before


def test_copies_from_standard_input(folder):
    rows = lines({"id": "whole", "text": STORY}, {"id": "spoilt", "text": SPOILT, "source": "marl", "date": "2031-05-14"})
    edition = json.loads(run("reconcile", "-", "--json", stdin=rows).stdout)
    assert edition["text"] == STORY
    assert {(c["id"], c["source"], c["published"]) for c in edition["copies"]} == {
        ("whole", None, None),
        ("spoilt", "marl", "2031-05-14"),
    }


def test_all_of_a_long_answer_comes_through_a_pipe(folder):
    long = "".join(f"The ferry came in {n} minutes late, and nobody minded it much.\n" for n in range(4000))
    write("a.txt", long)
    for buffering in ({}, {"PYTHONUNBUFFERED": "1"}):
        assert run("reconcile", "a.txt", "--text", **buffering).stdout.decode().rstrip() == long.rstrip()


def test_version_and_help():
    assert run("--version").stdout.decode().strip() == f"copydesk {copydesk.__version__}"
    for arguments in (["--help"], ["-h"]):
        done = run(*arguments)
        assert done.returncode == 0
        assert {"reconcile", "demo"} <= set(done.stdout.decode().split())
    done = run("reconcile", "--help")
    assert done.returncode == 0
    assert "copydesk reconcile a.txt b.txt --html -o edition.html\n" in done.stdout.decode()
    done = run()
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"reconcile" in done.stderr


def test_nothing_heavy_is_imported(folder):
    loaded = run("reconcile", "a.txt", "b.txt", PYTHONPROFILEIMPORTTIME="1").stderr.decode()
    modules = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in loaded.splitlines() if line.startswith("import time:")}
    assert "copydesk" in modules
    assert not modules & {
        "numba",
        "llvmlite",
        "pyarrow",
        "duckdb",
        "pandas",
        "starlette",
        "uvicorn",
        "jinja2",
        "charset_normalizer",
    }


# -- the terminal


def on_terminal(columns: int, *arguments: str, **more: str) -> str:
    """What the command prints when standard output is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=theirs,
        stdin=subprocess.DEVNULL,
        env=environment(TERM="xterm-256color", COLUMNS=str(columns), **more),
    )
    os.close(theirs)
    said = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    assert process.wait() == 0
    return said.decode().replace("\r\n", "\n")


def printed(edition: copydesk.model.Edition, columns: int) -> str:
    out = io.StringIO()
    show(edition, Console(file=out, width=columns, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_the_terminal_shows_all_within_its_width(columns):
    edition = ferry()
    said = printed(edition, columns)
    assert max(map(len, said.splitlines())) <= columns
    assert all(line == line.rstrip() for line in said.splitlines())
    assert said.startswith("2 copies, 7 variants, confidence 0.99\n")
    words = " ".join(re.sub(r"\[\d\]", "", said).split())
    assert " ".join(edition.text.split()) in words
    for variant in edition.variants:
        assert visible_in(variant.kind, said)
    assert re.search(r"41-year-old\[2\]", said)
    if columns >= 60:
        assert re.search(r"✓ 41-year-old +✗ omitted\n +marl/000.txt +courier/001.txt\n", said)
    else:
        assert re.search(r"✓ 41-year-old\n +marl/000.txt\n +✗ omitted\n +courier/001.txt\n", said)
    assert "(234 characters)" in words
    assert BIOGRAPHY not in words
    assert "Damage courier/001.txt paragraphs flattened, 2 of 2: every break" in words
    assert "published: 2031-05-14 marl/000.txt, 5-15" in words
    assert HEADER in words or columns < 100


def visible_in(words: str, said: str) -> bool:
    return " ".join(words.split()) in " ".join(said.split())


def test_colour_is_for_terminals_that_want_it(folder):
    colour = re.compile(r"\x1b\[[0-9;]*3[1-6][0-9;]*m")
    shown = on_terminal(80, "reconcile", "a.txt", "b.txt")
    assert re.search(r"\x1b\[32m41-year-old\x1b\[0m", shown)
    plain = on_terminal(80, "reconcile", "a.txt", "b.txt", NO_COLOR="1")
    assert not colour.search(plain)
    piped = run("reconcile", "a.txt", "b.txt", COLUMNS="80").stdout.decode()
    assert "\x1b" not in piped
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == re.sub(r"\x1b\[[0-9;]*m", "", plain) == piped


def test_the_terminal_obeys_no_text():
    said = printed(
        of_one_variant("a \x1b[31mred\u202e [bold]word[/bold] :smile:\0", 2, 10, "\x1b]0;title\x07", kind="\x9b2J"), 80
    )
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", said)
    assert "[bold]word[/bold] :smile:␀" in said


def test_many_readings_and_copies_are_counted_not_listed():
    edition = of_one_variant("one two three", 4, 7, *(f"reading{n}" for n in range(20)))
    said = printed(edition, 80)
    assert "reading5" in said
    assert "reading6" not in said
    assert "and 14 more readings" in said


def test_an_encoding_without_the_letters_is_no_end(folder):
    done = run("reconcile", "a.txt", "b.txt", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"\\u2713 41-year-old" in done.stdout
    assert run("reconcile", "a.txt", "b.txt", "--text", PYTHONIOENCODING="ascii").stdout.decode() == STORY + "\n"


# -- wrong use


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Missing argument 'FILE"),
        (["a.txt", "--jsno"], "No such option '--jsno'. Did you mean '--json'?; see copydesk reconcile --help"),
        (["a.txt", "-o"], "requires an argument"),
        (["nosuch.txt", "a.txt"], "no such file: nosuch.txt"),
        (["a.txt", "."], ". is a directory; name the files in it, for example *.txt"),
        (["a.txt/b"], "a.txt/b cannot be there"),
        (["a.txt", "./a.txt"], "./a.txt is given twice"),
        (["-", "-"], "- is given twice"),
        (["a.txt", "b.txt", "--json", "--html"], "--json and --html cannot go together; ask for one"),
        (["a.txt", "b.txt", "-o", "c"], "-o needs to know what to write; add --html, --json, --tei or --text"),
        (["a.txt", "b.txt", "--text", "-o", "nosuch/c"], "there is no directory nosuch to write in"),
        (["a.txt", "b.txt", "--text", "-o", "b.txt/c"], "there is no directory b.txt to write in"),
        (["a.txt", "b.txt", "--text", "-o", "."], ". is a directory; name a file"),
        (["a.txt", "b.txt", "--text", "-o", "b.txt"], "b.txt is one of the copies, and no copy is ever changed"),
        (["a.txt", "b.txt", "--text", "-o", "link.txt"], "link.txt is one of the copies"),
        (["no\x1b[31m\u202efile"], "no such file: no␛[31m<U+202E>file"),
    ],
)
def test_wrong_use_is_one_line_and_2(folder, arguments, words):
    Path("link.txt").symlink_to("b.txt")
    assert words in fails(2, *arguments)
    assert (Path("a.txt").read_text(), Path("b.txt").read_text()) == (STORY, SPOILT)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_what_may_not_be_opened_is_told(folder):
    Path("closed").mkdir(mode=0o500)
    assert "choose another place" in fails(2, "a.txt", "b.txt", "--text", "-o", "closed/c.txt")
    Path("a.txt").chmod(0)
    assert "may not be read" in fails(2, "a.txt", "b.txt")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder here that takes no files even of root")
@pytest.mark.parametrize(
    "arguments",
    [
        ("reconcile", "a.txt", "b.txt", "--text", "-o", "/proc/c.txt"),
        ("run", "a.txt", "-o", "/proc/out"),
        ("demo", "-o", "/proc/out"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_told(folder, arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"copydesk: nothing may be written in /proc; choose another place with -o\n"


def test_an_unknown_command_is_told():
    done = run("reconsile")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Did you mean 'reconcile'" in done.stderr


# -- work that fails


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "c.txt is empty; leave it out"),
        (bytes(range(256)) * 9, "c.txt is not text but binary"),
    ],
)
def test_failed_work_is_one_line_and_1(folder, data, words):
    write("c.txt", data)
    assert words in fails(1, "a.txt", "b.txt", "c.txt")


def test_two_stories_are_not_one(folder):
    write("c.txt", OTHER)
    said = fails(1, "a.txt", "c.txt")
    assert "2 stories, not one" in said
    assert "a.txt" in said
    assert "c.txt" in said
    assert "copydesk run FILE... -o OUT finds the stories" in said


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (lines({"text": STORY}) + '{"text": ', "stdin, line 2: not JSON"),
        (lines({"text": STORY}, {"body": SPOILT}), 'stdin, line 2: no "text" that is a string (it has "body")'),
        (lines({"text": STORY, "id": 1}, {"text": SPOILT, "id": "1"}), "stdin, line 2: the id '1' was given on line 1 already"),
        ("", "stdin is empty"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(folder, rows, words):
    assert words in fails(1, "-", stdin=rows)


HIGHEST = """
# What the kernel tells of a process that has ended counts what its parent had when it began it; what it tells before does not.
import os, pathlib
from copydesk.cli import main
end = os._exit
def told(code):
    os.write(1, pathlib.Path("/proc/self/status").read_bytes())
    end(code)
os._exit = told
main()
"""


def highest(told: bytes) -> int:
    """The MB of memory that a process run with `HIGHEST` held at most."""
    return int(re.search(rb"VmHWM:\s*(\d+) kB", told)[1]) // 1000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_too_large_a_file_is_refused_without_reading_it(folder):
    with Path("big.txt").open("wb") as file:
        file.truncate(200 << 20)
    command = [sys.executable, "-c", HIGHEST, "reconcile", "big.txt", "a.txt"]
    done = subprocess.run(command, capture_output=True, env=environment(), check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"copydesk: big.txt: over 32 MB in all")
    assert highest(done.stdout) < 150


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("face", [[], ["--text"]])
def test_a_full_disk_is_told(folder, face):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "reconcile", "a.txt", "b.txt", *face],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b"copydesk: No space left on device\n"


# -- inputs that look like trouble and are not


def test_one_copy_is_its_own_edition(folder):
    done = run("reconcile", "a.txt", "--text")
    assert (done.returncode, done.stdout.decode()) == (0, STORY + "\n")
    assert done.stderr.decode() == "copydesk: note: there is one copy only, so there is nothing to compare it with\n"


def test_a_stranger_is_left_out_and_noted(folder):
    write("c.txt", OTHER)
    for face in ([], ["--text"], ["--json"], ["--html"]):
        done = run("reconcile", "a.txt", "b.txt", "c.txt", *face)
        assert done.returncode == 0
        assert done.stderr.decode() == (
            "copydesk: note: c.txt shares nothing with the other copies and was left out of the edition\n"
        )
    assert run("reconcile", "c.txt", "b.txt", "a.txt", "--text").stdout.decode() == STORY + "\n"


def test_strangers_are_noted_in_one_line(folder):
    write("whole.txt", STORY)
    write("c.txt", OTHER)
    write("d\x1b[31m.txt", "Twelve goats grazed on the cemetery lawn until a sexton chased them away.\n")
    done = run("reconcile", "a.txt", "b.txt", "whole.txt", "c.txt", "d\x1b[31m.txt", "--text")
    assert (done.returncode, done.stdout.decode()) == (0, STORY + "\n")
    assert done.stderr.decode() == (
        "copydesk: note: c.txt, d␛[31m.txt share nothing with the other copies and were left out of the edition\n"
    )


@pytest.mark.parametrize(
    ("name", "reads"),
    [("b.HTML", "copydesk extract reads "), ("b.csv", "copydesk run reads "), ("b.json", "copies are read from JSON Lines")],
)
def test_what_another_command_reads_is_noted(folder, name, reads):
    write(name, STORY)
    done = run("reconcile", "a.txt", name, "--text")
    assert done.returncode == 0
    assert done.stderr.decode().startswith(f"copydesk: note: {name} was read as one text, as it stands there; {reads}")


def test_another_encoding_is_read_and_noted(folder):
    text = STORY.replace("Marl", "Märl").replace("No one", "“No one”")
    write("a.txt", text)
    write("b.txt", text.encode("cp1252"))
    done = run("reconcile", "a.txt", "b.txt", "--json")
    assert json.loads(done.stdout)["text"] == text
    assert json.loads(done.stdout)["variants"] == []
    assert (
        done.stderr.decode() == "copydesk: note: b.txt is not UTF-8 and was read as cp1252, which fits the other copies best\n"
    )


def test_line_ends_are_kept(folder):
    for name in ("a.txt", "b.txt"):
        write(name, STORY.replace("\n", "\r\n"))
    assert run("reconcile", "a.txt", "b.txt", "--text").stdout.decode() == STORY.replace("\n", "\r\n") + "\n"


def test_a_stray_nul_is_text(folder):
    write("b.txt", STORY.replace("Tuesday", "Tues\0day"))
    for face in ([], ["--html"], ["--json"]):
        done = run("reconcile", "a.txt", "b.txt", *face)
        assert done.returncode == 0
        assert b"\0" not in done.stdout


def test_lone_surrogates_come_through(folder):
    text = STORY.replace("Tuesday", "Tues\ud83dday")
    write("c.jsonl", lines({"id": "a", "text": text}, {"id": "b", "text": text}))
    done = run("reconcile", "c.jsonl", "--json")
    assert done.stdout.decode("utf-8")
    assert json.loads(done.stdout)["text"] == text
    done = run("reconcile", "c.jsonl", "--text")
    assert done.stdout.decode("utf-8") == text.replace("\ud83d", "\ufffd") + "\n"
    assert b"--json keeps them" in done.stderr
    for face in ([], ["--html"]):
        done = run("reconcile", "c.jsonl", *face)
        assert (done.returncode, done.stderr) == (0, b"")
        assert "U+D83D" in done.stdout.decode("utf-8")


def test_a_line_of_a_million_characters(folder):
    long = " ".join(f"word{n}" for n in range(110_000))
    assert len(long) > 1_000_000
    write("a.txt", long)
    write("b.txt", long.replace("word5000 ", "", 1))
    done = run("reconcile", "a.txt", "b.txt", "--text")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout) in (len(long) + 1, len(long) - 8)


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("渡轮清晨过河，船上有六十名乘客。港务长说没有人受伤。潮水退去以后，乘客们步行上岸，再乘车回城。", "没有人受伤"),
        ("عبرت العبّارة النهر عند الفجر، وكان على متنها ستون راكبًا، بحسب ما قاله مدير الميناء. ولم يصب أحد بأذى.", "راكبًا"),
        ("המעבורת חצתה את הנהר עם שחר, ועל סיפונה שישים נוסעים, כך אמר מנהל הנמל. איש לא נפגע באירוע.", "שישים"),
        ("เรือข้ามฟากแล่นข้ามแม่น้ำตอนรุ่งสาง มีผู้โดยสารหกสิบคน นายท่าเรือกล่าวว่าไม่มีใครได้รับบาดเจ็บ", "หกสิบ"),
    ],
    ids=["chinese", "arabic", "hebrew", "thai"],
)
def test_every_script_is_reconciled(folder, text, lost):
    for name, body in (("a.txt", text), ("b.txt", text), ("c.txt", text.replace(lost, ""))):
        write(name, body + "\n")
    for face in ([], ["--html"], ["--json"]):
        assert run("reconcile", "a.txt", "b.txt", "c.txt", *face).returncode == 0
    assert run("reconcile", "a.txt", "b.txt", "c.txt", "--text").stdout.decode() == text + "\n"


# -- how it ends


def test_a_file_is_replaced_whole(folder):
    write("edition.txt", "before")
    Path("edition.txt").chmod(0o640)
    Path("link.txt").symlink_to("edition.txt")
    assert run("reconcile", "a.txt", "b.txt", "--text", "-o", "link.txt").returncode == 0
    assert Path("edition.txt").read_text() == STORY + "\n"
    assert Path("edition.txt").stat().st_mode & 0o777 == 0o640
    assert Path("link.txt").is_symlink()
    write("c.txt", OTHER)
    assert run("reconcile", "a.txt", "c.txt", "--text", "-o", "edition.txt").returncode == 1
    assert Path("edition.txt").read_text() == STORY + "\n"
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt", "c.txt", "edition.txt", "link.txt"]


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no /dev/stdout here")
def test_a_device_is_written_to_and_stays(folder):
    assert run("reconcile", "a.txt", "b.txt", "--text", "-o", "/dev/stdout").stdout.decode() == STORY + "\n"


@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("face", [[], ["--text"], ["--json"], ["--html"]])
def test_a_reader_that_leaves_is_no_trouble(folder, face, buffering):
    long = "".join(f"The ferry came in {n} minutes late, and nobody minded it much.\n" for n in range(4000))
    write("a.txt", long)
    write("b.txt", long)
    process = subprocess.Popen(
        [*COMMAND, "reconcile", "a.txt", "b.txt", *face],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**buffering),
    )
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_an_interrupt_is_quiet_and_130(folder):
    os.mkfifo("c.txt")
    process = subprocess.Popen([*COMMAND, "reconcile", "a.txt", "c.txt"], stderr=subprocess.PIPE, env=environment())
    with Path("c.txt").open("wb"):  # opens when the command has opened it too, and is reading
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert process.stderr.read() == b""
    process.stderr.close()
