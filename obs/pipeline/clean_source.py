"""Clean the deliveries of one source of an observatory, as its declaration says they are laid out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from obs.clean import Cleaned, list_profiles, load_profile
from obs.clean.parts.kept_files import names_begin
from obs.clean.preview import explain_rejections, explain_remarks, show_first_rows
from obs.errors import DeliveryError
from obs.pipeline.coverage_lines import say_coverage
from obs.pipeline.deliveries import CLEANERS, find_deliveries, profile_of_source
from obs.pipeline.reuse.judged_files import JudgedFiles
from obs.reference import Observatory, Source, load_observatory

__all__ = ["CleanedFiles", "clean_source", "say_cleaned"]


@dataclass(frozen=True)
class CleanedFiles:
    """What one profile made of its files, and whether a person confirmed it."""

    profile: str
    confirmed: bool
    cleaned: Cleaned


def say_cleaned(one: CleanedFiles, folder: str | None, *, preview: bool) -> Iterator[str]:
    """Write what was cleaned to a folder, if one is named, and say what became of the rows."""
    if folder:
        one.cleaned.write(folder)
    if preview:
        yield show_first_rows(one.cleaned)
    yield from one.cleaned.summary()
    yield from explain_rejections(one.cleaned)
    yield from explain_remarks(one.cleaned)
    if len(one.cleaned.rejected):
        yield (
            f"every rejected row: {Path(folder) / 'rejected.csv'}"
            if folder
            else "every rejected row: name a folder with --out, and see its rejected.csv"
        )
    yield from say_coverage(one.cleaned)
    if not one.confirmed:
        yield (
            f"profile '{one.profile}' is a draft: read it, complete it, and confirm it with "
            f"`obs profile confirm {one.profile}`"
        )


def clean_source(
    kind: str,
    files: Sequence[str],
    *,
    config: str | Path | None = None,
    raw: str | Path | None = None,
    profile: str | None = None,
    extracted: str | None = None,
    judged: JudgedFiles | None = None,
) -> list[CleanedFiles]:
    """Clean files of one kind with one profile, or with those that an observatory declares.

    Parameters
    ----------
    kind : str
        "police", "prosecutor", "survey", "helpline", "services".
    files : list of str
        Deliveries; without any, all of that kind under the raw folder.
    config : path, optional
        The `observatory.toml`; a profile of its folder goes by its name.
    raw : path, optional
        Folder of raw deliveries, `data/raw` beside the declaration if not said.
    profile : str, optional
        Name or path of the profile of all files, whatever the observatory declares.
    extracted : str, optional
        Day of extraction of every row.
    judged : JudgedFiles, optional
        Files of the observatory as they were judged before; used where it declares all that is
        said of these.

    Returns
    -------
    list of CleanedFiles
        One for each source with files.

    Raises
    ------
    DeliveryError
        If the observatory has no source of that kind, or a file is of none of them.
    """
    options = {} if extracted is None else {"extracted": extracted}
    if config is None:
        if not profile or not files:
            raise DeliveryError(_what_is_missing(kind))
        loaded = load_profile(profile)
        cleaned = CLEANERS[kind]([*map(Path, files)], profile=profile, **options)
        return [CleanedFiles(loaded.name, loaded.confirmed, cleaned)]
    observatory = load_observatory(config)
    folder = Path(raw) if raw is not None else Path(config).resolve().parent / "data" / "raw"
    made, begins = [], []
    declared = not profile and not options
    for source, own in _chosen_files(observatory, kind, files, folder, profile):
        placed = profile_of_source(observatory, source, folder)
        again = {"shelf": judged} if judged and declared and kind == "police" else {}
        cleaned = CLEANERS[kind](own, profile=placed, **options, **again)
        made.append(CleanedFiles(placed.name, placed.confirmed, cleaned))
        if judged and again:
            judged.say_judged()
        begins.append(names_begin(placed))
    if judged and declared and not files:
        judged.sweep(lambda name: not name.startswith(tuple(begins)))
    return made


def _what_is_missing(kind: str) -> str:
    table = list_profiles()
    names = ", ".join(table.loc[table["kind"] == kind, "name"])
    return (
        f"clean {kind}: name the files, and say with --profile how they are laid out: {names}, or a "
        ".toml file; or name with --config an observatory.toml that says it. For a new kind of file: "
        "`obs profile new FILE --source KIND`."
    )


def _chosen_files(
    observatory: Observatory, kind: str, files: Sequence[str], raw: Path, profile: str | None
) -> list[tuple[Source, list[Path]]]:
    """Give the sources to read, each with its files."""
    if profile and files:
        return [(Source(kind, profile, tuple(files)), [*map(Path, files)])]
    sources = [s for s in observatory.sources if s.kind == kind and profile in (None, s.profile)]
    if not sources:
        declared = ", ".join(f"{s.kind} ({s.profile})" for s in observatory.sources)
        raise DeliveryError(
            f"{observatory.path.name} declares no such source of kind {kind}; it has {declared}. Add "
            "one with `obs profile new FILE --source KIND --observatory DIR`."
        )
    chosen = [(source, _files_of(source, sources, files, raw)) for source in sources]
    _none_left(observatory, sources, files, chosen, raw)
    return [(source, own) for source, own in chosen if own]


def _files_of(source: Source, sources: list[Source], files: Sequence[str], raw: Path) -> list[Path]:
    """Give the files of a source: those given that its patterns name, or all; of one source, any."""
    declared = find_deliveries(source, raw) if raw.is_dir() else []
    if not files:
        return declared
    if len(sources) == 1:
        return [Path(file) for file in files]
    known = {path.resolve() for path in declared}
    return [Path(file) for file in files if Path(file).resolve() in known]


def _none_left(
    observatory: Observatory,
    sources: list[Source],
    files: Sequence[str],
    chosen: list[tuple[Source, list[Path]]],
    raw: Path,
) -> None:
    """Refuse a file that no source names, and a raw folder without any."""
    taken = {path for _, own in chosen for path in own}
    patterns = ", ".join(pattern for source in sources for pattern in source.files)
    left = [Path(file).name for file in files if Path(file) not in taken]
    if left:
        raise DeliveryError(
            f"{left[0]}: none of the sources of kind {sources[0].kind} in {observatory.path.name} names "
            f"it ({patterns}, under '{raw.name}'); name its profile with --profile."
        )
    if not taken:
        raise DeliveryError(
            f"no deliveries in '{raw.name}': {sources[0].kind} expects {patterns}. Put them there, "
            "name another folder with --raw, or name the files."
        )
