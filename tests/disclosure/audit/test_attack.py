"""Random towns, attacked: by a reader, by one who kept the last edition, by an insider."""

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import Ledger, audit, release
from tests.disclosure.small_town import BASE, entry, make_town, whole
from tests.draws import draws

TOWN = make_town()
ENTRIES = {"vif": entry()}


def random_table(seed, period):
    rng = np.random.default_rng(seed)
    forms = ["physical", "psychological", "economic"][: rng.integers(1, 4)]
    means = rng.lognormal(rng.uniform(1, 3), 1.2, (len(BASE), len(forms)))
    counts = {
        (c, f): int(rng.poisson(means[i, j]))
        for i, c in enumerate(BASE)
        for j, f in enumerate(forms)
    }
    return whole(counts, indicator="vif", period=period)


def attack(seed, folder):
    """Release two editions; give the figures that anyone can work out."""
    old = random_table(seed, "2021")
    now = pd.concat([random_table(seed + 10_000, "2022"), old])
    ledger = Ledger(folder / f"{seed}.csv")
    ledger.append(release(old, territory=TOWN, catalogue=ENTRIES), edition="2021")
    released = release(now, territory=TOWN, catalogue=ENTRIES, ledger=ledger)
    reader = audit(released)
    archivist = audit(released, known=ledger.entries)
    broken = [reader[~reader["safe"]], archivist[archivist["low"] == archivist["high"]]]
    insider = BASE[seed % len(BASE)]
    seen = audit(released, known=now[now["territory"] == insider])
    others = seen["territory"].isin(BASE) & (seen["status"] == "suppressed_primary")
    broken.append(seen[others & (seen["territory"] != insider) & (seen["low"] == seen["high"])])
    return pd.concat(broken)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 78, *draws(1, 8, 8)])
def test_nobody_works_out_a_figure(seed, tmp_path):
    assert attack(seed, tmp_path).empty


@pytest.mark.proof
def test_nobody_works_out_a_figure_in_a_thousand_towns(tmp_path):
    broken = [seed for seed in range(1_000) if len(attack(seed, tmp_path))]
    assert broken == []
