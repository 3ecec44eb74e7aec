"""The API: what it answers, that it is described, and that nothing that can be asked breaks it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

pytest.importorskip("starlette", reason="no Starlette; pip install 'copydesk[desk]'")

from web_served import HOSTILE, asked, command, served, write_hostile, write_news, write_versions

STORY = "measles-choir/clipper"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    work = tmp_path_factory.mktemp("web-api")
    news, hostile = write_news(work / "news.jsonl"), write_hostile(work / "hostile.jsonl")
    for given in (
        ("run", news, "-o", work / "run"),
        ("run", hostile, "-o", work / "hostile", "--story", "story", "--no-record"),
        ("add", work / "my.desk", news),
        ("run", write_versions(work / "versions.jsonl"), "-o", work / "versions", "--story", "story"),
    ):
        done = command(*given)
        assert done.returncode == 0, done.stderr
    return work


@pytest.fixture(scope="module", params=["run", "my.desk"])
def address(folders, request):
    with served(folders / request.param) as address:
        yield address


def get(address, path, **parameters):
    status, headers, body = asked(f"{address}{path.lstrip('/')}?{urlencode(parameters)}")
    assert headers["content-type"] == "application/json"
    return status, json.loads(body)


def test_a_list_is_paged_and_in_order(address):
    seen = []
    for page in range(1, 6):
        status, told = get(address, "/api/stories", order="largest", size=3, page=page)
        assert status == 200
        assert told["total"] == 12
        seen += told["stories"]
    assert len({story["story_id"] for story in seen}) == 12
    sizes = [story["n_copies"] for story in seen]
    assert sizes == sorted(sizes, reverse=True)
    days = [story["published"] for story in get(address, "/api/stories", order="newest")[1]["stories"]]
    assert [day for day in days if day] == sorted([day for day in days if day], reverse=True)


def test_beyond_the_last_page_there_is_nothing_and_the_total_stays(address):
    lists = (("stories", {}), ("sources", {}), ("copies", {"id": STORY}), ("variants", {"id": STORY}))
    lists += tuple((name, {"id": STORY}) for name in ("statements", "dates", "figures"))
    for name, of in lists:
        first, beyond = (get(address, f"/api/{name}", page=page, **of)[1] for page in (1, 900))
        assert beyond[name] == []
        assert beyond["total"] == first["total"] > 0, name


def test_variants_have_the_same_numbers_wherever_they_are_told(address, folders):
    total = get(address, "/api/variants", id=STORY)[1]["total"]
    by_page = [get(address, "/api/variants", id=STORY, size=3, page=page)[1]["variants"] for page in range(1, total // 3 + 2)]
    every = [variant for page in by_page for variant in page]
    assert [variant["n"] for variant in every] == list(range(1, total + 1))
    assert [(of["start"], of["end"], of["kind"]) for of in every] == sorted(
        (of["start"], of["end"], of["kind"]) for of in every
    )
    assert every == [get(address, "/api/variant", id=STORY, n=n)[1] for n in range(1, total + 1)]
    for folder in ("run", "my.desk"):
        told = json.loads(command("variants", folders / folder, STORY, "--json").stdout)
        assert [of["n"] for of in told] == list(range(1, total + 1))
        assert [[reading["text"] for reading in of["readings"]] for of in told] == [
            [reading["text"] for reading in of["readings"]] for of in every
        ]


def test_filters_and_words_find_what_they_say(address):
    for asked_for, n in (
        ({"q": "measles"}, 1),
        ({"q": '"choir weekend" measles'}, 1),
        ({"q": '"weekend choir"'}, 0),
        ({"since": "2021", "until": "2022-12"}, None),
        ({"source": "page-scraper"}, 3),
        ({"source": "nobody"}, 0),
    ):
        status, told = get(address, "/api/stories", **asked_for)
        assert status == 200
        assert told["total"] == (n if n is not None else told["total"]), asked_for
        assert len(told["stories"]) == told["total"]
        if "since" in asked_for:
            assert told["stories"]
            assert all("2021" <= story["published"][:4] <= "2022" for story in told["stories"])


def test_a_story_its_variants_and_its_copies_fit_together(address):
    _, story = get(address, "/api/story", id=STORY)
    assert story["text"][story["variants"][0]["start"] :].startswith("BRENNHOLM")
    _, variants = get(address, "/api/variants", id=STORY, size=100)
    assert variants["total"] == story["n_variants"] == len(story["variants"])
    for mark, variant in zip(story["variants"], variants["variants"], strict=True):
        chosen = next(reading for reading in variant["readings"] if reading["chosen"])
        assert (mark["n"], mark["start"], mark["end"]) == (variant["n"], variant["start"], variant["end"])
        if variant["end"] > variant["start"]:
            assert story["text"][variant["start"] : variant["end"]] == chosen["text"]
        assert sum(reading["n_copies"] for reading in variant["readings"]) + variant["n_lacunae"] == story["n_copies"]
    _, copies = get(address, "/api/copies", id=STORY)
    assert copies["total"] == 5
    for copy in copies["copies"]:
        _, did = get(address, "/api/differences", copy=copy["copy_id"], size=100)
        counts = {kind: sum(one["did"] == kind for one in did["differences"]) for kind in ("lost", "added", "altered")}
        assert counts == {kind: copy[kind] for kind in counts}
        assert did["total"] == sum(counts.values()) + copy["boilerplate"]
        _, text = get(address, "/api/copy", copy=copy["copy_id"])
        for one in did["differences"]:
            assert one["copy"] in text["text"]


def test_side_by_side_holds_both_texts(address):
    _, told = get(address, "/api/compare", id=STORY, other=STORY)
    edition, copy = get(address, "/api/story", id=STORY)[1]["text"], get(address, "/api/copy", copy=STORY)[1]["text"]
    for side, text in (("one", edition), ("other", copy)):
        shown = "".join(piece["text"] for row in told["rows"] for piece in row[side])
        assert "".join(shown.split()) == "".join(text.split())
    assert 0.5 < told["same"] < 1


def test_the_record_says_who_said_what_and_where(address):
    _, told = get(address, "/api/statements", q="Haraldsdóttir")
    text = get(address, "/api/story", id=STORY)[1]["text"]
    assert told["total"] == len(told["statements"]) == 2
    for said in told["statements"]:
        assert said["content"].split(" … ")[0] in text[said["start"] : said["end"]]
    _, dates = get(address, "/api/dates", id=STORY)
    for date in dates["dates"]:
        assert text[date["start"] : date["end"]] == date["text"]
    _, figures = get(address, "/api/figures", id=STORY)
    assert any(figure["text"] == "27 cases" for figure in figures["figures"])
    assert sum(n for _, n in dates["months"]) == sum(date["first"] is not None for date in dates["dates"])


def test_the_record_of_all_stories_is_that_of_their_last_versions(folders):
    with served(folders / "versions") as address:
        (story,) = get(address, "/api/stories")[1]["stories"]
        assert story["n_versions"] == 3
        for kind in ("statements", "dates", "figures"):
            every, own, first = (
                get(address, f"/api/{kind}", **asks)[1] for asks in ({}, {"id": "tram"}, {"id": "tram", "version": 1})
            )
            assert every["total"] == own["total"]
            assert {item["version"] for item in every[kind]} <= {3}
            assert {item["version"] for item in first[kind]} <= {1}
        assert every["total"] > 0


def test_an_archive_finds_a_text_and_a_run_says_what_to_do(folders):
    words = "A choir weekend at a lakeside hostel has been linked to 27 cases of measles in five towns, the largest cluster"
    with served(folders / "my.desk") as address:
        status, _, body = asked(f"{address}api/find", body={"text": words})
        assert status == 200
        (match,) = json.loads(body)["matches"]
        assert match["story_id"] == STORY
        assert [(of["start"], of["end"] > 90) for of in match["stretches"]] == [(0, True)]
        assert match["n_differences"] == len(match["differences"])
        status, headers, page = asked(f"{address}part/find", body={"text": words})
        assert (status, headers["content-type"].partition(";")[0]) == (200, "text/html")
        assert match["copy"] in page.decode()
        assert asked(f"{address}find?{urlencode({'text': words})}")[2].decode().count("<li>") == page.decode().count("<li>")
        status, _, body = asked(
            f"{address}api/find", body={"text": "Nothing of the sort was ever printed in any of these papers here."}
        )
        assert (status, json.loads(body)["matches"]) == (200, [])
        assert asked(f"{address}api/find", body={"text": "?!"})[0] == 422
    with served(folders / "run") as address:
        for path in ("api/find", "part/find"):
            status, _, body = asked(f"{address}{path}", body={"text": words})
            assert status == 409
            assert "copydesk add" in json.loads(body)["error"]
        status, _, body = asked(f"{address}find?text=ferry")
        assert status == 200
        assert b"copydesk add my.desk" in body


def test_a_decision_is_kept_and_undone(folders):
    with served(folders / "my.desk") as address:
        before = get(address, "/api/story", id=STORY)[1]
        _, variants = get(address, "/api/variants", id=STORY, size=100)
        variant = next(one for one in variants["variants"] if one["kind"] == "spelling")
        other = next(n for n, reading in enumerate(variant["readings"]) if not reading["chosen"])
        chosen = next(n for n, reading in enumerate(variant["readings"]) if reading["chosen"])
        asked_for = {"id": STORY, "n": variant["n"], "note": "seen on paper"}
        assert asked(f"{address}api/decide", body=asked_for | {"reading": chosen})[0] == 409
        assert asked(f"{address}api/decide", body=asked_for | {"reading": 99})[0] == 404
        status, _, body = asked(f"{address}api/decide", body=asked_for | {"reading": other})
        assert status == 200
        after = get(address, "/api/story", id=STORY)[1]
        assert after["text"] != before["text"]
        assert variant["readings"][other]["text"] in after["text"]
        decision = get(address, "/api/decisions", id=STORY)[1]["decisions"][0]
        assert (decision["note"], decision["state"], decision["no"]) == ("seen on paper", "stands", json.loads(body)["no"])
        assert asked(f"{address}api/undo", body={"no": decision["no"]})[0] == 200
        assert asked(f"{address}api/undo", body={"no": decision["no"]})[0] == 404
        assert get(address, "/api/story", id=STORY)[1]["text"] == before["text"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/stories?page=0", 400),
        ("/api/stories?size=1000000", 400),
        ("/api/stories?order=random", 400),
        ("/api/stories?since=yesterday", 400),
        ("/api/stories?nothing=1", 400),
        ("/api/stories?q=" + "x" * 500, 400),
        ("/api/story", 400),
        ("/api/story?id=", 400),
        ("/api/story?id=nowhere", 404),
        (f"/api/story?id={quote(STORY)}&version=7", 404),
        (f"/api/story?id={quote(STORY)}&part=7", 404),
        (f"/api/variant?id={quote(STORY)}&n=99999", 404),
        (f"/api/variant?id={quote(STORY)}&n=1e400", 400),
        ("/api/copy?copy=%00%ff%fe", 404),
        (f"/api/compare?id={quote(STORY)}&one=ferry-fire/morning-mail", 404),
        ("/api/source?source=nobody", 404),
        ("/api/nothing", 404),
        ("/record?show=passwords", 404),
        ("/story?id=nowhere", 404),
        (f"/story?id={quote(STORY)}&variant=x", 400),
        (f"/story?id={quote(STORY)}&at=99999999", 200),
        ("/?page=99999", 200),
        ("/static/../serve.py", 404),
        ("/static/%2e%2e/serve.py", 404),
        ("/static/..%2f..%2fcli.py", 404),
        ("/static//etc/passwd", 404),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(address, path, status):
    got, _, body = asked(address.rstrip("/") + path)
    assert got == status
    if path.startswith("/api") and status != 200:
        assert json.loads(body)["error"]


def test_sql_and_patterns_in_parameters_are_words(folders):
    with served(folders / "hostile") as address:
        total = get(address, "/api/stories")[1]["total"]
        for bad in (*HOSTILE, "' OR 1=1 --", "%", "_", ".*", "(", "\\", "\x00", "' UNION SELECT path FROM copies --"):
            for call, name in (
                ("stories", "q"),
                ("stories", "source"),
                ("story", "id"),
                ("copy", "copy"),
                ("source", "source"),
            ):
                status, told = get(address, f"/api/{call}", **{name: bad})
                assert status in {200, 400, 404}, (call, bad)
                if call == "stories" and name == "source" and status == 200 and bad not in HOSTILE:
                    assert told["total"] == 0
        for n, bad in enumerate(HOSTILE):
            assert get(address, "/api/copy", copy=f"{bad}/{n}-1")[1]["source"] == bad
            assert get(address, "/api/story", id=f"{bad}/{n}")[1]["story_id"] == f"{bad}/{n}"
        assert get(address, "/api/stories")[1]["total"] == total


def test_the_api_is_described_and_does_as_described(address, tmp_path):
    st = Path(sys.executable).with_name("st")
    found = str(st) if st.is_file() else shutil.which("st")
    if found is None:
        pytest.skip("no Schemathesis; pip install 'copydesk[dev]'")
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    limits = ("--max-examples", "4", "--seed", "1", "--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all")
    done = subprocess.run(
        [found, "run", f"{address}openapi.json", "--checks", checks, *limits, "--no-color"],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-4000:]
