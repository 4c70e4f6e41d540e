"""A sound delivery of each kind of source is kept whole: a cleaning of each, at each run."""

import pytest

import obs.clean
from tests.clean.small_deliveries import SMALL

KINDS = {small.kind: name for name, small in SMALL.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_delivery_is_kept_whole(kind, tmp_path):
    name = KINDS[kind]
    path = tmp_path / SMALL[name].name
    path.write_text(SMALL[name].text(), encoding="utf-8")
    cleaned = getattr(obs.clean, f"clean_{kind}")(path, profile=name)
    account = cleaned.report[["read", "kept", "merged", "rejected"]].to_numpy().tolist()
    assert account == [[len(SMALL[name].rows), len(SMALL[name].rows), 0, 0]]
    assert cleaned.flagged.empty
