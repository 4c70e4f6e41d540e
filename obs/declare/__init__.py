"""One engine for every declaration: a TOML, the model of its keys, every fault in words.

A room keeps the model of its declaration (a frozen dataclass of `Table`) and its rules
across keys beside its loader; this room reads the file, checks the shape against the
model, runs the rules on what was read, and writes the JSON Schema of the model.
"""

from obs.declare.declared_table import Table, each, run_rules
from obs.declare.json_schema import schema_text
from obs.declare.key_types import (
    AT_LEAST_ONE,
    Character,
    Checked,
    Codes,
    Encoding,
    FolderName,
    Keyed,
    Listed,
    Named,
    OneOf,
    OneOrSeveral,
    Pattern,
    RawPath,
    Scalar,
    Share,
    Suggested,
    Text,
    Texts,
    Words,
    Year,
    between,
    empty,
)
from obs.declare.nearest_names import did_you_mean, near_names, not_one_of, quoted
from obs.declare.read_declaration import Declared, check, load, parse_toml, read, read_toml, refuse

__all__ = [
    "AT_LEAST_ONE",
    "Character",
    "Checked",
    "Codes",
    "Declared",
    "Encoding",
    "FolderName",
    "Keyed",
    "Listed",
    "Named",
    "OneOf",
    "OneOrSeveral",
    "Pattern",
    "RawPath",
    "Scalar",
    "Share",
    "Suggested",
    "Table",
    "Text",
    "Texts",
    "Words",
    "Year",
    "between",
    "check",
    "did_you_mean",
    "each",
    "empty",
    "load",
    "near_names",
    "not_one_of",
    "parse_toml",
    "quoted",
    "read",
    "read_toml",
    "refuse",
    "run_rules",
    "schema_text",
]
