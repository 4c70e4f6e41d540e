"""Damaged deliveries, seeded, over every profile: refused, rejected row by row, or read right.

No error but those of `obs`, no row kept that was not delivered so, bounded memory.
"""

import gzip
import io
import resource
from collections import Counter

import numpy as np
import pytest

import obs.clean
from obs.clean import list_profiles, load_profile
from obs.errors import ObsError
from tests.clean.small_deliveries import SMALL

# not compared: names made from content, provenance, and what depends on other rows
ASIDE = {"event_id", "case_id", "call_id", "delivery", "extracted", "synthetic", "source", "remark"}
ASIDE |= {"link", "lead_id", "outcome", "outcome_date"}
MEMORY = 400  # megabytes that a damaged file may add


def clean(path, name, profile=None):
    function = getattr(obs.clean, f"clean_{SMALL[name].kind}")
    return function(path, profile=profile or name)


def contents(cleaned):
    """Count the kept rows by what they say."""
    table = cleaned.with_answers() if hasattr(cleaned, "answers") else cleaned.table
    shown = table.drop(columns=[c for c in table.columns if c in ASIDE]).astype("str").fillna("")
    return Counter(map(tuple, shown[sorted(shown.columns)].to_numpy().tolist()))


def attempt(folder, name, payload, *, file=None, profile=None):
    """Clean the bytes; give the rows kept, or None if the file is refused."""
    path = folder / (file or SMALL[name].name)
    path.write_bytes(payload)
    try:
        return clean(path, name, profile)
    except ObsError as refused:
        message = str(refused)
    assert 20 < len(message) < 3_000
    return None


def table_of(small):
    return [list(small.rows[0]), *(list(row.values()) for row in small.rows)]


def written(lines, separator):
    return ("\n".join(separator.join(line) for line in lines) + "\n").encode()


# each damage gives bytes and how many rows may come out otherwise than they were delivered;
# None: the file must be refused or give no row


def truncated(small, rng):
    payload = small.text().encode()
    return payload[: int(rng.integers(1, len(payload)))], "last line"


def swapped_cells(small, rng):
    lines = table_of(small)
    one, other = (lines[0].index(c) for c in small.swap)
    for line in lines[1:]:
        line[one], line[other] = line[other], line[one]
    return written(lines, small.separator), None


def swapped_columns(small, rng):
    order = rng.permutation(len(small.rows[0]))
    return written([[line[i] for i in order] for line in table_of(small)], small.separator), "same"


def wrong_encoding(small, rng):
    lines = [[*line, "remarque" if i == 0 else "été"] for i, line in enumerate(table_of(small))]
    encoding = ("utf-16", "utf-32", "cp1252", "cp500")[int(rng.integers(4))]
    return written(lines, small.separator).decode().encode(encoding), 0


def duplicated_header(small, rng):
    lines = table_of(small)
    one, other = rng.choice(len(lines[0]), 2, replace=False)
    lines[0][one] = lines[0][other]
    return written(lines, small.separator), None


def mixed_separators(small, rng):
    lines = small.text().split("\n")
    other = {";": ",", ",": ";"}[small.separator]
    for at in rng.choice(np.arange(1, len(lines) - 1), 3, replace=False):
        lines[at] = lines[at].replace(small.separator, other)
    return "\n".join(lines).encode(), 0


def enormous_field(small, rng):
    lines = table_of(small)
    for row in range(1, len(lines[0]) + 1):  # a cell of each column
        lines[row % (len(lines) - 1) + 1][row - 1] = "9" * int(rng.choice([25, 600, 40_000]))
    return written(lines, small.separator), "identifiers"


def endless_line(small, rng):
    lines = table_of(small)
    row, column = rng.integers(1, len(lines)), rng.integers(len(lines[0]))
    lines[row][column] = "9" * 3_000_000
    return written(lines, small.separator), 0


def nul_byte(small, rng):
    payload = bytearray(small.text().encode())
    payload[int(rng.integers(len(payload)))] = 0
    return bytes(payload), None


