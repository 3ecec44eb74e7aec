"""The page in a real browser: what a reader does with it, by mouse, by keyboard, on a phone, in the dark, on paper."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from web_served import HOSTILE, asked, command, served, write_hostile, write_many, write_news, write_versions

playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright; pip install 'copydesk[dev]'")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium; apt-get install chromium")

STORY = "measles-choir/clipper"
AXE = "4.14.1"
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
PICTURE = 300_000  # bytes of the picture in the README, at most


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A run and an archive of invented news, a run of hostile texts, one of a story with 500 copies."""
    work = tmp_path_factory.mktemp("web")
    news = write_news(work / "news.jsonl")
    hostile, many = write_hostile(work / "hostile.jsonl"), write_many(work / "many.jsonl")
    for given in (
        ("run", news, "-o", work / "run"),
        ("run", hostile, "-o", work / "hostile", "--story", "story", "--no-record"),
        ("run", many, "-o", work / "many", "--story", "story"),
        ("run", write_versions(work / "versions.jsonl"), "-o", work / "versions", "--story", "story"),
        ("add", work / "my.desk", news),
    ):
        done = command(*given)
        assert done.returncode == 0, done.stderr
    return work


@pytest.fixture(scope="module")
def address(folders):
    with served(folders / "run") as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page of which the console must stay clean, and that must ask nothing of anybody else."""
    pages = []

    def made(address, *, viewport=DESK, expected=(), **options):
        context = browser.new_context(viewport=viewport, base_url=address, **options)
        page = context.new_page()
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: request.url.startswith(address) or said.append(f"asked {request.url}"))
        page.set_default_timeout(30_000)
        pages.append((context, said, expected))
        return page

    yield made
    for context, said, expected in pages:
        context.close()
        assert [line for line in said if not any(known in line for known in expected)] == []


@pytest.fixture(scope="module")
def axe():
    """The checker of accessibility, fetched once into a cache beside the user's others."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "copydesk-tests" / f"axe-core-{AXE}"
    script = cache / "package" / "axe.min.js"
    if not script.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("no npm to fetch axe-core with")
        cache.mkdir(parents=True, exist_ok=True)
        got = subprocess.run([npm, "pack", f"axe-core@{AXE}", "--silent"], cwd=cache, capture_output=True, check=False)
        if got.returncode:
            pytest.skip("axe-core cannot be fetched here")
        subprocess.run(["tar", "xzf", f"axe-core-{AXE}.tgz", "package/axe.min.js"], cwd=cache, check=True)
    return script.read_text("utf-8")


def story(id_=STORY, **more):
    return f"/story?id={quote(id_, safe='')}" + "".join(f"&{name}={value}" for name, value in more.items())


def test_a_reader_searches_opens_a_story_and_looks_at_a_variant(page, address):
    page = page(address)
    page.goto("/")
    assert page.get_by_role("status").inner_text() == "12 stories"
    page.get_by_label("Words in the stories").fill('choir "lakeside hostel"')
    page.get_by_role("button", name="Search").click()
    assert page.get_by_role("status").inner_text().startswith("1 story")
    page.locator(".stories h2 a").click()
    assert "choir weekend" in page.locator("h1").inner_text()
    mark = page.locator("a.m", has_text="22-year-old")
    mark.click()
    panel = page.locator("#variant")
    panel.get_by_role("heading", name="Variant").wait_for()
    assert "omission" in panel.inner_text()
    chosen, other = panel.locator(".r").all()
    assert "22-year-old" in chosen.inner_text()
    assert "omitted" in other.inner_text()
    assert f"{STORY}" in other.inner_text()
    assert page.evaluate("document.activeElement.id") == "variant"
    assert "variant=" in page.url
    n = mark.get_attribute("data-n")
    page.keyboard.press("Escape")
    assert panel.is_hidden()
    assert page.evaluate("document.activeElement.dataset.n") == n


def test_all_of_it_by_keyboard(page, address):
    page = page(address)
    page.goto(story())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('article a.m')"):
            break
    first = page.evaluate("document.activeElement.dataset.n.split(' ')[0]")
    page.keyboard.press("Enter")
    page.locator("#variant h2", has_text=f"Variant {first} of").wait_for()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.getAttribute('aria-label')") != "Next variant":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#variant h2", has_text=f"Variant {int(first) + 1} of").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('a.m')")


