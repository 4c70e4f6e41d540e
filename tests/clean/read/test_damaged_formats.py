"""Damaged files of every format, seeded: refused in words, rejected row by row, or read right.

CPU is held to that of the sound file, in the same run.
"""

import time
from collections import Counter

import numpy as np
import pytest

from obs.clean import clean_police
from obs.errors import ObsError
from tests.clean.profile_texts import profile
from tests.clean.read.test_formats import FORMATS, LINES

MOST = 10  # times the CPU of the sound file, or of a tenth of a second
EACH = 38  # damaged files of each format


def cut(payload, rng):
    """Cut the file short; a text may so end within its last row."""
    return payload[: int(rng.integers(1, len(payload)))], 1


def flipped(payload, rng):
    """Change three bytes; each may change a cell into another one."""
    changed = bytearray(payload)
    for at in rng.integers(len(payload), size=3):
        changed[at] ^= 1 << int(rng.integers(8))
    return bytes(changed), 4


def blanked(payload, rng):
    """Lose a block, as a bad disk does."""
    at, width = int(rng.integers(len(payload))), int(rng.integers(4, 200))
    return payload[:at] + b"\0" * len(payload[at : at + width]) + payload[at + width :], 4


def torn(payload, rng):
    """Lose a piece out of the middle."""
    at, width = int(rng.integers(len(payload))), int(rng.integers(1, 60))
    return payload[:at] + payload[at + width :], 4


def doubled(payload, rng):
    """Write the file twice, one after another."""
    return payload + payload, 4


def grown(payload, rng):
    """Put foreign bytes behind the file."""
    return payload + rng.bytes(int(rng.integers(1, 300))), 1


DAMAGES = (cut, flipped, blanked, torn, doubled, grown)


def contents(cleaned):
    table = cleaned.table[["territory", "period", "phenomenon", "numerator", "status"]]
    return Counter(map(tuple, table.astype("str").to_numpy().tolist()))


def attempt(path, payload, own):
    """Clean the bytes; give what is kept (None if refused) and the CPU spent."""
    path.write_bytes(payload)
    start = time.process_time()
    try:
        kept = contents(clean_police(path, profile=own))
    except ObsError as refused:
        message = str(refused)
        assert 20 < len(message) < 3_000
        assert message.startswith(path.name)
        kept = None
    return kept, time.process_time() - start


def run(name, tmp_path, turns):
    changes = {'separator = ";"': f'separator = "{LINES[name]}"'} if name in LINES else {}
    at = 'records = "data.items"' if name == "nested json" else ""
    own, path = profile(file=at, **changes), tmp_path / "delivered"
    payload = FORMATS[name](tmp_path)
    attempt(path, payload, own)  # first use
    whole, base = attempt(path, payload, own)
    rng = np.random.default_rng(list(FORMATS).index(name))
    for turn in range(EACH):
        damage = DAMAGES[turn % len(DAMAGES)]
        spoilt, allowed = damage(payload, rng)
        if turn not in turns:
            continue
        kept, spent = attempt(path, spoilt, own)
        where = f"{name}, {damage.__name__} {turn}"
        assert spent < MOST * max(base, 0.1), (
            f"{where}: {spent:.2f} s of CPU, {base:.2f} s when sound"
        )
        strange = (kept or Counter()) - whole
        assert sum(strange.values()) <= allowed, f"{where} kept {strange} as if delivered"


def test_there_are_six_hundred_files_over_all_formats():
    assert len(FORMATS) * EACH >= 600


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_some_damage_to_every_format(name, tmp_path):
    run(name, tmp_path, range(len(DAMAGES)))


@pytest.mark.proof
@pytest.mark.parametrize("name", FORMATS)
def test_damage_to_every_format_is_refused_rejected_or_harmless(name, tmp_path):
    run(name, tmp_path, range(EACH))
