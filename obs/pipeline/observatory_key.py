"""Name deliveries in public by a code that only the observatory can make: an HMAC under its key.

A plain digest of a delivery of few counts gives these away to whoever tries them out. The key is a
file of 64 hexadecimal digits, made by the first build, for its owner alone; `[disclosure] key` of
the observatory's declaration names one kept elsewhere. Deliveries that are all synthetic are
nobody's, and are named under a public key, so that the sample is the same edition everywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Any

from obs.errors import ObsError
from obs.private_files import private_files
from obs.reference import Observatory

__all__ = ["KEY", "SAMPLE_KEY", "name_deliveries", "need_key"]

KEY = "observatory.key"  # in the observatory's folder of internal tables
SAMPLE_KEY = hashlib.sha256(b"obs: public key of the synthetic sample").digest()
_SAID = {True: "public: the deliveries are synthetic", False: "of the observatory"}


def name_deliveries(
    rows: list[dict[str, Any]], observatory: Observatory, processed: Path
) -> list[dict[str, Any]]:
    """Give deliveries their public name in place of their digest.

    `rows` are those of `list_sources`. Returns them with `hmac`, `key` (which key it was), and
    without `sha256`. Raises `ObsError` if the key is declared and absent, or is no key.
    """
    public = all(row["synthetic"] for row in rows)
    key = SAMPLE_KEY if public else need_key(observatory, processed)
    return [
        {k: v for k, v in row.items() if k != "sha256"}
        | {"hmac": _code(key, row["sha256"]), "key": _SAID[public]}
        for row in rows
    ]


def need_key(observatory: Observatory, processed: Path) -> bytes:
    """Read the key of an observatory; make it if none is declared and there is none yet."""
    path = observatory.key or processed / observatory.name / KEY
    if observatory.key is None and not path.exists():
        _make(path)
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ObsError(
            f"the key '{path.name}' of observatory '{observatory.name}' cannot be read. Put back the "
            "file that `key` of [disclosure] names, or take that line out: a build then makes one."
        ) from error
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ObsError(
            f"'{path.name}' is no key: it holds 64 hexadecimal digits, and nothing else. Put back the "
            "former file; with another key, deliveries get other names in the manifests."
        )
    return bytes.fromhex(text)


def _make(path: Path) -> None:
    with private_files():
        path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_hex(32) + "\n")
    try:
        os.link(aside, path)  # of two builds at once, one makes it
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _code(key: bytes, digest: str | None) -> str | None:
    return None if digest is None else hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()
