"""A newcomer in a real JupyterLab: the tutorial runs, sentences are read, one place changes the language."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.proof]

TOKEN = "of-this-test-alone"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MINUTES = 60_000  # milliseconds
PICTURES = os.environ.get("OBS_PICTURES", "")  # a folder, for whoever wants to look


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """The tutorial and its note as a newcomer has them, on a small sample."""
    made = tmp_path_factory.mktemp("lab")
    (made / "notebooks").mkdir()
    shutil.copytree(root / "examples" / "first_note", made / "examples" / "first_note")
    text = (root / "notebooks" / "tutorial.ipynb").read_text(encoding="utf-8")
    assert "scale = 0.2" in text
    text = text.replace("scale = 0.2", "scale = 0.05")
    (made / "notebooks" / "tutorial.ipynb").write_text(text, encoding="utf-8")
    for path in (root / "examples" / "first_note").glob("first_note.*"):
        text = path.read_text(encoding="utf-8")
        text = text.replace("processed = None", 'processed = \\"tutorial/processed\\"')
        (made / "notebooks" / path.name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def address(folder, tmp_path_factory):
    """JupyterLab on this machine, with no settings of its user; it ends with the tests."""
    pytest.importorskip("jupyterlab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = tmp_path_factory.mktemp("settings")
    places = {name: str(own / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    places |= {"HOME": str(own), "IPYTHONDIR": str(own / "ipython")}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"),
        *(
            f"--ServerApp.root_dir={folder}",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ),
        "--LabApp.news_url=",
    ]
    log = (own / "log").open("wb")
    server = subprocess.Popen(command, env={**os.environ, **places}, stdout=log, stderr=log)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(f"{base}/api?token={TOKEN}", server, Path(log.name))
        yield base
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _wait_for(url, server, log):
    for _ in range(240):
        assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-2000:]
        try:
            urllib.request.urlopen(url, timeout=2)
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-2000:])


@pytest.fixture(scope="module")
def page(address):
    """One page of a browser, tall enough that JupyterLab draws every cell."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    with playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=FLAGS)
        page = opened.new_page(viewport={"width": 1300, "height": 6000})
        page.set_default_timeout(3 * MINUTES)
        yield page
        opened.close()


def picture(page, name):
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES, f"{name}.png")))


def menu(page, *path):
    """Open a menu by its labels, the last of which is clicked."""
    page.locator(".lm-MenuBar-itemLabel", has_text=path[0]).first.click()
    for label in path[1:]:
        page.locator(".lm-Menu-itemLabel", has_text=label).first.click()


def run_all(page):
    menu(page, "Run", "Run All Cells")
    page.wait_for_function(
        "() => { const p = [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) "
        ".jp-CodeCell .jp-InputPrompt')].map(e => e.textContent);"
        "return p.length > 0 && p.every(t => /\\[\\d+\\]/.test(t)); }",
        timeout=6 * MINUTES,
    )


def open_notebook(page, address, name):
    page.goto(f"{address}/lab/tree/notebooks/{name}?token={TOKEN}&reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
    page.wait_for_selector(".jp-NotebookPanel-toolbar >> text=Python 3")
    page.wait_for_function(
        "() => document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
    )


def read(page):
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").first.inner_text()


def test_the_tutorial_runs_and_shows_its_tables(page, address, folder):
    open_notebook(page, address, "tutorial.ipynb")
    run_all(page)
    picture(page, "tutorial")
    assert page.locator(".jp-OutputArea-output[data-mime-type*='error']").count() == 0
    said = read(page)
    assert "Cleaned" in said
    assert "Released" in said
    assert page.locator(".jp-OutputArea-output table").count() >= 2
    assert page.locator(".jp-OutputArea-output img[alt]").count() == 2
    assert (folder / "notebooks/tutorial/publications/2024/first_note.en.html").is_file()


def test_sentences_are_read_below_the_cells_and_the_language_changes_at_one_place(page, address):
    open_notebook(page, address, "first_note.ipynb")
    run_all(page)
    picture(page, "note_fr")
    outputs = page.locator(".jp-OutputArea-output")
    told = " ".join(outputs.all_inner_texts())
    assert "Région de Bruxelles-Capitale" in told
    assert "{{" not in told
    cell = page.locator(".jp-CodeCell .cm-content").first
    cell.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(
        'edition = 2024\nlang = "nl"\nobservatory = "first"\nprocessed = "tutorial/processed"'
    )
    run_all(page)
    page.wait_for_function("() => document.body.innerText.includes('Brussels Hoofdstedelijk')")
    picture(page, "note_nl")
    told = " ".join(outputs.all_inner_texts())
    assert "Région de Bruxelles-Capitale" not in told
    assert "{{" not in told


def test_the_export_menu_has_the_two_notes_first(page, address):
    open_notebook(page, address, "first_note.ipynb")
    page.locator(".lm-MenuBar-itemLabel", has_text="File").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Save and Export Notebook As").first.hover()
    page.wait_for_selector("text=Focus note (PDF)")
    picture(page, "export")
    entries = page.locator(".lm-Menu").last.locator(".lm-Menu-itemLabel").all_inner_texts()
    assert [one for one in entries if one][:2] == ["Focus note (HTML)", "Focus note (PDF)"]
