"""No word that a reader sees stands in code: languages are files."""

import ast
import json
import re
from functools import cache

import pytest

from obs.catalogue import load_catalogue
from obs.catalogue.indicator import TEXTS
from obs.locale import languages, words
from obs.locale.language_files import read_file
from obs.locale.messages import flatten
from obs.reference import load_breaks, load_similar

ACCENTED = re.compile(r"[àâçéèêëîïôûùœÀÂÇÉÈÊËÎÏÔÛŒ]|’\w|[«“]\s?\w")
NOT_FOR_READERS = {  # why a string with such letters may stand in code
    "obs/reference/place_names.py",  # ligatures that spelling levels
    "obs/reference/matching.py",
    "obs/reference/name_lookup.py",
    "obs/clean",  # what suppliers write
    "obs/sample",  # what suppliers write
    "obs/report/documents",  # what the documents that it reads write
    "obs/__main__.py",
}


MOVED = "moved.py"  # old names of modules, none of a message


@cache
def modules(root):
    """Parse every module of the package once."""
    paths = sorted((root / "obs").rglob("*.py"))
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def strings(tree):
    """Give the string constants that are no docstring."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documents
        ):
            yield node


def keyed_by_language(node):
    keys = {getattr(k, "value", None) for k in node.keys} if isinstance(node, ast.Dict) else set()
    return len(keys & set(languages())) > 1


def lists_languages(node):
    if not isinstance(node, ast.Tuple | ast.List | ast.Set):
        return False
    found = {getattr(e, "value", None) for e in node.elts}
    return len(found & set(languages())) > 1


def compares_language(node):
    """Tell a branch for one language: `lang == "fr"`."""
    sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
    return any(getattr(side, "value", None) in languages() for side in sides)


@pytest.mark.slow
@pytest.mark.parametrize("what", [keyed_by_language, lists_languages, compares_language])
def test_code_knows_no_language_by_its_code(root, what):
    found = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path, tree in modules(root)
        for node in ast.walk(tree)
        if what(node)
    ]
    assert found == []


def test_the_scan_sees_what_it_looks_for():
    tree = ast.parse('a = {"fr": 1, "nl": 2}\nb = ("fr", "en")\nc = lang == "fr"')
    nodes = list(ast.walk(tree))
    for what in (keyed_by_language, lists_languages, compares_language):
        assert sum(map(what, nodes)) == 1


@pytest.mark.slow
def test_no_string_of_code_has_french_or_dutch_letters(root):
    found = [
        f"{path.relative_to(root)}:{node.lineno}: {node.value[:40]}"
        for path, tree in modules(root)
        if not any(str(path.relative_to(root)).startswith(spared) for spared in NOT_FOR_READERS)
        for node in strings(tree)
        if ACCENTED.search(node.value) and not is_pattern(node.value)
    ]
    assert found == []


def is_pattern(text):
    return "[" in text or "\\" in text


def keys_used(root):
    """Give the keys that code and templates ask for, and the beginnings that they build keys on."""
    whole, begun = set(), set()
    for path, tree in modules(root):
        for node in ast.walk(tree) if path.name != MOVED else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(node.values[0].value)
    for path in sorted((root / "obs/report/page/templates").rglob("*.j2")):
        whole |= set(re.findall(r'say(?:\[\w+\])?\("([\w.]+)"', path.read_text(encoding="utf-8")))
    return whole, {b for b in begun if re.fullmatch(r"\w+\.(\w+\.)?", b)}


@pytest.mark.slow
def test_every_message_is_asked_for_and_every_key_asked_for_is_there(root):
    messages = words("en").messages
    whole, begun = keys_used(root)
    unused = [k for k in messages if k not in whole and not k.startswith(tuple(begun))]
    assert unused == []
    parts = {key.split(".")[0] for key in messages}
    asked = {w for w in whole if re.fullmatch(r"[a-z]+(\.\w+)+", w) and w.split(".")[0] in parts}
    tables = {key.rsplit(".", 1)[0] for key in messages}
    assert sorted(asked - set(messages) - tables - NO_MESSAGE) == []


NO_MESSAGE = {  # names of files and of modules
    "table.parquet",
    "front.html.j2",
    "page.content",
    "sheet.sheet_page",
}
ALIKE = {  # one word in two languages: marks, words that they share
    *(
        "(p)",
        "n.p.",
        "n.s.",
        "{name} (SIMS\u00a0{code})",
        "index ({base})",
        "Figure {number}",
        "Publications",
        "incident",
        "incidents",
        "Licence",
        "Page",
    ),
    *("{name} (CSV, {size}\u00a0kB)",),
    "**{count}** {title} in {period}: {measure} ({interval})",
    "**{count}** {title} in {period} ({interval})",
    *(
        "Sources",
        "Source",
        "Verdict",
        "Interval",
        "Position",
        "Base",
        "Indicator",
        "sector",
        "total",
        "man",
    ),
    *("fraude", "Fraude", "Drugs", "parking", "parkings", "internet", "school", "horeca"),
    *("services", "euro", "euros", "dossier", "dossiers", "procedure", "procedures"),
    *("respondent", "suspect", "suspects", "base", "niveau", "indicator"),
}


def letters(text):
    return re.sub(r"\{\w+\}|[\W\d_]", "", text)


def test_a_text_equal_to_another_languages_is_a_translation_forgotten():
    found = []
    for file in ("messages.toml", "codes.toml"):
        texts = {lang: dict(flatten(read_file(lang, file))) for lang in languages()}
        for key in texts["en"]:
            forms = [form for lang in languages() for form in spoken(texts[lang][key])]
            found += [
                f"{file} {key}: {f}" for f in set(forms) if forms.count(f) > 1 and f not in ALIKE
            ]
    assert sorted(found) == []


def test_no_text_of_the_catalogue_is_that_of_another_language():
    found = []
    for one in load_catalogue().values():
        for name in TEXTS:
            texts = [t for t in getattr(one, name).values() if " " in t]
            found += [f"{one.id}.{name}" for _ in texts[:1] if len(set(texts)) < len(texts)]
    assert found == []


def test_no_reason_of_a_register_is_that_of_another_language():
    for table in (load_breaks(), load_similar()):
        reasons = table[[c for c in table.columns if c.startswith("reason_")]]
        assert reasons.notna().all(axis=None)
        assert (reasons.nunique(axis=1) == reasons.shape[1]).all()


def test_no_cell_of_a_note_is_that_of_another_language(root):
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        said = {}
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            tags = [t for t in cell["metadata"].get("tags", ()) if t.startswith("lang-")]
            text = "".join(cell["source"])
            own = letters(
                re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text)
            )  # a heading may be facts alone
            for tag in tags if cell["cell_type"] == "markdown" and own else ():
                assert said.setdefault(text, tag) == tag, f"{path.name}: {text[:60]}"


def spoken(text):
    """Give each wording of a text once, those without a letter left out."""
    forms = [text] if isinstance(text, str) else list(text.values())
    return {form for form in forms if letters(form)}
