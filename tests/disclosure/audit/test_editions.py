"""Random towns published again and again, figures revised in between: nobody who kept all
editions works out a small count of today. The attack is written here, apart from the audit."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from obs.disclosure import Ledger, audit, release
from obs.errors import DisclosureError
from tests.disclosure.small_town import BASE, ZONES, entry, make_town, whole
from tests.draws import draws

pytestmark = pytest.mark.slow

TOWN = make_town()
ENTRIES = {"vif": entry()}
FORMS = ("physical", "psychological", "economic")
PLACES = (*BASE, *ZONES, "R")


def draw_town(seed, editions):
    """Draw the base counts of each edition, one year, some revised from one to the next."""
    rng = np.random.default_rng(seed)
    forms = FORMS[: rng.integers(1, 4)]
    means = rng.lognormal(rng.uniform(1, 3), 1.2, (len(BASE), len(forms)))
    now = {
        (c, f): int(rng.poisson(means[i, j]))
        for i, c in enumerate(BASE)
        for j, f in enumerate(forms)
    }
    told = [now]
    for _ in range(editions - 1):
        moved = {cell: int(rng.integers(-4, 5)) * (rng.random() < 0.3) for cell in now}
        now = {cell: max(0, n + moved[cell]) for cell, n in now.items()}
        told.append(now)
    return told


def publish(counts, ledger, edition, rng):
    """Release one edition, some rows left out of it, and write it down."""
    table = whole(counts, indicator="vif")
    kept = table["territory"].isin(rng.choice(PLACES, size=6, replace=False))
    table = table[kept | (rng.random() < 0.5)]
    released = release(table, territory=TOWN, catalogue=ENTRIES, ledger=ledger)
    ledger.append(released, edition=edition)
    return released


def cells_of(table):
    return {(r.territory, r.form): r.numerator for r in table.itertuples()}


def totals(counts):
    return {k: int(v) for k, v in cells_of(whole(counts, indicator="vif")).items()}


def sums(cells):
    """Write every sum of the town as rows over its cells."""
    number = {cell: i for i, cell in enumerate(cells)}
    forms = sorted({f for _, f in cells})
    rows = []
    for form in forms:
        for top, parts in {**ZONES, "R": tuple(ZONES)}.items():
            rows.append([((top, form), -1), *(((p, form), 1) for p in parts)])
    for place in PLACES:
        rows.append([((place, "all"), -1), *(((place, f), 1) for f in forms if f != "all")])
    matrix = np.zeros((len(rows), len(cells)))
    for i, row in enumerate(rows):
        for cell, sign in row:
            matrix[i, number[cell]] = sign
    return matrix


def ends(today, known, least, target):
    """Give the least and the most that a cell can be, by linear programming."""
    bounds = [(n, n) if c in known else (least.get(c, 0), None) for c, n in today.items()]
    cost = np.array([c == target for c in today], dtype=float)
    rows = sums(list(today))
    found = []
    for sign in (1, -1):
        done = linprog(sign * cost, A_eq=rows, b_eq=np.zeros(len(rows)), bounds=bounds)
        assert done.status in (0, 3), done.message
        found.append(np.inf if done.status == 3 else sign * done.fun)
    return np.ceil(found[0] - 1e-6), np.floor(found[1] + 1e-6)


def attack(seed, folder, editions):
    """Publish a town several times; give what is found out of the small counts of the last time.

    A count never published before is attacked by a reader who knows today's value of every
    figure shown before, unless that gives it away whatever is withheld; then, as a count that
    was published and revised since, by a reader who does not.
    """
    rng = np.random.default_rng(1_000 + seed)
    ledger = Ledger(folder / f"{seed}.csv")
    told = draw_town(seed, editions)
    old, seen = {}, {}
    for number, counts in enumerate(told):
        old |= seen
        released = publish(counts, ledger, f"edition {number}", rng)
        seen = cells_of(released.table.dropna(subset="numerator"))
    today = totals(told[-1])
    asked = set(cells_of(released.table))
    withheld, zeros = asked - set(seen), {c for c in asked if today[c] == 0}
    found, narrow = [], []
    for cell in withheld:
        if not 0 < today[cell] < 5 or old.get(cell) == today[cell]:
            continue
        for kept in (set(old), {c for c in old if old[c] == today[c]}):
            least = dict.fromkeys(asked - kept - zeros, 1)
            free = ends(today, kept | zeros, least, cell)  # if all that may be were withheld
            if cell not in kept and free[0] < free[1]:
                break
        low, high = ends(today, kept | set(seen), dict.fromkeys(withheld - kept, 1), cell)
        if low == high:
            found.append(cell)
        if high < min(10, free[1]) or low > max(1, free[0]):
            narrow.append(cell)
    return found, narrow


@pytest.mark.parametrize("seed", draws(3, 24, 24))
def test_no_small_count_is_found_out_by_who_kept_every_edition(seed, tmp_path):
    assert attack(seed, tmp_path, 2 + seed % 2) == ([], [])


@pytest.mark.proof
def test_no_small_count_is_found_out_in_many_towns(tmp_path):
    towns, refused = 300, 0
    for seed in range(100, 100 + towns):
        try:
            assert (seed, *attack(seed, tmp_path, 2 + seed % 2)) == (seed, [], [])
        except DisclosureError:
            refused += 1
    assert refused <= towns / 20


def test_the_audit_of_editions_without_revision_is_that_of_today(tmp_path):
    """Where nothing was revised, the old figures are today's: two ways to know them."""
    counts = draw_town(4, 1)[0]
    table = whole(counts, indicator="vif")
    ledger = Ledger(tmp_path / "ledger.csv")
    first = table[table["territory"].isin(["A", "Z2", "R"])]
    ledger.append(release(first, territory=TOWN, catalogue=ENTRIES), edition="one")
    released = release(table, territory=TOWN, catalogue=ENTRIES, ledger=ledger)
    pd.testing.assert_frame_equal(
        audit(released, known=ledger), audit(released, known=ledger.entries)
    )


