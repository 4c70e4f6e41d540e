"""What a browser sees: no violation of axe-core's rules and not one request."""

import shutil

import pytest

from tests.report.page.test_number_traces import PLACE, files

pytestmark = pytest.mark.browser

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    """Chromium, in a new profile."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    with playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser):
    """Open a file; give the rules violated and the requests made beyond it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    def open_file(path):
        page.goto(path.as_uri())
        violated = {v["id"] for v in axe.run(page).response["violations"]}
        return violated, [url for url in asked if url != path.as_uri() and url[:5] != "data:"]

    yield open_file
    page.close()


@pytest.mark.parametrize("name", ["index", "index.fr", "tiny.fr", "tiny.nl", "tiny.en"])
def test_a_page_violates_no_rule_and_asks_for_nothing(visit, sealed_edition, name):
    assert visit(sealed_edition / f"{name}.html") == (set(), [])


@pytest.mark.parametrize("width", [1000, 390])
def test_a_number_opens_where_it_comes_from_and_the_way_back(browser, tmp_path, width):
    """By keyboard, without a script; the text stays where it was, and nothing is violated."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for name, content in files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((tmp_path / f"communes/{PLACE}.nl.html").as_uri())
    number = page.locator("a.n").first
    assert number.evaluate("a => a.textContent") == "5.366 feiten"
    number.scroll_into_view_if_needed()
    number.focus()
    before = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    entry = page.locator("#trace--n1")
    page.wait_for_function("document.activeElement.id == 'trace--n1'")
    assert page.evaluate("scrollY") == before
    box = entry.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 800
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert {v["id"] for v in axe.run(page).response["violations"]} == set()
    focused = []
    for _ in range(2):
        page.keyboard.press("Tab")
        focused.append(page.evaluate("document.activeElement.textContent"))
    assert focused[0].startswith(f"{PLACE}_text.csv, rij ")
    assert focused[1] == "Terug naar de tekst"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#trace--n1"
    assert not page.locator(".trace article").evaluate(
        "a => getComputedStyle(a).position == 'fixed'"
    )
    page.close()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('<title id="trend-theft-wide-t">Vols enregistrés</title>', "", "svg-img-alt"),
        ('<html lang="fr">', "<html>", "html-has-lang"),
        ("color: var(--muted)", "color: #c4cad1", "color-contrast"),
    ],
)
def test_the_browser_sees_a_planted_fault(visit, edition, old, new, rule):
    path = edition / "tiny.fr.html"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert rule in visit(path)[0]


def test_the_browser_sees_a_planted_request(visit, edition):
    path = edition / "tiny.fr.html"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</main>", '<img alt="x" src="x.png"></main>'), encoding="utf-8")
    assert visit(path)[1]