def formula(small, rng):
    lines = table_of(small)
    row, column = rng.integers(1, len(lines)), rng.integers(len(lines[0]))
    lines[row][column] = str(
        rng.choice(["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "=HYPERLINK(A1)"])
    )
    return written(lines, small.separator), 0


def markup(small, rng):
    lines = table_of(small)
    row, column = rng.integers(1, len(lines)), rng.integers(len(lines[0]))
    lines[row][column] = "<script>alert(1)</script>"
    return written(lines, small.separator), 0


def flipped_bytes(small, rng):
    payload = bytearray(small.text().encode())
    for at in rng.integers(len(payload), size=3):
        payload[at] = int(rng.integers(32, 256))
    return bytes(payload), 3


def stray_quotes(small, rng):
    text = small.text()
    at = int(rng.integers(text.index("\n"), len(text)))
    return (text[:at] + '"' + text[at:]).encode(), 1


def headless(small, rng):
    return small.text().split("\n", 1)[1].encode(), None


def repeated_lines(small, rng):
    lines = small.text().rstrip("\n").split("\n")
    again = [lines[i] for i in rng.integers(1, len(lines), size=5)]
    return ("\n".join([*lines, *again]) + "\n").encode(), "repeated"


def lost_columns(small, rng):
    lines = table_of(small)
    gone = lines[0].index(small.swap[int(rng.integers(2))])
    return written([line[:gone] + line[gone + 1 :] for line in lines], small.separator), None


def cut_gzip(small, rng):
    payload = gzip.compress(small.text().encode())
    return payload[: int(rng.integers(3, len(payload) - 1))], None


def gzip_bomb(small, rng):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as stream:
        stream.write(small.text().encode())
        line = small.text().split("\n")[1].encode() + b"\n"
        block = line * (1_000_000 // len(line))
        for _ in range(80):
            stream.write(block)
    return out.getvalue(), None


def odd_line_ends(small, rng):
    end = ("\r", "\r\n", "\n\n", "\n\n\r\n")[int(rng.integers(4))]
    return small.text().replace("\n", end).encode(), 0


DAMAGES = (
    *(truncated, swapped_cells, swapped_columns, wrong_encoding, duplicated_header),
    *(
        mixed_separators,
        enormous_field,
        endless_line,
        nul_byte,
        formula,
        markup,
        flipped_bytes,
        stray_quotes,
    ),
    *(headless, repeated_lines, lost_columns, cut_gzip, odd_line_ends),
)


def check(name, whole, cleaned, allowed, damage):
    """Compare what was kept with what was delivered."""
    if cleaned is None:
        assert allowed != "same", f"{name}: {damage} refused"
        return
    kept = contents(cleaned)
    strange = kept - whole
    where = f"{name}: {damage} kept {sum(strange.values())} rows not so delivered"
    if allowed is None:
        assert not kept, f"{name}: {damage} kept {sum(kept.values())} rows"
    elif allowed == "same":
        assert kept == whole, where
    elif allowed == "repeated":
        assert set(kept) <= set(whole), where
        assert sum(kept.values()) <= sum(whole.values()) + 5
    elif allowed == "identifiers":  # 25 digits may name a thing; no number is made of them
        numbers = cleaned.table.select_dtypes("number").astype("Float64")
        assert not (numbers > 1e17).fillna(value=False).any(axis=None), where
    elif allowed == "last line":
        assert sum(strange.values()) <= 1, where
        assert not strange or "no_line_end" in set(cleaned.flagged["rule"]), where
    else:
        assert sum(strange.values()) <= allowed, where


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(name, damages, folder):
    small = SMALL[name]
    path = folder / small.name
    path.write_bytes(small.text().encode())
    sound = clean(path, name)
    assert sound.rejected.empty, sound.summary()
    # few days of a year, one day a month, a year before the file's own
    few = {"short_of_coverage", "days_lacking", "outside_coverage"}
    assert set(sound.flagged["rule"]) <= few, sound.summary()
    whole = contents(sound)
    rng = np.random.default_rng(sorted(SMALL).index(name))
    for damage in damages:
        payload, allowed = damage(small, rng)
        check(name, whole, attempt(folder, name, payload), allowed, damage.__name__)


def test_every_profile_of_texts_has_a_small_delivery():
    named = set(list_profiles()["name"])
    texts = {n for n in named if load_profile(n).file.format == "csv"}
    assert set(SMALL) == texts
    assert len(SMALL) * len(DAMAGES) >= 300


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SMALL))
def test_some_damage_is_met_at_each_run(name, tmp_path):
    """Two or three kinds of damage for each profile, all kinds over all profiles."""
    run(name, DAMAGES[sorted(SMALL).index(name) % 8 :: 8], tmp_path)


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(SMALL))
def test_damage_is_refused_rejected_or_harmless(name, tmp_path):
    before = memory()
    run(name, DAMAGES, tmp_path)
    assert memory() - before < MEMORY


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chicago_incidents", "obs_sample_calls", "obs_sample_business"])
def test_a_bomb_is_not_opened(name, tmp_path):
    before = memory()
    payload, _ = gzip_bomb(SMALL[name], np.random.default_rng(1))
    assert len(payload) < 1_000_000
    assert attempt(tmp_path, name, payload) is None
    assert memory() - before < MEMORY


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SMALL))
def test_no_profile_reads_the_files_of_another(name, tmp_path):
    alike = {"apistrat": "apiclus1", "apiclus1": "apistrat"}
    others = sorted({*SMALL} - {name, alike.get(name)})
    for other in np.random.default_rng(len(name)).choice(others, 4, replace=False):
        path = tmp_path / SMALL[other].name
        path.write_bytes(SMALL[other].text().encode())
        with pytest.raises(ObsError):
            clean(path, name)
