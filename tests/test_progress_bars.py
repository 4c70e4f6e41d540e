"""A long step shows how far it is, to who looks on, and to nobody else."""

import io
import sys
from types import SimpleNamespace

import pytest

import obs
from obs import __main__
from obs.notebook_session import SESSION
from obs.progress_bars import bars_on, counted, progress_bar, write_line


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_sees_how_many_are_done_and_the_bar_goes_at_the_end():
    seen = Terminal()
    with bars_on(seen), progress_bar("clean", total=4, after=0) as advance:
        for words in ("read", "screen", "judge", "decide"):
            advance(1, words)
    text = seen.getvalue()
    assert "0 of 4" in text
    assert text.rstrip(" \r").endswith(" ") or "\r" in text[-90:]
    assert "\n" not in text


def test_a_log_a_quiet_command_and_a_program_that_imports_obs_see_no_bar(capsys):
    log = io.StringIO()
    with bars_on(log), progress_bar("clean", total=1, after=0) as advance:
        advance()
    with progress_bar("clean", total=1, after=0) as advance:
        advance(1, "read")
    shown = capsys.readouterr()
    assert (log.getvalue(), shown.out, shown.err) == ("", "", "")


def test_an_open_notebook_sees_the_bar_in_its_cell(monkeypatch, capsys):
    monkeypatch.setenv(SESSION, "note.ipynb")
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=object))
    with progress_bar("release: cells", total=10, after=0) as advance:
        advance(5)
    assert "release: cells" in capsys.readouterr().out
    monkeypatch.setenv(SESSION, "")
    with progress_bar("release: cells", total=10, after=0) as advance:
        advance(5)
    assert capsys.readouterr().out == ""


def test_what_is_quick_shows_no_bar():
    seen = Terminal()
    with bars_on(seen):
        assert list(counted("abc", "letters", total=3)) == ["a", "b", "c"]
    assert seen.getvalue().strip() == ""


def test_a_line_is_written_above_the_bar(capsys):
    write_line("compute: focus")
    with bars_on(Terminal()), progress_bar("notes", total=2, after=0):
        write_line("render: focus")
    assert capsys.readouterr().err.splitlines() == ["compute: focus", "render: focus"]


@pytest.mark.parametrize(("flags", "shown"), [([], True), (["--quiet"], False)])
def test_quiet_silences_the_bars_of_a_command(flags, shown, monkeypatch):
    terminal, seen = Terminal(), []
    monkeypatch.setattr(sys, "stderr", terminal)

    def sample(*_, **__):
        with progress_bar("sample", total=1, after=0):
            seen.append("sample" in terminal.getvalue().split("|")[0].rsplit("\r", 1)[-1])
        return []

    monkeypatch.setattr(obs, "sample", sample, raising=False)
    assert __main__.main(["sample", "nowhere", *flags]) == 0
    assert seen == [shown]
