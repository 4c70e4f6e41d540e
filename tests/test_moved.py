"""Old names lead to new ones for one version, with a warning."""

import importlib
import sys

import pytest

import obs.stats
from obs.moved import MODULES, NAMES


@pytest.mark.parametrize("old", sorted(MODULES))
def test_an_old_module_name_gives_the_module_of_today(old):
    sys.modules.pop(f"obs.{old}", None)
    with pytest.warns(DeprecationWarning, match=MODULES[old]):
        module = importlib.import_module(f"obs.{old}")
    assert module.__name__ == f"obs.{MODULES[old]}"
    assert module.__spec__.name == module.__name__


@pytest.mark.parametrize("room", sorted(NAMES))
def test_a_name_that_left_a_room_is_given_by_it_with_a_warning(room):
    home, names = NAMES[room]
    for name in names:
        with pytest.warns(DeprecationWarning, match=f"{home}.{name}"):
            value = getattr(importlib.import_module(room), name)
        assert value is getattr(importlib.import_module(home), name)


def test_a_name_that_never_was_is_unknown():
    with pytest.raises(AttributeError, match="no attribute 'farington_alerts'"):
        _ = obs.stats.farington_alerts