def test_the_audit_sees_a_revised_total_give_a_count_away(tmp_path):
    """First A = 6 and R = 161; then A is withheld and R = 158: A is 3."""
    ledger = Ledger(tmp_path / "ledger.csv")
    one = whole({"A": 6, "B": 40, "C": 30, "D": 25, "E": 60}, indicator="vif")
    ledger.append(release(one, territory=TOWN, catalogue=ENTRIES), edition="one")
    two = whole({"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}, indicator="vif")
    careless = release(two[two["territory"].isin(["A", "R"])], territory=TOWN, catalogue=ENTRIES)
    found = audit(careless, known=ledger).set_index("territory")
    assert tuple(found.loc["A", ["low", "high", "safe"]]) == (3, 3, False)
    careful = release(two, territory=TOWN, catalogue=ENTRIES, ledger=ledger)
    assert {"A", "Z1", "R"} <= set(careful.actions["territory"])  # each of them would tell
    assert audit(careful, known=ledger)["safe"].all()


def test_old_sums_bind_what_was_not_seen_to_change(tmp_path):
    """First B = 40 and Z1 = 43, so A was 3; now B = 41, and A is withheld.

    One fact was revised at least: either Z1 is 44 now and A still 3, or A was 3 and is 2.
    """
    ledger = Ledger(tmp_path / "ledger.csv")
    shown = whole({"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}, indicator="vif")
    careless = release(
        shown[shown["territory"].isin(["B", "D"])], territory=TOWN, catalogue=ENTRIES
    )
    ledger.append(careless, edition="one")
    careless = release(
        shown[shown["territory"].isin(["Z1", "E"])], territory=TOWN, catalogue=ENTRIES
    )
    ledger.append(careless, edition="answer")
    now = whole({"A": 3, "B": 41, "C": 30, "D": 25, "E": 60}, indicator="vif")
    released = release(
        now[now["territory"].isin(["A", "B", "C"])], territory=TOWN, catalogue=ENTRIES
    )
    found = audit(released, known=ledger).set_index("territory")
    assert tuple(found.loc["A", ["low", "high", "safe"]]) == (2, 3, False)
