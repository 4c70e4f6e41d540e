"""Deliveries are named in public by an HMAC: whoever tries counts out finds nothing."""

import hashlib
import hmac
import itertools
from dataclasses import replace

import pytest

from obs.errors import ObsError
from obs.pipeline.observatory_key import KEY, SAMPLE_KEY, name_deliveries, need_key
from obs.reference import load_observatory

HEAD = "commune;faits\n"


@pytest.fixture
def brussels():
    return load_observatory()


def delivery(counts):
    return (HEAD + "".join(f"{place};{n}\n" for place, n in counts.items())).encode()


def row(content, *, synthetic=False):
    digest = hashlib.sha256(content).hexdigest()
    return {"file": "faits_2024.csv", "sha256": digest, "read": 3, "synthetic": synthetic}


def guesses(public, codes):
    """Try every pair of small counts: those whose code the public row holds."""
    tried = itertools.product(range(20), repeat=2)
    return [pair for pair in tried if codes(pair) & set(map(str, public.values()))]


def test_two_withheld_counts_are_not_found_by_trying(brussels, tmp_path):
    shown = {"21001": 40}

    def content(pair):
        return delivery({**shown, "21002": pair[0], "21003": pair[1]})

    (public,) = name_deliveries([row(content((3, 12)))], brussels, tmp_path)
    assert public["key"] == "of the observatory"

    def plain(pair):
        return {hashlib.sha256(content(pair)).hexdigest()}

    def sample_key(pair):
        digest = hashlib.sha256(content(pair)).hexdigest()
        return {hmac.new(SAMPLE_KEY, digest.encode(), hashlib.sha256).hexdigest()}

    def own_key(pair):
        digest = hashlib.sha256(content(pair)).hexdigest()
        key = need_key(brussels, tmp_path)
        return {hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()}

    assert guesses(public, plain) == []
    assert guesses(public, sample_key) == []
    assert guesses(public, own_key) == [(3, 12)], "the observatory itself can prove what it had"


def test_the_key_is_made_once_for_its_owner_alone(brussels, tmp_path):
    first = need_key(brussels, tmp_path)
    path = tmp_path / "brussels" / KEY
    assert path.stat().st_mode & 0o777 == 0o600
    assert need_key(brussels, tmp_path) == first
    assert need_key(brussels, tmp_path / "other") != first
    assert [p.name for p in path.parent.iterdir()] == [KEY]


def test_synthetic_deliveries_are_named_under_the_public_key(brussels, tmp_path):
    rows = name_deliveries([row(b"x", synthetic=True)], brussels, tmp_path)
    assert rows[0]["key"] == "public: the deliveries are synthetic"
    assert not (tmp_path / "brussels").exists()
    mixed = [row(b"x", synthetic=True), row(b"y")]
    assert {r["key"] for r in name_deliveries(mixed, brussels, tmp_path)} == {"of the observatory"}


def test_a_declared_key_is_never_made(brussels, tmp_path):
    path = tmp_path / "own.key"
    own = replace(brussels, key=path)
    with pytest.raises(
        ObsError, match=r"the key 'own.key' of observatory 'brussels' cannot be read"
    ):
        need_key(own, tmp_path)
    assert not path.exists()
    path.write_text("ab" * 32 + "\n")
    assert need_key(own, tmp_path) == bytes.fromhex("ab" * 32)
    path.write_text("short\n")
    with pytest.raises(ObsError, match="is no key: it holds 64 hexadecimal digits"):
        need_key(own, tmp_path)
