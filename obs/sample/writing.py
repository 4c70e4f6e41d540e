"""Files of the sample: labelled, written aside then renamed, in a folder of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from obs.errors import DeliveryError

__all__ = ["MANIFEST", "README", "SampleFile", "label", "open_folder", "write_files"]

MANIFEST = "sample_manifest.json"
README = "LISEZMOI_SYNTHETIC.txt"
_NOTICE = """\
DONNEES SYNTHETIQUES / SYNTHETISCHE GEGEVENS / SYNTHETIC DATA

FR  Tous les fichiers de ce dossier sont fabriqués par `obs sample` (graine {seed}, échelle {scale}).
    Aucune ligne ne décrit un fait, une personne ou une entreprise réels. Quelques totaux régionaux et
    par zone reprennent des chiffres publiés ; tout le reste est inventé. Ne citez rien de ce dossier.

NL  Alle bestanden in deze map zijn gemaakt door `obs sample` (zaad {seed}, schaal {scale}).
    Geen enkele rij beschrijft een werkelijk feit, een werkelijke persoon of onderneming. Enkele totalen
    voor het Gewest en de zones nemen gepubliceerde cijfers over; al de rest is verzonnen. Citeer niets.

EN  Every file in this folder is made by `obs sample` (seed {seed}, scale {scale}).
    No row describes a real event, person or business. A few totals for the Region and the zones repeat
    published figures; all the rest is made up. Quote nothing from this folder.

sample_manifest.json: ce que le nettoyage doit trouver / wat de opschoning moet vinden / what cleaning must find.
"""


@dataclass(frozen=True)
class SampleFile:
    """A file to write: its path under the sample's folder, its bytes, its true counts."""

    path: str
    payload: bytes
    counts: Mapping[str, Any] = field(default_factory=dict)


def label(seed: int, scale: float) -> str:
    """Give the first line of every raw text file."""
    return (
        "# DONNEES SYNTHETIQUES / SYNTHETISCHE GEGEVENS / SYNTHETIC DATA - "
        f"obs sample seed={seed} scale={scale:g}"
    )


def open_folder(directory: Path) -> None:
    """Make the folder, and refuse one that holds files the sample did not write.

    Raises
    ------
    DeliveryError
        When the folder is a file, or holds anything but a former sample, hidden files and
        a README.md: received data and synthetic data are never mixed.
    """
    if directory.is_file():
        raise DeliveryError(f"{directory}: is a file; the sample needs a folder of its own.")
    directory.mkdir(parents=True, exist_ok=True)
    if (directory / MANIFEST).exists():
        return
    strange = [
        p.name
        for p in sorted(directory.iterdir())
        if p.name != "README.md" and not p.name.startswith(".")
    ]
    if strange:
        raise DeliveryError(
            f"{directory}: holds {len(strange)} files or folders that `obs sample` did not write "
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
    paths.append(_write(directory / README, _NOTICE.format(seed=seed, scale=f"{scale:g}").encode()))
    manifest = {
        "label": label(seed, scale).removeprefix("# "),
        "synthetic": True,
        "seed": seed,
        "scale": scale,
        "years": years,
        "files": counts,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=True) + "\n"
    paths.append(_write(directory / MANIFEST, text.encode()))
    for name in former - set(counts):
        (directory / name).unlink(missing_ok=True)
    return paths


def _former(directory: Path) -> set[str]:
    path = directory / MANIFEST
    if not path.exists():
        return set()
    try:
        names = json.loads(path.read_text(encoding="utf-8"))["files"]
    except (ValueError, KeyError) as error:
        raise DeliveryError(
            f"{path}: is not a manifest of `obs sample`; remove it or give an empty folder."
        ) from error
    return {n for n in names if ".." not in Path(n).parts and not Path(n).is_absolute()}


def _write(path: Path, payload: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(payload)
    return aside.replace(path)
