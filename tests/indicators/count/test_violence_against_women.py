"""Femicide and the European indicators: what police facts tell, what awaits a source, few cases withheld."""

import pandas as pd
import pytest

import obs
from obs.catalogue import get_indicator, load_catalogue
from obs.clean import clean_police, clean_services
from obs.indicators import compute
from obs.locale import languages
from obs.sample.police_files import police_files

AWAITED = (
    *("feminicide", "ipv_women_victims", "ipv_men_suspects", "ipv_protection_orders"),
    *("ipv_men_prosecuted", "ipv_men_sentenced", "ipv_men_imprisoned"),
)


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("police")
    paths = []
    for file in police_files(2021, seed=1, scale=0.05):
        paths.append(folder / file.path.rpartition("/")[2])
        paths[-1].write_bytes(file.payload)
    return clean_police(paths, profile="obs_sample").table


def against_women(facts):
    """Choose by hand the facts against a woman by a male partner."""
    own = facts["relation"].eq("couple") & facts["victim_sex"].eq("female")
    own &= facts["suspect_sex"].eq("male") & facts["phenomenon"].ne("family_dispute")
    return facts[own & facts["event_date"].dt.year.eq(2021)]


def test_offences_against_women_are_those_that_pandas_counts(facts):
    rows = against_women(facts)
    assert len(rows) > 20
    made = compute("ipv_women_offences", {"police": facts})
    made = made[made["period"] == pd.Period("2021")].set_index("territory")["numerator"]
    assert made["04000"] == len(rows)
    by_place = rows.groupby("territory").size()
    known = by_place[by_place.index.isin(made.index)]
    assert made[known.index].tolist() == known.tolist()


def test_they_are_broken_down_by_form_and_are_part_of_what_happens_in_couples(facts):
    rows = against_women(facts)
    made = compute("ipv_women_offences", {"police": facts}, breakdown=["form"])
    made = made[(made["period"] == pd.Period("2021")) & (made["level"] == "region")]
    by_form = made.set_index("form")["numerator"]
    assert by_form["physical"] == rows["form"].eq("physical").sum()
    couple = compute("vif_couple_physical", {"police": facts}, breakdown=["victim_sex"])
    couple = couple[(couple["period"] == pd.Period("2021")) & (couple["level"] == "region")]
    assert by_form["physical"] <= couple.set_index("victim_sex").loc["female", "numerator"]


def test_what_no_source_tells_names_the_one_that_would_in_every_language():
    for name in AWAITED:
        one = get_indicator(name)
        assert set(one.awaited) == set(languages())
        assert one.disclosure == "sensitive"
        assert one.measures
    assert load_catalogue()["ipv_women_offences"].awaited is None


@pytest.mark.parametrize(("number", "status"), [(7, "suppressed_primary"), (40, "ok")])
def test_few_femicides_of_the_region_are_withheld(number, status):
    row = pd.DataFrame(
        {
            **{"ANNEE": ["2022"], "NIVEAU": "region", "TERRITOIRE": "04000"},
            **{"ACTIVITE": "feminicide", "PARTIE": "", "UNITE": "affaires"},
            **{"PRESTATAIRE": "Parquet", "MESURE": "", "NOMBRE": str(number)},
        }
    )
    table = clean_services(row, profile="obs_sample_services").table.assign(unit="victim")
    made = compute("feminicide", {"services": table})
    released = obs.release({"years": made})["years"].table
    assert released["status"].tolist() == [status]
    assert released["numerator"].isna().tolist() == [status != "ok"]
