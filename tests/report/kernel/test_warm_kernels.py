"""Kernels forked from one warm process: each note as if it were alone, whatever ran before it."""

import asyncio
import os
import signal

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from obs.errors import PublicationError
from obs.pipeline.notes_folder import notes_folder
from obs.report.kernel import warm_kernels
from obs.report.kernel.closed_kernel import Closed
from obs.report.kernel.runner import run_note
from obs.report.kernel.warm_kernels import kernels
from tests.report.kernel.test_closed_note import ABOUT, OPEN, PARAMETERS
from tests.report.small_tables import thefts

pytestmark = pytest.mark.slow

SHOWN = "note.show(obs.chart_bars, 'years', period='2024', level='base')"
COUNTED = "n = note.fact('years', indicator='theft')"


def note(*sources, said="{{ n|count }}"):
    cells = [new_code_cell(source) for source in (OPEN, COUNTED, *sources)]
    return new_notebook(cells=[PARAMETERS, *cells, new_markdown_cell(said)])


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """What a kernel on the released tables of `thefts` is held to."""
    with notes_folder("brussels", 2024, ABOUT, thefts()) as own:
        yield Closed(thefts().seal, (str(own),), (str(tmp_path_factory.mktemp("barred")),))


@pytest.fixture(scope="module")
def warm(closed):
    """Kernels that all tests here share, as the notes of an edition do."""
    with kernels(closed) as own:
        yield own


def run(notebook, own, langs=("fr",)):
    given = {"processed": own.closed.kept[0]}
    return run_note(notebook, langs=langs, parameters=given, warm=own)


def test_a_note_is_the_same_alone_first_and_last(warm, closed, monkeypatch):
    one, other = note(SHOWN), note("left = obs.chart_bars", "note.show(obs.show_table, 'years')")
    first = run(one, warm)
    run(other, warm)
    last = run(one, warm)
    monkeypatch.setattr(warm_kernels, "_FORKS", False)  # as on a system that has no safe fork
    with kernels(closed) as cold:
        alone = run(one, cold)
    assert first == last == alone
    assert any(cell.get("outputs") for cell in alone[0].cells)


def test_nothing_of_one_note_is_left_for_the_next(warm):
    run(note("left = n"), warm)
    with pytest.raises(PublicationError, match="unknown name 'left'"):
        run(note(said="{{ left|count }}"), warm)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import pandas", "imports pandas; a note imports obs alone"),
        ("obs.release(note['years'])", "obs.release is refused while an edition is built"),
        ("open('facts.csv')", "NameError"),
        ("getattr(obs, 'fact')", "NameError"),
    ],
)
def test_what_the_rules_of_cells_would_not_see_is_refused_in_a_forked_kernel(
    warm, monkeypatch, source, said
):
    monkeypatch.setattr("obs.report.kernel.runner.refuse_faults", lambda *_: None)
    with pytest.raises(PublicationError, match=said):
        run(
            new_notebook(cells=[PARAMETERS, new_code_cell("import obs"), new_code_cell(source)]),
            warm,
        )


def test_kernels_end_with_the_process_that_forks_them(closed):
    with kernels(closed) as own:
        pid = own._parent.ask("start", arguments=["-f", "absent.json"], folder=closed.kept[0])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_forking_process_that_dies_is_told_plainly(closed):
    with kernels(closed) as own:
        os.kill(own._parent._process.pid, signal.SIGKILL)
        with pytest.raises(PublicationError, match="starts the kernels of notes stopped"):
            run(note(), own)


def test_the_log_of_a_kernel_says_nothing_when_it_is_stopped(tmp_path):
    async def level(own):
        async with own.kernel(tmp_path) as manager:
            client = manager.client()
            client.start_channels()
            await client.wait_for_ready(timeout=60)
            asked = {"level": "[h.level for h in get_ipython().kernel.log.handlers]"}
            reply = await client.execute_interactive("", user_expressions=asked, timeout=60)
            client.stop_channels()
            return reply["content"]["user_expressions"]["level"]["data"]["text/plain"]

    with kernels(None) as own:
        assert asyncio.run(level(own)) == "[50]"
