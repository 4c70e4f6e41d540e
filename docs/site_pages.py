"""Write the pages of the site that say what the code says: tables, codes, keys, commands, functions."""

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import obs
from obs import schemas, stats
from obs.__main__ import argument_parser
from obs.schemas import Schema

__all__ = ["page_links", "write_pages"]

ROOT = Path(obs.__file__).resolve().parents[1]
_PROJECT = {
    "README.md": "readme",
    "CHANGELOG.md": "changelog",
    "CONTRIBUTING.md": "contributing",
    "GLOSSARY.md": "glossary",
    "SECURITY.md": "security",
    "obs/clean/profiles/README.md": "profiles",
    "obs/clean/questionnaires/README.md": "questionnaires",
}
_GROUPS = {
    "Clean": ("obs.clean",),
    "Places and what they are divided by": ("obs.reference",),
    "Count and estimate": ("obs.indicators",),
    "Compare": ("obs.trends",),
    "Protect": ("obs.disclosure",),
    "Show": ("obs.report", "obs.open_data"),
    "Sample and build": ("obs.sample", "obs.pipeline"),
}
_LINK = re.compile(r"\[([^\[\]]+)\]\((?!https?:|#|mailto:|/)([^)#\s]+)(#[^)\s]*)?\)")


def write_pages(folder: Path) -> None:
    """Write every page that is read from the code, the tutorial and the project's own pages."""
    folder.mkdir(exist_ok=True)
    pages = {
        "tables": "\n".join(_tables()),
        "codes": "\n".join(_codes()),
        "declarations": "\n".join(_declarations()),
        "commands": "\n".join(_commands()),
        "functions": "\n".join(_functions()),
        "arrays": "\n".join(_arrays()),
        "indicators": "\n".join(_indicators()),
    }
    pages |= {name: (ROOT / path).read_text(encoding="utf-8") for path, name in _PROJECT.items()}
    for name, text in pages.items():
        _write_if_new(folder / f"{name}.md", text)
    own = (ROOT / "notebooks" / "tutorial.ipynb").read_text(encoding="utf-8")
    _write_if_new(folder / "tutorial.ipynb", own.replace("../examples/", "../../examples/"))


def page_links(name: str, source: list[str]) -> None:
    """Lead the relative links of a page to pages of the site; a link to a file keeps its words."""
    made = {page: path for path, page in _PROJECT.items()}
    own = made.get(name.removeprefix("made/"))
    here = (ROOT / own).parent if own else ROOT / "docs" / Path(name).parent

    def led(match: re.Match[str]) -> str:
        target = (here / match[2]).resolve()
        path = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
        if path in _PROJECT:
            return f"[{match[1]}](/made/{_PROJECT[path]}.md)"
        if path.startswith("docs/") and target.suffix in (".md", ".ipynb"):
            return f"[{match[1]}](/{path.removeprefix('docs/')}{match[3] or ''})"
        return match[1]

    if not name.endswith("tutorial"):
        source[0] = _LINK.sub(led, source[0])


def _tables() -> Iterator[str]:
    yield "# Tables that cross a stage\n"
    yield "Read from `obs.schemas`, which every stage checks. A breakdown joins the key.\n"
    own = {n: getattr(schemas, n) for n in schemas.__all__}
    for name, schema in sorted(own.items()):
        if isinstance(schema, Schema):
            yield f"## {name}\n\nOne row is {schema.row}. Key: {_code_list(schema.key)}.\n"
            yield from _table(
                ("column", "kind", "may be missing", "codes or least value"),
                (
                    (f"`{c}`", col.kind, "yes" if col.nullable else "no", _allowed(col))
                    for c, col in schema.columns.items()
                ),
            )


def _allowed(column: schemas.Column) -> str:
    if column.allowed:
        return _code_list(column.allowed)
    return "" if column.least is None else f"at least {column.least:g}"


def _codes() -> Iterator[str]:
    yield "# Codes\n\nClosed codes that columns hold, from `obs.schemas`.\n"
    for name in sorted(schemas.__all__):
        codes = getattr(schemas, name)
        if (
            isinstance(codes, tuple | frozenset)
            and codes
            and all(isinstance(c, str) for c in codes)
        ):
            listed = sorted(codes) if isinstance(codes, frozenset) else codes
            yield f"- **{name}**: {_code_list(listed)}"
    yield ""


