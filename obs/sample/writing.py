"""Write labelled sample files, aside first and then renamed, in a folder of their own."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from obs.errors import DeliveryError
from obs.locale import languages, words

__all__ = ["MANIFEST", "README", "SampleFile", "label", "open_folder", "write_files"]

MANIFEST = "sample_manifest.json"
README = "LISEZMOI_SYNTHETIC.txt"
_LABEL = "DONNEES SYNTHETIQUES / SYNTHETISCHE GEGEVENS / SYNTHETIC DATA - obs sample"
_TOLERATED = "README.md"  # says what the folder is for


@dataclass(frozen=True)
class SampleFile:
    """A file to write: its path under the sample's folder, its bytes, its true counts."""

    path: str
    payload: bytes
    counts: Mapping[str, Any] = field(default_factory=dict)


def label(seed: int, scale: float) -> str:
    """Give the first line of every raw text file."""
    return f"# {_LABEL} seed={seed} scale={scale:g}"


def open_folder(directory: Path) -> None:
    """Make the folder, and refuse one that holds files the sample did not write.

    Raises `DeliveryError` when the folder is a file, or holds anything but files of a former
    sample, hidden files and a README.md: received data and synthetic data are never mixed.
    """
    if directory.is_file():
        raise DeliveryError(f"{directory}: is a file; the sample needs a folder of its own.")
    directory.mkdir(parents=True, exist_ok=True)
    own = set(_former(directory))
    strange = [
        path.relative_to(directory).as_posix()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path not in own and path.name != _TOLERATED and not _hidden(path)
    ]
    if strange:
        raise DeliveryError(
            f"{directory}: holds {len(strange)} files that `obs sample` did not write "
            f"(first: {', '.join(strange[:5])}). Synthetic files are not mixed with received "
            "ones: give an empty folder."
        )


def write_files(
    directory: Path, made: Iterable[SampleFile], *, seed: int, scale: float, years: list[int]
) -> list[Path]:
    """Write the files, then the notice and the manifest; drop what a former sample left."""
    former = _former(directory)
    paths, counts = [], {}
    for file in made:
        paths.append(_write(directory / file.path, file.payload))
        counts[file.path] = dict(file.counts)
    paths.append(_write(directory / README, _notice(seed, scale).encode()))
    manifest = {
        "label": label(seed, scale).removeprefix("# "),
        "synthetic": True,
        "seed": seed,
        "scale": scale,
        "years": years,
        "files": counts,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    paths.append(_write(directory / MANIFEST, text.encode()))
    for path in set(former) - set(paths):
        path.unlink()
    return paths


def _notice(seed: int, scale: float) -> str:
    """Say in every language that nothing in the folder is real."""
    paragraphs, found = [], []
    for lang in languages():
        own = words(lang)
        text = own.say("sample.notice", seed=str(seed), scale=f"{scale:g}")
        paragraphs.append(textwrap.fill(f"{lang.upper()}  {text}", 100, subsequent_indent="    "))
        found.append(own.say("sample.manifest"))
    return "\n\n".join([_LABEL, *paragraphs, f"{MANIFEST}: {' / '.join(found)}."]) + "\n"


def _former(directory: Path) -> list[Path]:
    """Find the files of a former sample, even one cut short: they bear its label."""
    named = [directory / name for name in (MANIFEST, README)]
    bearing = [p for p in directory.glob("*/*.csv") if p.is_file() and _bears_label(p)]
    return [*(p for p in named if p.is_file()), *bearing, *directory.glob("*/.*.csv.part")]


def _bears_label(path: Path) -> bool:
    with path.open("rb") as stream:
        return _LABEL.encode() in stream.read(200)


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _write(path: Path, payload: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(payload)
    return aside.replace(path)