def test_differences_are_quiet_until_wanted_and_that_is_remembered(page, address):
    page = page(address)
    page.goto(story())
    mark = page.locator("a.m", has_text="22-year-old")
    quiet = mark.evaluate("e => getComputedStyle(e).backgroundColor")
    page.get_by_label("Mark where copies differ").check()
    assert mark.evaluate("e => getComputedStyle(e).backgroundColor") != quiet
    page.reload()
    assert page.get_by_label("Mark where copies differ").is_checked()


def test_without_its_script_a_mark_is_a_link_to_the_variant(page, address):
    page = page(address, java_script_enabled=False)
    page.goto(story())
    page.locator("a.m", has_text="22-year-old").click()
    assert "omission" in page.locator("#variant").inner_text()
    page.locator("#variant .close").click()
    assert page.locator("#variant").is_hidden()


def test_two_copies_side_by_side(page, address):
    page = page(address)
    page.goto(story())
    page.get_by_role("link", name="Side by side").click()
    page.get_by_label("Left").select_option("measles-choir/north-mirror")
    page.get_by_label("Right").select_option(STORY)
    page.get_by_role("button", name="Show").click()
    assert page.locator(".sides th").all_inner_texts() == ["measles-choir/north-mirror", STORY]
    assert any("22-year-old" in words for words in page.locator(".sides td:first-child del").all_inner_texts())
    assert any("READ MORE" in words for words in page.locator(".sides td:last-child ins").all_inner_texts())
    left = page.locator(".sides td:first-child").all_inner_texts()
    assert left[0].startswith("BRENNHOLM")


def test_the_copies_say_what_each_did_and_where(page, address):
    page = page(address)
    page.goto(story())
    copies = page.locator("ol.copies > li")
    assert copies.count() == 5
    clipper = copies.filter(has_text="clipper").first
    assert "lost" in clipper.inner_text()
    assert "lost in" in clipper.locator("svg").get_attribute("aria-label")
    assert clipper.locator("svg path.lost").count() == 1
    clipper.locator("a.id").click()
    assert page.locator("h1").inner_text() == STORY
    row = page.locator("table.did tr", has_text="22-year-old")
    assert "lost" in row.inner_text()
    row.get_by_role("link").first.click()
    assert page.locator("#variant").is_visible()


def test_a_reader_overrules_a_choice_and_takes_it_back(page, folders):
    with served(folders / "my.desk") as address:
        page = page(address)
        page.goto(story())
        before = page.locator("article").inner_text()
        assert "22-year-old" in before
        page.locator("a.m", has_text="22-year-old").click()
        page.get_by_text("Choose this reading").click()
        page.get_by_label("Why").fill("the <b>tenor</b> says so")
        page.get_by_role("button", name="Choose it").click()
        page.locator(".decided, #decisions li").first.wait_for()
        assert "22-year-old" not in page.locator("article").inner_text()
        decision = page.locator("#decisions li")
        assert "the <b>tenor</b> says so" in decision.inner_text()
        assert re.search(r"20\d\d-\d\d-\d\d", decision.inner_text())
        decision.get_by_role("button", name="Undo").click()
        page.locator("#decisions li.undone").wait_for()
        assert page.locator("article").inner_text() == before


def test_a_reader_finds_a_text(page, folders, axe):
    with served(folders / "my.desk") as address:
        words = json.loads(asked(f"{address}api/copy?copy={quote(STORY, safe='')}")[2])["text"]
        other = words.replace("towns", "<b>hamlets</b>")
        assert other != words
        at_desk = page(address, expected=("422",))
        at_desk.goto("/")
        at_desk.get_by_role("link", name="Find").click()
        asks = at_desk.get_by_label("Have we this text?")
        asks.fill(other)
        at_desk.get_by_role("button", name="Find", exact=True).click()
        at_desk.locator("#found .matches").wait_for()
        assert at_desk.evaluate("document.activeElement.id") == "found"
        assert "1 story has it" in at_desk.locator("#found").inner_text()
        at_desk.get_by_text("difference").click()
        assert "b>hamlets</b" in at_desk.locator("#found table").inner_text()
        asks.fill("Nothing of the sort was ever printed in any of these papers here.")
        at_desk.get_by_role("button", name="Find", exact=True).click()
        at_desk.locator("#found", has_text="Not here").wait_for()
        asks.fill("?!")
        at_desk.get_by_role("button", name="Find", exact=True).click()
        at_desk.get_by_role("status").filter(has_text="no letters").wait_for()
        for look, scheme in ((PHONE, "light"), (DESK, "dark"), ({"width": 320, "height": 700}, "dark")):
            shown = page(address, viewport=look, color_scheme=scheme, bypass_csp=True)
            shown.goto(f"/find?text={quote(other)}")
            shown.locator("#found summary").click()
            assert shown.evaluate("document.documentElement.scrollWidth") <= look["width"]
            shown.evaluate(axe)
            found = shown.evaluate(
                "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
            )
            faults = [
                (of["id"], of["nodes"][0]["html"]) for of in found["violations"] if of["impact"] in {"serious", "critical"}
            ]
            assert faults == []
        without = page(address, java_script_enabled=False)
        without.goto("/find")
        without.get_by_label("Have we this text?").fill(words)
        without.get_by_role("button", name="Find", exact=True).click()
        without.locator("#found h2 a").click()
        assert "choir weekend" in without.locator("h1").inner_text()


