"""Take a new kind of file into an observatory: copy it, draft its profile, declare its source.

The file is read and checked first; a refused one leaves nothing behind. What was
written is taken back if a later step fails.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from obs.clean.draft.drafted_profile import Draft, draft_profile
from obs.clean.folded_texts import unaccented
from obs.errors import CatalogueError, DeliveryError
from obs.private_files import private_files
from obs.reference import Territory, load_observatory, load_territory

__all__ = ["NewProfile", "new_profile"]

_DECLARATION = "observatory.toml"
_RAW = Path("data") / "raw"


@dataclass(frozen=True)
class NewProfile:
    """What was written: the profile, the copy, whether the source is declared, what is missing."""

    kind: str
    profile: Path
    raw: Path
    source: str
    declared: bool
    rows: int
    lacks: tuple[str, ...]

    def summary(self) -> list[str]:
        """Say in lines what was written and what to do next."""
        config = self.profile.parent.parent / _DECLARATION
        lines = [f"{self.rows:,} rows read", f"draft: {self.profile}", f"copy: {self.raw}"]
        if self.declared:
            lines.append(f"source added: {config}")
        else:
            lines += [f"no {config}: declare the source there as", self.source.rstrip("\n")]
        for lack in self.lacks:
            lines.append(f"to complete before use: {lack.partition(';')[0]}")
        if any(lack.startswith("columns: ") for lack in self.lacks):
            lines.append(
                f"tell which column it is: obs profile new {self.raw} --source {self.kind} --observatory "
                f"{config.parent} --name {self.profile.stem} --again --column 'OURS=THEIRS', as "
                "--column 'offence=Nature'"
            )
        if not self.lacks:
            lines.append(
                f"try it: obs clean {self.kind} {self.raw} --profile {self.profile} --preview"
            )

        then = f"obs profile confirm {self.profile.stem} --observatory {config.parent}"
        lines.append(f"read {self.profile}, then: {then}")
        return lines


def new_profile(
    file: str | Path,
    *,
    source: str,
    observatory: str | Path = ".",
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    again: bool = False,
) -> NewProfile:
    """Draft a profile from a file and add it to an observatory.

    Parameters
    ----------
    file : path
        A delivery; it is copied under `data/raw/<source>/<profile>/` of the observatory.
    source : str
        Whose it is: "police", "prosecutor", "survey", "helpline", "services".
    observatory : path
        Its folder. Without an `observatory.toml` in it, the source to declare is given as text.
    name : str, optional
        Name of the profile; by default that of the file.
    columns : mapping, optional
        Our column = theirs, where nothing in the file tells it.
    again : bool
        Draft a profile anew that is still a draft, in place of the former.

    Returns
    -------
    NewProfile
        Where everything is.

    Raises
    ------
    DeliveryError
        If the file cannot be read, holds no table, is refused, or another one of
        its name is there already. Nothing is written.
    CatalogueError
        If there is a profile of that name, or `observatory.toml` is faulty.
    """
    path, folder = Path(file), Path(observatory)
    called = _profile_name(name or path.name.split(".")[0])
    profile = folder / "profiles" / f"{called}.toml"
    raw = _raw_place(path, folder / _RAW, Path(source) / called)
    declaration = folder / _DECLARATION
    place = raw.relative_to(folder / _RAW)
    known = _refuse_known(profile, called, again=again) and _declared(declaration, called, place)
    if not known:
        _refuse_read_twice(declaration, place)
    draft = draft_profile(
        path,
        kind=source,
        name=called,
        territory=_territory(declaration, folder),
        schema=_schema(declaration),
        told=columns,
    )
    entry = _entry(source, called, place)
    _write(path, raw, profile, draft, declaration, "" if known else entry)
    return NewProfile(source, profile, raw, entry, declaration.is_file(), draft.rows, draft.lacks)


def _refuse_known(profile: Path, called: str, *, again: bool) -> bool:
    """Tell whether the profile is a draft to be made again; refuse one that is not to be replaced."""
    if not profile.exists():
        return False
    draft = re.search(r"^confirmed = false\b", profile.read_text(encoding="utf-8"), re.MULTILINE)
    if again and draft:
        return True
    raise CatalogueError(
        f"there is a profile '{called}' already: {profile}. Clean the file with it, or give another --name"
        + ("; it is confirmed, and only a draft is made again." if again else "")
        + (" (or --again: its draft is replaced, with what was written in it)." if draft else "")
        + ("" if again or draft else ".")
    )


def _declared(declaration: Path, called: str, place: Path) -> bool:
    """Tell whether the observatory reads the file by this profile already."""
    if not declaration.is_file():
        return False
    sources = load_observatory(declaration).sources
    return any(s.profile == called and _reads(s.files, place) for s in sources)


def _profile_name(text: str) -> str:
    """Give a name that a file and a declaration can bear."""
    name = re.sub(r"[^a-z0-9]+", "_", unaccented(text).casefold()).strip("_")
    if not name:
        raise DeliveryError("the file's name has no letter or digit; give the profile a --name.")
    return name


def _raw_place(path: Path, raw: Path, below: Path) -> Path:
    """Give the place of the file under the raw folder: where it is, or a new one."""
    if path.resolve().is_relative_to(raw.resolve()):
        return raw / path.resolve().relative_to(raw.resolve())
    place = raw / below / path.name
    if place.exists() and path.is_file() and place.read_bytes() != path.read_bytes():
        raise DeliveryError(
            f"{path.name}: another file of this name is in {place.parent}, and deliveries are never "
            "changed; rename the new one, by its day of extraction for instance."
        )
    return place


def _refuse_read_twice(declaration: Path, place: Path) -> None:
    """Refuse a place whose files a source of the observatory reads already."""
    if not declaration.is_file():
        return
    for source in load_observatory(declaration).sources:
        for pattern in source.files:
            if _reads((pattern,), place):
                raise CatalogueError(
                    f"{place.name}: source {source.kind} of {declaration.name} reads '{pattern}' with "
                    f"profile '{source.profile}', and would read this file too; put it elsewhere, or "
                    "narrow the pattern."
                )


def _reads(patterns: Sequence[str], place: Path) -> bool:
    """Tell whether one of the patterns of a source takes a file."""
    for parts in (pattern.split("/") for pattern in patterns):
        fits = "**" in parts or len(parts) == len(place.parts)
        if fits and all(map(fnmatchcase, place.parts[::-1], parts[::-1])):
            return True
    return False


def _territory(declaration: Path, folder: Path) -> Territory:
    if not declaration.is_file():
        return load_territory()
    return load_observatory(declaration).places(folder / _RAW)


def _schema(declaration: Path) -> str:
    """Name the schema of profiles that lies beside that of the declaration, else in `schemas`."""
    first = ""
    if declaration.is_file():
        first = declaration.read_text(encoding="utf-8-sig", errors="replace").split("\n", 1)[0]
    named = re.fullmatch(r"#:schema\s+(\S*?)observatory\.json\s*", first)
    return f"../{named[1] if named else 'schemas/'}profile.json"


def _entry(source: str, name: str, place: Path) -> str:
    """Write the source for `observatory.toml`; a name with signs of a pattern has them escaped."""
    pattern = re.sub(r"([\[*?])", r"[\1]", place.as_posix())
    return f'[[source]]\nkind = "{source}"\nprofile = "{name}"\nfiles = ["{pattern}"]\n'


def _write(
    path: Path, raw: Path, profile: Path, draft: Draft, declaration: Path, entry: str
) -> None:
    """Write the copy, the profile and the source, each aside and then in place; all or nothing."""
    with _taken_back_on_failure(raw, profile):
        if not raw.exists():
            with private_files():
                raw.parent.mkdir(parents=True, exist_ok=True)
                part = raw.with_name(f".{raw.name}.part")
                shutil.copyfile(path, part)
                part.replace(raw)
        profile.parent.mkdir(parents=True, exist_ok=True)
        _replace(profile, draft.text.encode())
        if entry and declaration.is_file():
            _declare(declaration, entry)


@contextmanager
def _taken_back_on_failure(*paths: Path) -> Iterator[None]:
    fresh = [path for path in paths if not path.exists()]
    folders = [f for path in fresh for f in (path.parent, *path.parent.parents) if not f.exists()]
    try:
        yield
    except BaseException:
        for path in fresh:
            path.unlink(missing_ok=True)
            path.with_name(f".{path.name}.part").unlink(missing_ok=True)
        for folder in sorted({*folders}, key=lambda one: -len(one.parts)):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def _declare(declaration: Path, entry: str) -> None:
    """Add the source at the end of the declaration, whose other bytes stay; refuse if it is then faulty."""
    before = declaration.read_bytes()
    end = "\r\n" if b"\r\n" in before else "\n"
    gap = "" if before.endswith(b"\n") else end
    after = before + f"{gap}{end}{entry.replace(chr(10), end)}".encode()
    part = declaration.with_name(f".{declaration.name}.part")
    part.write_bytes(after)
    part.chmod(declaration.stat().st_mode & 0o777)
    try:
        load_observatory(part)
    except CatalogueError:
        part.unlink()
        raise CatalogueError(
            f"{declaration.name}: the source cannot be added at its end (are its sources written as "
            f"one list?). Add it by hand, then run this again:\n{entry}"
        ) from None
    part.replace(declaration)


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
