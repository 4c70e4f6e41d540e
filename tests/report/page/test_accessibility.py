"""What a browser sees: no violation of axe-core's rules and not one request."""

import shutil

import pytest

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