def test_a_runs_folder_is_not_changed_and_says_how_to_keep_decisions(page, address):
    page = page(address)
    page.goto(story(variant=3))
    page.get_by_text("Overrule this choice").click()
    assert "copydesk add my.desk" in page.locator("#variant").inner_text()
    assert page.get_by_role("button", name="Choose it").count() == 0


def test_versions_are_a_line_of_time_with_what_changed(page, folders):
    with served(folders / "versions") as address:
        page = page(address)
        page.goto("/")
        assert "3 versions" in page.locator(".tell").inner_text()
        page.locator(".stories h2 a").click()
        versions = page.locator(".timeline > ol > li")
        assert [v.split("\n")[0] for v in versions.all_inner_texts()] == ["Version 1", "Version 2", "Version 3"]
        assert "2031-05-03" in versions.nth(2).inner_text()
        page.get_by_role("link", name="Version 2").click()
        article = page.locator("article").inner_text()
        assert "Five people were taken" in article
        assert "Three people were taken" not in article
        page.get_by_text("What changed from version 1").click()
        changes = page.locator(".changes")
        assert any("Three" in words for words in changes.locator("del").all_inner_texts())
        assert any("Five" in words for words in changes.locator("ins").all_inner_texts())
        changes.get_by_role("link", name="in the text").first.click()
        assert page.locator("#here").is_visible()
        assert page.locator("ol.copies > li").count() == 3


def test_the_record_opens_its_place_in_the_text(page, address):
    page = page(address)
    page.goto("/")
    page.get_by_role("link", name="Record").click()
    assert "statements" in page.get_by_role("status").inner_text()
    page.get_by_label("By whom").fill("Haraldsdóttir")
    page.locator(".of-record button").click()
    said = page.locator(".statements > li", has_text="22-year-old tenor")
    said.locator("a.in").click()
    here = "".join(page.locator("article mark").all_inner_texts())
    assert "The first person to fall ill, a 22-year-old tenor" in here
    assert page.locator("#here").is_visible()
    page.get_by_role("navigation", name="This story").get_by_role("link", name="Record").click()
    page.get_by_role("link", name="Dates").click()
    days = [day.split("\n")[0] for day in page.locator(".when .day").all_inner_texts()]
    known = [day for day in days if len(day) == 10]
    assert known
    assert known == sorted(known)
    page.get_by_role("link", name="Figures").click()
    assert "27 cases" in page.locator("table.figures").inner_text()
    page.locator("table.figures a.in").first.click()
    assert page.locator("#here").is_visible()


def test_the_sources_say_what_they_do_to_texts(page, address):
    page = page(address)
    page.goto("/sources")
    page.get_by_role("link", name="page-scraper").click()
    assert page.locator("h1").inner_text() == "page-scraper"
    assert "entities left" in page.locator("table.rates").inner_text()
    assert "&mdash;" in page.locator(".examples").inner_text()
    page.get_by_role("link", name="Its stories").click()
    assert page.get_by_role("status").inner_text() == "3 stories"
    assert page.locator("input[name=source]").input_value() == "page-scraper"


PAGES = (
    "/",
    story(),
    story(variant=9),
    f"/record?id={quote(STORY, safe='')}",
    "/record",
    "/record?show=dates",
    "/record?show=figures",
)
PAGES += (
    f"/story/compare?id={quote(STORY, safe='')}",
    f"/copy?copy={quote(STORY, safe='')}",
    "/sources",
    "/source?source=clipper",
)
PAGES += ("/api", "/story?id=nowhere", "/?q=nothing+at+all&order=uncertain&since=2031")


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_nothing_keeps_anybody_out(page, address, axe, look):
    page = page(
        address,
        viewport=PHONE if look == "phone" else DESK,
        color_scheme="dark" if look == "dark" else "light",
        bypass_csp=True,  # for the checker
        reduced_motion="reduce",
        expected=("404",),
    )
    for path in PAGES:
        page.goto(path)
        if page.locator("#marks").count():
            page.get_by_label("Mark where copies differ").check()
        page.evaluate(axe)
        found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
        serious = [fault for fault in found["violations"] if fault["impact"] in {"serious", "critical"}]
        told = [(path, fault["id"], [node["html"][:200] for node in fault["nodes"][:3]]) for fault in serious]
        assert told == []


