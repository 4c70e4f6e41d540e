"""Keep the files of an observatory as they were judged: a new delivery is judged alone.

Each lies in a folder of its own, for its owner alone: it holds rows of facts.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from pathlib import Path

from obs.clean.parts.judged_parts import JudgedFile
from obs.errors import ObsError
from obs.one_writer import one_writer
from obs.pipeline.progress import Progress
from obs.pipeline.reuse import build_inputs
from obs.reference import load_observatory
from obs.report import edition_folder
from obs.report.edition.kept_parts import Form, KeptParts

__all__ = ["JudgedFiles", "forget_folder", "forget_judged", "judged_files"]

_FOLDER = "judged"  # beside the editions of an observatory


class JudgedFiles:
    """The judged files of one observatory, for whoever holds the folder of its internal tables.

    Parameters
    ----------
    inside : Path
        That folder.
    say : callable
        Told in words how many files were judged anew, and why.
    force : bool
        Whether every file is judged anew.
    hold : callable, optional
        Called before the folder is first used, to hold it.
    """

    def __init__(
        self,
        inside: Path,
        say: Progress,
        *,
        force: bool,
        hold: Callable[[], object] = lambda: None,
    ) -> None:
        self._inside, self._say, self._force, self._hold = inside, say, force, hold
        self._before: set[str] = set()
        self._anew: Counter[str] = Counter()

    @cached_property
    def _parts(self) -> KeptParts:
        self._hold()
        return KeptParts(self._inside / _FOLDER, self._say, force=self._force)

    def take(
        self,
        name: str,
        inputs: Mapping[str, str],
        read: Callable[[Path], JudgedFile],
    ) -> JudgedFile | None:
        """Read what was kept of a file; nothing if it is absent, damaged or made of other things."""
        form = Form(_never, read)
        found, why = self._parts.look(name, _with_code(inputs), form=form)
        if why:
            self._anew[why] += 1
            return None
        self._before.add(name)
        judged: JudgedFile = found
        return judged

    def keep(
        self,
        name: str,
        inputs: Mapping[str, str],
        write: Callable[[JudgedFile, Path], None],
        judged: JudgedFile,
    ) -> Path:
        """Keep a file in the place of what was kept of it before; give its folder."""
        if name in self._before:  # it was taken and found to hold no longer
            self._before.remove(name)
            self._anew["changed: the day"] += 1
        self._parts.keep(name, _with_code(inputs), judged, form=Form(write, _never))
        return self._inside / _FOLDER / name

    def say_judged(self) -> None:
        """Say how many files were judged since it was last said, and why; nothing of none."""
        if self._before or self._anew:
            why = "; ".join(f"{n} anew ({reason})" for reason, n in self._anew.items())
            told = [f"{len(self._before)} as before"] * bool(self._before) + [why] * bool(why)
            self._say(f"  files judged: {', '.join(told)}")
        self._before.clear()
        self._anew.clear()

    def sweep(self, is_needed: Callable[[str], bool]) -> None:
        """Remove what is kept of files that were not cleaned since this began, and are not needed."""
        if (self._inside / _FOLDER).is_dir():
            self._parts.sweep(is_needed)


@contextmanager
def judged_files(
    config: str | Path | None, processed: str | Path | None, say: Progress, *, force: bool
) -> Iterator[JudgedFiles | None]:
    """Open the judged files of an observatory, held from their first use to the end; none without one.

    By default they lie in the folder `data/processed` beside its declaration.
    """
    if config is None:
        yield None
        return
    beside = Path(config).resolve().parent / "data" / "processed"
    top = beside if processed is None else Path(processed)
    inside = edition_folder(top, load_observatory(config).name, 0).parent
    with ExitStack() as held:
        hold = partial(held.enter_context, one_writer(inside, say=say))
        yield JudgedFiles(inside, say, force=force, hold=hold)


def forget_judged(inside: Path) -> None:
    """Remove all judged files of an observatory: they may hold rows that are to be forgotten."""
    forget_folder(inside / _FOLDER)


def forget_folder(place: Path) -> None:
    """Remove a folder of what builds keep.

    Raises `ObsError` if it is still there.
    """
    shutil.rmtree(place, ignore_errors=True)
    if place.exists():
        raise ObsError(
            f"the folder '{place.name}' of the internal tables cannot be removed, and may hold rows that "
            "are to be forgotten: remove it."
        )


def _with_code(inputs: Mapping[str, str]) -> dict[str, str]:
    """Give what a file is judged by: besides the given, the code and all data that lie in it."""
    return {"the code": build_inputs.code(), **inputs}


def _never(*_: object) -> None:
    raise AssertionError("a file is kept or taken, not both")
