"""The synthetic observatory cleaned: every planted fault is found, every true fact kept."""

import json
from collections import Counter

import pytest

from obs.clean import clean_police
from obs.sample import sample

RULES = {  # what each kind of planted row must come out as
    "ambiguous_commune": "ambiguous_territory",
    "formula": "formula",
    "future_date": "future_date",
    "impossible_date": "impossible_date",
    "markup": "markup",
    "report_before_fact": "date_order",
    "unknown_code": "unknown_offence",
    "unknown_commune": "unknown_territory",
    "conflicting": "conflicting_duplicate",
}


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    sample(folder, years=[2020, 2021], scale=0.05)
    manifest = json.loads((folder / "sample_manifest.json").read_text(encoding="utf-8"))
    cleaned = clean_police(sorted((folder / "police").glob("*.csv")), profile="obs_sample")
    police = {n: one for n, one in manifest["files"].items() if n.startswith("police/")}
    return cleaned, {n.removeprefix("police/"): one for n, one in police.items()}


def test_every_row_that_was_written_is_read(delivered):
    cleaned, manifest = delivered
    written = {name: one["rows"] for name, one in manifest.items()}
    assert dict(zip(cleaned.report["file"], cleaned.report["read"], strict=True)) == written


def test_every_planted_fault_is_found_by_its_rule(delivered):
    cleaned, manifest = delivered
    planted = Counter()
    for one in manifest.values():
        for kind, n in one.get("kinds", {}).items():
            if kind in RULES:
                planted[RULES[kind]] += n
    assert cleaned.rejected["rule"].value_counts().to_dict() == dict(planted)


def test_the_true_facts_are_kept(delivered):
    cleaned, manifest = delivered
    truth = sum(one["truth"]["facts"] for one in manifest.values() if "truth" in one)
    assert len(cleaned.table) == truth
    assert cleaned.table["synthetic"].all()
    assert cleaned.report["synthetic"].all()


def test_both_languages_give_the_same_codes(delivered):
    cleaned, _ = delivered
    by_year = cleaned.table.groupby(cleaned.table["event_date"].dt.year)
    for column in ("place", "victim_sex", "form", "relation", "phenomenon", "territory"):
        first, second = (set(values.dropna()) for _, values in by_year[column])
        assert first == second, column
