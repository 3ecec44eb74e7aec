"""The tables of a run and of an archive as SQL: the same names, nothing but reading."""

from __future__ import annotations

import json
import shutil
import sys

import duckdb
import pytest

from copydesk import pipeline
from copydesk.archive import catalogue
from copydesk.archive.tables import connect, state
from copydesk.demo.corpus import corpus
from test_cli import powerless, run, unless_root


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rows = [
        {"id": copy.id, "text": copy.text, "source": copy.source, "published": copy.published}
        for story in corpus()
        for copy in story.copies
    ]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pipeline.run(folder / "corpus.jsonl", folder / "out", threads=1)
    return folder / "out"


def archived(out, path, batches: int):
    """An archive whose batches each have the tables of the same run; all stories of the earlier ones are void."""
    path.mkdir()
    catalogue.create(path)
    stories = [story for (story,) in connect(out).execute("SELECT DISTINCT story_id FROM stories").fetchall()]
    with catalogue.writing(path) as writer:
        for no in range(1, batches + 1):
            catalogue.folder(path, no).mkdir(parents=True)
            for file in out.glob("*.parquet"):
                (catalogue.folder(path, no) / file.name).write_bytes(file.read_bytes())
            writer.execute("INSERT INTO batch VALUES (?, 'now', 'add', 0, 0, 0, 1, NULL)", [no])
            if no < batches:
                writer.executemany("INSERT INTO void VALUES (?, ?)", [(story, no) for story in stories])
    return path


def test_a_run_has_the_tables_it_wrote(out):
    asked = connect(out)
    names = {name for (name,) in asked.execute("SHOW TABLES").fetchall()}
    assert names == {file.stem for file in out.glob("*.parquet")}
    for name in names:
        columns = [row[0] for row in asked.execute(f"DESCRIBE {name}").fetchall()]
        assert columns == duckdb.sql(f"FROM '{out / name}.parquet'").columns


def test_of_an_archive_only_the_rows_that_count_are_there(out, tmp_path):
    once, twice = connect(out), connect(archived(out, tmp_path / "my.desk", 2))
    for name in ("copies", "texts", "stories", "spans", "variants"):
        assert (
            once.execute(f"SELECT count(*) FROM {name}").fetchone() == twice.execute(f"SELECT count(*) FROM {name}").fetchone()
        )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{there}')",
        "SELECT * FROM '{there}'",
        "COPY (SELECT 1) TO '{new}'",
        "ATTACH '{new}'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_sql_reaches_no_other_file(out, tmp_path, sql):
    (tmp_path / "there.csv").write_text("a\n1\n")
    asked = connect(out)
    with pytest.raises(duckdb.Error):
        asked.execute(sql.format(there=tmp_path / "there.csv", new=tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_what_is_neither_is_told(tmp_path):
    with pytest.raises(catalogue.NoArchive, match="neither the folder of a run"):
        connect(tmp_path)


def test_without_duckdb_it_is_told_how_to_have_it(out, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'copydesk\[desk\]'"):
        connect(out)


def test_the_state_is_another_when_something_came(out, tmp_path):
    path = archived(out, tmp_path / "my.desk", 1)
    before = state(path)
    with catalogue.writing(path) as writer:
        writer.execute("INSERT INTO batch VALUES (2, 'now', 'add', 0, 0, 0, 0, NULL)")
    assert state(path) != before


ROW = "SELECT 'abc' AS a, '0123456789012' AS b, '0123456789' AS c"


def sql_at(width: int, out, query: str) -> list[str]:
    """The lines that a query prints at a width, without blanks at their ends."""
    done = run("sql", str(out), query, COLUMNS=str(width))
    assert (done.returncode, done.stderr) == (0, b"")
    printed = done.stdout.decode().split("\n")
    assert max(map(len, printed)) <= width
    return [line.rstrip() for line in printed]


def test_rows_that_fit_are_a_table(out):
    assert [line.split() for line in sql_at(34, out, ROW) if line.strip(" ─")] == [
        ["a", "b", "c"],
        ["abc", "0123456789012", "0123456789"],
    ]
    folded = sql_at(80, out, "SELECT story_id, text, n_copies FROM stories")
    assert folded[1].split() == ["story_id", "text", "n_copies"]


def test_rows_that_do_not_fit_are_blocks_of_names_and_values(out):
    assert sql_at(33, out, ROW) == ["a  abc", "b  0123456789012", "c  0123456789", ""]
    names = [row[0] for row in connect(out).execute("DESCRIBE copies").fetchall()]
    for width in (40, 80):
        told = sql_at(width, out, "SELECT * FROM copies ORDER BY copy_id LIMIT 2")
        assert [line.split()[0] for line in told if line[:1].strip()] == names * 2
        assert told.count("") == 2  # between the rows, and after the last
    long = "SELECT 'the old ferry sank off the harbour' AS told, NULL AS none, 2 AS n"
    assert sql_at(24, out, long) == ["told  the old ferry sank", "      off the harbour", "none", "n     2", ""]
    assert sql_at(24, out, "SELECT 1 AS a_name_of_twenty_one_letters, 2 AS b") == [
        *("a_name_of_twenty_one_let", "ters", "    1", "b", "    2", "")
    ]


def test_where_there_are_no_rows_the_columns_are_told(out):
    assert sql_at(80, out, "SELECT story_id, text FROM stories WHERE false") == [
        *("There are no rows. The columns are story_id, text.", "")
    ]


ASKED = (
    ("sql", "SELECT 1"),
    ("figures", "passengers"),
    ("variants", "a"),
    ("export", "--to", "jsonl"),
    ("open", "--no-browser", "--port", "0"),
)
"""What reads the table of stories."""


@unless_root
@pytest.mark.parametrize("asked", ASKED, ids=[name for name, *_ in ASKED])
def test_a_table_that_may_not_be_read_is_named(out, tmp_path, asked):
    shut = tmp_path / "out"
    shutil.copytree(out, shut)
    (shut / "stories.parquet").chmod(0)
    code, _, said = powerless(asked[0], str(shut), *asked[1:])
    assert (code, said) == (
        2,
        f"{shut / 'stories.parquet'} may not be read or written; change its permissions, or choose another",
    )


@pytest.mark.parametrize("asked", ASKED, ids=[name for name, *_ in ASKED])
def test_a_table_that_is_none_is_named(out, tmp_path, asked):
    spoilt = tmp_path / "out"
    shutil.copytree(out, spoilt)
    (spoilt / "stories.parquet").write_text("no table")
    done = run(asked[0], str(spoilt), *asked[1:])
    assert (done.returncode, done.stdout) == (2 if asked[0] == "open" else 1, b"")
    assert str(spoilt / "stories.parquet") in done.stderr.decode()