def _declarations() -> Iterator[str]:
    yield "# Keys of declarations\n"
    yield "From the schemas that editors read (`obs schema DIR` writes them).\n"
    for path in sorted((ROOT / "obs" / "declare" / "schemas").glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        yield f"## {path.stem}.toml\n\n{_text(schema.get('description', ''))}\n"
        yield from _keys(schema)
        for name, part in schema.get("definitions", {}).items():
            if part.get("properties"):
                yield f"### {path.stem}: {name}\n\n{_text(part.get('description', ''))}\n"
                yield from _keys(part)


def _keys(schema: dict) -> Iterator[str]:
    needed = set(schema.get("required", ()))
    rows = (
        (
            f"`{key}`",
            _kind(value),
            "yes" if key in needed else "",
            _text(value.get("description", "")),
        )
        for key, value in schema.get("properties", {}).items()
    )
    yield from _table(("key", "kind", "needed", "what it says"), rows)


def _kind(value: dict) -> str:
    if "$ref" in value:
        return f"table {value['$ref'].rsplit('/', 1)[-1]}"
    if "enum" in value:
        shown = [json.dumps(one, ensure_ascii=False) for one in value["enum"]]
        return f"one of {_code_list(shown)}" if len(shown) < 9 else f"one of {len(shown)} codes"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in value:
            return " or ".join(dict.fromkeys(_kind(one) for one in value[several]))
    if value.get("type") == "array":
        return f"list of {_kind(value.get('items', {}))}"
    return str(value.get("type", "any"))


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    yield "Exit codes: 0 done; 1 done, with rows rejected or figures withheld beyond the tolerance;"
    yield "2 wrong use or bad input; 3 a disclosure or publication gate refused.\n"
    parser = argument_parser()
    (several,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    for name, command in several.choices.items():
        yield from _command(f"obs {name}", command)


def _command(name: str, command: argparse.ArgumentParser) -> Iterator[str]:
    inner = [a for a in command._actions if isinstance(a, argparse._SubParsersAction)]
    if inner:
        for own, one in inner[0].choices.items():
            yield from _command(f"{name} {own}", one)
        return
    yield f"## {name}\n\n{_text((command.description or '').capitalize())}.\n"
    yield from _table(("argument", "what it says"), map(_argument, command._actions[1:]))


def _argument(action: argparse.Action) -> tuple[str, str]:
    name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    shown = vars(action) | {"default": action.default}
    return f"`{name}`", _text((action.help or "") % shown)


def _functions() -> Iterator[str]:
    yield "# Functions\n\nThe public names of `obs`: tables first, options by keyword.\n"
    for title, rooms in _GROUPS.items():
        own = [n for n, home in obs._HOMES.items() if home in rooms]
        yield from _summary(f"## {title}", "obs", own)


def _arrays() -> Iterator[str]:
    yield "# Array functions\n\nThe kernels of `obs.stats`: numbers in, numbers out, without pandas.\n"
    own = sorted(n for n in stats.__all__ if callable(getattr(stats, n)))
    yield from _summary("## All", "obs.stats", own)


def _indicators() -> Iterator[str]:
    from obs.catalogue import load_catalogue

    yield "# Indicators\n\nThe packaged catalogue; `obs describe ID` says all of one.\n"
    rows = (
        (f"`{i.id}`", _text(i.text("title", "en")), i.source, i.unit, i.kind)
        for i in load_catalogue().values()
    )
    yield from _table(("id", "title", "source", "unit", "kind"), rows)


def _summary(heading: str, module: str, names: Sequence[str]) -> Iterator[str]:
    listed = "\n".join(f"   {name}" for name in names)
    yield f"{heading}\n\n```{{eval-rst}}\n.. currentmodule:: {module}\n"
    yield f".. autosummary::\n   :toctree: api\n\n{listed}\n```\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _code_list(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _text(text: str) -> str:
    """Write a text of the code as Markdown: on one line, without live markup."""
    return (
        re.sub(r"([<>{}*_\[\]])", r"\\\1", " ".join(text.split()))
        if "`" not in text
        else " ".join(text.split())
    )


def _write_if_new(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
