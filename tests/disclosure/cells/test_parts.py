"""Parts of an indicator are disjoint, not exhaustive: one part known does not give the whole."""

import pandas as pd

import obs


def counts(indicator, n, **breakdowns):
    return pd.DataFrame(
        {
            "indicator": indicator,
            "territory": ["04000"],
            "period": pd.PeriodIndex(["2022"], freq="Y"),
            **{k: [v] for k, v in breakdowns.items()},
            "numerator": pd.array([n], dtype="Int64"),
            "denominator": pd.array([1_222_637.0], dtype="Float64"),
            "value": pd.array([n / 1222.637], dtype="Float64"),
            "low": pd.array([n / 1300], dtype="Float64"),
            "high": pd.array([n / 1200], dtype="Float64"),
            "status": ["ok"],
            "unit": ["fact"],
            "n": pd.array([n], dtype="Int64"),
            "grade": pd.array([None], dtype="str"),
            "level": ["region"],
            "scale": ["per_1000_inhabitants"],
            "synthetic": [True],
        }
    )


def test_physical_violence_may_exceed_its_part_in_the_couple():
    forms = pd.concat(
        [
            counts("vif_total", 3000, form="all", relation="all"),
            counts("vif_total", 3000, form="all", relation="family"),
            counts("vif_total", 2000, form="physical", relation="all"),
            counts("vif_total", 2000, form="physical", relation="family"),
            counts("vif_total", 1000, form="psychological", relation="all"),
            counts("vif_total", 1000, form="psychological", relation="family"),
        ],
        ignore_index=True,
    )
    released = obs.release(forms)
    assert (released.table["status"] == "ok").all()
    assert released.table["numerator"].tolist() == forms["numerator"].tolist()
