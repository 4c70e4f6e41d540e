"""Write the JSON Schema of a model, for editors that complete and check a TOML while it is typed.

Draft 7, which the editors of TOML read. A schema tells the shape of each key; the rules across
keys and files are found by the loader alone.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["schema_text"]

_DRAFT = "http://json-schema.org/draft-07/schema#"


def schema_text(model: Any, title: str) -> str:
    """Write the JSON Schema of a model, the same text at each call."""
    from pydantic import TypeAdapter

    whole = TypeAdapter(model).json_schema(ref_template="#/definitions/{model}")
    definitions = whole.pop("$defs", {})
    schema = {"$schema": _DRAFT, **_without_null(whole), "title": title}
    if definitions:
        schema["definitions"] = {
            name: _without_null(definitions[name]) for name in sorted(definitions)
        }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _without_null(node: Any) -> Any:
    """Leave out what TOML does not have (null) and what a reader does not need."""
    if isinstance(node, list):
        return [_without_null(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _without_null(value) for key, value in node.items()}
    if isinstance(made.get("description"), str):
        made["description"] = made["description"].split("\n\nAttributes\n")[0]
    if {"type": "null"} in made.get("anyOf", ()):
        others = [one for one in made.pop("anyOf") if one != {"type": "null"}]
        made = {**others[0], **made} if len(others) == 1 else {**made, "anyOf": others}
    if made.get("default", ()) is None:
        del made["default"]
    return made