def test_dark_is_dark(page, address):
    colours = []
    for scheme in ("light", "dark"):
        shown = page(address, color_scheme=scheme)
        shown.goto(story())
        colours.append(
            shown.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
        )
    sums = [[sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in pair] for pair in colours]
    assert sums[0][0] > 600
    assert sums[0][1] < 300
    assert sums[1][0] < 150
    assert sums[1][1] > 500


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_is_wide_enough(page, address, path):
    page = page(address, viewport={"width": 320, "height": 700}, expected=("404",))
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_paper_has_the_text_and_not_the_buttons(page, address):
    page = page(address)
    page.goto(story())
    page.emulate_media(media="print")
    assert page.locator("article").is_visible()
    assert page.locator("ol.copies").is_visible()
    for gone in (".top nav", ".marks", ".foot", ".tabs"):
        assert page.locator(gone).first.is_hidden()


def test_hostile_texts_are_text(page, folders):
    with served(folders / "hostile") as address:
        page = page(address, expected=("422",))  # the long text is too long to be compared while one waits
        page.goto("/")
        links = page.locator(".stories h2 a").all()
        addresses = [link.get_attribute("href") for link in links]
        assert len(addresses) >= len(HOSTILE)
        for path in addresses:
            page.goto(path)
            assert page.locator("article p").count() > 0
            beside = page.locator("ol.copies .id").first.get_attribute("href")
            for follow in (path.replace("/story?", "/story/compare?"), path.replace("/story?", "/record?"), beside):
                page.goto(follow)
                if "long" not in follow:
                    assert page.locator("h1.title").count() == 1
                assert page.locator("script:not([src='/static/desk.js']), img, iframe, article svg, textarea").count() == 0
                assert page.locator("[onload], [onerror], [href^='javascript'], [style]").count() == 0
        page.goto("/story?id=long%2F1")
        assert len(page.content()) < 200_000
        assert "Part 1 of" in page.locator(".part").inner_text()
        page.get_by_role("link", name="Next →").first.click()
        assert "Part 2 of" in page.locator(".part").inner_text()


def test_a_story_of_500_copies_stays_usable(page, folders):
    with served(folders / "many") as address:
        page = page(address)
        answer = page.goto("/?order=largest")
        page.locator(".stories h2 a").first.click()
        assert page.locator("#copies h2").inner_text().lower() == "500 copies"
        assert len(page.content()) < 500_000
        assert page.evaluate("document.querySelectorAll('*').length") < 2_500
        assert page.locator("ol.copies > li").count() == 12
        page.locator("#copies").get_by_role("link", name="Next →").click()
        page.locator("#copies .pager", has_text="2 of").wait_for()
        page.get_by_label("Order of the copies").select_option("differences")
        page.locator("#copies .pager", has_text="1 of").wait_for()
        page.get_by_label("Copies by name").fill("copy-377")
        page.get_by_label("Copies by name").press("Enter")
        page.locator("#copies h2", has_text="1 copy").wait_for()
        assert "copy-377" in page.locator("ol.copies").inner_text()
        page.locator("a.m").nth(40).click()
        page.locator("#variant .readings").wait_for()
        assert "more" in page.locator("#variant").inner_text()
        page.locator("#variant").get_by_role("link", name="Next variant").click()
        assert answer.ok


def test_the_picture_in_the_readme(page, address, tmp_path):
    """The picture is made here; COPYDESK_PICTURE says where it is to be kept."""
    page = page(address, viewport={"width": 1200, "height": 760})
    page.goto(story())
    page.get_by_label("Mark where copies differ").check()
    page.locator("a.m", has_text="22-year-old").click()
    page.locator("#variant .readings").wait_for()
    page.evaluate("scrollTo(0, 0)")
    file = Path(os.environ.get("COPYDESK_PICTURE") or tmp_path / "story.png")
    page.screenshot(path=file)
    assert 20_000 < file.stat().st_size < PICTURE
