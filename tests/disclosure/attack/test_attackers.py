"""Random towns and editions, attacked by who knows the declared list, and by who infers one."""

from functools import cache

import pytest

from obs.catalogue import load_catalogue
from obs.disclosure import release
from tests.disclosure.attack import declared_reader, inferring_reader, survey_reader
from tests.disclosure.attack.figures import read, truth_of
from tests.disclosure.attack.random_towns import town
from tests.disclosure.attack.verdict import Found, judge, knowledge_of
from tests.disclosure.small_town import make_town
from tests.draws import draws

TOWN = make_town()
SEEDS = 5  # towns of which all figures must satisfy an inferred relation, for it to be one


@cache
def others():
    catalogue = load_catalogue()
    return [truth_of(town(90_000 + seed), catalogue) for seed in range(SEEDS)]


def attack(tables, *, territory, others=()):
    """Release tables and attack them; give what each attacker found, by name."""
    catalogue = load_catalogue()
    released = release(tables, territory=territory)
    figures = read(released, tables, catalogue)
    known = knowledge_of(figures)
    declared_reader.tell(known, figures, declared_reader.relations(figures, catalogue, territory))
    guesser = knowledge_of(figures)
    for described in inferring_reader.infer(figures, territory):
        if all(inferring_reader.holds(described, f, territory) for f in (figures, *others)):
            inferring_reader.tell(guesser, figures, described, territory)
    return {
        "declared": judge(known, figures),
        "inferred": judge(guesser, figures),
        "surveys": survey_reader.attack(released, tables, catalogue, territory),
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", draws(0, 1, 3))
def test_a_random_town_gives_nothing_away(seed):
    for name, found in attack(town(seed), territory=TOWN, others=others()).items():
        assert found.withheld, name
        assert found.recovered == (), name
        assert found.narrow == (), name


@pytest.mark.proof
def test_two_hundred_towns_give_nothing_away(record_property):
    total = dict.fromkeys(("declared", "inferred", "surveys"), Found())
    for seed in range(1_000, 1_200):
        for name, found in attack(town(seed), territory=TOWN, others=others()).items():
            total[name] += found
    for name, found in total.items():
        record_property(name, str(found))
    assert {name: (found.recovered, found.narrow) for name, found in total.items()} == (
        dict.fromkeys(total, ((), ()))
    )
