"""A pseudo-language made from another one: every letter accented, every text a third longer.

What it builds shows the words that no file of a language holds: they stand there unaccented.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import obs.reference
from obs.catalogue import load_catalogue
from obs.catalogue.indicator import TEXTS
from obs.locale.language_files import CODES, CONVENTIONS, MESSAGES, read_file
from obs.reference import load_breaks, load_similar

CODE = "qps"  # of the codes that ISO 639 leaves to private use
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ACCENTED = "áƀçđéḫğĥíĵķłṃñóþǫŕšťúŭŵẓýžÁɃÇĐÉḪĞĤÍĴĶŁṂÑÓÞǪŔŠŤÚŬŴẒÝŽ"
_ACCENTS = str.maketrans(_PLAIN, _ACCENTED)
_FILLER = "õ"
_KEPT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{\w+\}|\]\([^)]*\)|https?://\S+|`[^`]*`", re.DOTALL)


def accented(text: str) -> str:
    """Accent every letter but those of placeholders, expressions, addresses and code."""
    return "".join(kept or said.translate(_ACCENTS) for said, kept in _parts(text))


def pseudo(text: str) -> str:
    """Accent a text and make it a third longer; a text without letters stays as it is."""
    parts = _parts(text)
    letters = sum(c.isalpha() for said, _ in parts for c in said)
    longer = _FILLER * -(-letters // 3)
    for place in reversed(range(len(parts))):
        said, kept = parts[place]
        if re.search(r"[^\W\d_]", said):
            ended = re.sub(r"(?<=[^\W\d_])(?=[\W\d_]*$)", longer, said, count=1)
            parts[place] = ended, kept
            break
    return "".join(kept or said.translate(_ACCENTS) for said, kept in parts)


def _parts(text: str) -> list[tuple[str, str]]:
    """Split into what is said and what is kept as it is, one of the two in each pair."""
    parts, end = [], 0
    for kept in _KEPT.finditer(text):
        parts += [(text[end : kept.start()], ""), ("", kept.group())]
        end = kept.end()
    return [*parts, (text[end:], "")]


def pseudo_cell(source: str) -> str:
    """Accent the prose of a Markdown cell; the words that an expression asks for stay."""
    return accented(source)


def write_language(folder: Path, *, of: str) -> None:
    """Write the files of the pseudo-language, from those of a language."""
    own = folder / CODE
    own.mkdir(parents=True)
    conventions = {**read_file(of, CONVENTIONS), "name": pseudo("Pseudo"), "names_from": [of]}
    _write(own / CONVENTIONS, conventions)
    for file in (MESSAGES, CODES):
        _write(own / file, _each(read_file(of, file)))
    texts = {
        one.id: {name: pseudo(one.text(name, of)) for name in TEXTS}
        for one in load_catalogue().values()
    }
    _write(own / "indicators.toml", texts)
    _write(own / "territory_brussels.toml", _registers(of))


def write_notes(folder: Path, notebooks: Path, *, of: str) -> None:
    """Copy notes and their declarations, with the cells and titles of the pseudo-language alone."""
    folder.mkdir(parents=True)
    for path in sorted(p.with_suffix(".ipynb") for p in notebooks.glob("*.toml")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"] = [c for c in map(lambda c: _cell(c, of), notebook["cells"]) if c]
        (folder / path.name).write_text(json.dumps(notebook), encoding="utf-8")
        declared = path.with_suffix(".toml").read_text(encoding="utf-8")
        said = tomllib.loads(declared)
        words = {"title": said["title"]}
        words |= {f"constants.{name}": told for name, told in said.get("constants", {}).items()}
        text = declared
        for key, told in words.items():
            own = f'[{key}]\n{CODE} = "{pseudo(told[of])}"\n'
            text = re.sub(rf"\[{re.escape(key)}\]\n(?:\w+ = .*\n)+", own, text)
        (folder / path.with_suffix(".toml").name).write_text(text, encoding="utf-8")


def write_observatory(path: Path, *, of: str) -> None:
    """Write the observatory of Brussels, which publishes in the pseudo-language alone."""
    source = Path(obs.reference.__file__).parent / "brussels" / "observatory.toml"
    text = source.read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    text = re.sub(r"languages = .*", f'languages = ["{CODE}"]', text)
    for key in ("title", "publisher", "contact"):
        said = pseudo(raw[key][of])
        text = re.sub(rf"\[{key}\]\n(?:\w+ = .*\n)+", f'[{key}]\n{CODE} = "{said}"\n', text)
    path.write_text(text, encoding="utf-8")


def _cell(cell: dict[str, Any], of: str) -> dict[str, Any] | None:
    """Turn a cell of the source language into one of the pseudo-language; drop the others."""
    tags = cell["metadata"].get("tags", [])
    if not any(tag.startswith("lang-") for tag in tags):
        return cell
    if f"lang-{of}" not in tags:
        return None
    own = [tag if tag != f"lang-{of}" else f"lang-{CODE}" for tag in tags]
    return {
        **cell,
        "metadata": {**cell["metadata"], "tags": own},
        "source": pseudo_cell("".join(cell["source"])),
    }


def _registers(of: str) -> dict[str, dict[str, str]]:
    reason = f"reason_{of}"
    breaks = load_breaks().assign(date=lambda t: t["date"].dt.strftime("%Y-%m-%d"))
    return {
        "breaks": {
            f"{r['indicator']} {r['territory']} {r['date']}": pseudo(r[reason])
            for r in breaks.to_dict("records")
        },
        "similar": {r["group"]: pseudo(r[reason]) for r in load_similar().to_dict("records")},
    }


def _each(table: Any) -> Any:
    return {k: _each(v) for k, v in table.items()} if isinstance(table, dict) else pseudo(table)


def _write(path: Path, table: dict[str, Any]) -> None:
    """Write nested tables as TOML: a JSON string is a TOML string, a JSON list a TOML list."""
    lines: list[str] = []

    def write(part: dict[str, Any], name: str) -> None:
        inner = {k: v for k, v in part.items() if isinstance(v, dict)}
        if name:
            lines.append(f"[{name}]")
        lines.extend(
            f"{json.dumps(k)} = {json.dumps(v, ensure_ascii=False)}"
            for k, v in part.items()
            if k not in inner
        )
        for key, value in inner.items():
            write(value, f"{name}.{json.dumps(key)}" if name else json.dumps(key))

    write(table, "")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
