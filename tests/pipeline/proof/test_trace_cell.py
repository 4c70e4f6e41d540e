"""A released figure is traced to counts of rows by delivery and rule; no row is ever shown."""

import datetime as dt
import json
import shutil

import pytest

import obs
from obs.__main__ import main
from obs.catalogue import kept_catalogue
from obs.disclosure import write_released
from obs.errors import CodeError, ObsError
from obs.pipeline.proof.trace_cell import trace
from tests.report.small_tables import brussels_rows, indicator_table

REPORT = """file,profile,sha256,extracted,read,kept,merged,rejected,covered_from,covered_to,synthetic,identical
police_2023.csv,obs_sample,1,2024-01-31,10,8,1,1,2023-01-01,2023-12-31,True,0
police_2024.csv,obs_sample,2,2025-01-31,20,17,1,2,2024-01-01,2024-12-31,True,0
"""
REJECTED = """file,sheet,row,column,rule,message
police_2023.csv,,3,DATE,impossible_date,someone's date
police_2024.csv,,4,DATE,impossible_date,someone's date
police_2024.csv,,9,PLACE,unknown_territory,someone's place
"""


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    base = tmp_path_factory.mktemp("processed")
    folder = base / "brussels" / "2024"
    released = obs.release({"v.years": indicator_table(brussels_rows())})
    write_released(released, folder / "released")
    clean = folder / "clean" / "police-0"
    clean.mkdir(parents=True)
    (clean / "report.csv").write_text(REPORT, encoding="utf-8")
    (clean / "rejected.csv").write_text(REJECTED, encoding="utf-8")
    return base


def test_a_figure_is_traced_to_its_delivery_and_its_rules(processed):
    found = trace("theft", territory="21004", period="2024", edition=2024, processed=processed)
    (cell,) = found.cells.to_dict("records")
    assert (cell["table"], cell["status"], cell["unit"]) == ("v.years", "ok", "fact")
    assert found.deliveries["file"].tolist() == ["police_2024.csv"]
    lines = list(found.lines())
    assert lines[0].startswith("theft: ")
    assert lines[2:] == [
        "delivery: police_2024.csv, extracted 2025-01-31: read 20, kept 17, merged 1, rejected 2",
        "rule: police_2024.csv: rejected by impossible_date: 1 rows",
        "rule: police_2024.csv: rejected by unknown_territory: 1 rows",
    ]
    assert not any("someone" in line for line in lines)


def test_the_trace_of_a_withheld_figure_ends_at_its_status(processed):
    found = trace("theft", territory="21008", period="2024", edition=2024, processed=processed)
    (line,) = [one for one in found.lines() if one.startswith("released: ")]
    assert "status suppressed_primary" in line
    assert "numerator" not in line


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ({"territory": "2104"}, r"no released row has the territory .2104. \(did you mean .*21004"),
        ({"period": "2042"}, r"no released row has the period '2042' \(did you mean 2024"),
        ({"indicator": "vif_total"}, "no released row has the indicator 'vif_total'"),
    ],
)
def test_a_figure_that_is_not_released_is_refused_with_the_nearest(processed, key, message):
    asked = {"indicator": "theft", "territory": "21004", "period": "2024"} | key
    with pytest.raises(CodeError, match=message):
        trace(asked.pop("indicator"), **asked, edition=2024, processed=processed)


@pytest.mark.parametrize("name", ["Elsene", "ixelles", "IXELLES - elsene", "1050 Ixelles"])
def test_a_place_is_named_in_any_language_and_spelling(processed, name):
    asked = {"period": "2024", "edition": 2024, "processed": processed}
    by_name = trace("theft", territory=name, **asked)
    by_code = trace("theft", territory="21009", **asked)
    assert list(by_name.lines()) == list(by_code.lines())


@pytest.mark.parametrize("name", ["Bruxelles", "BRUSSEL"])
def test_a_name_of_several_places_is_refused_with_the_choices(processed, name):
    with pytest.raises(CodeError, match=f"'{name}' is the name of 3 places: give the code") as said:
        trace("theft", territory=name, period="2024", edition=2024, processed=processed)
    for choice in ("04000 (region, ", "21004 (commune, ", "5339 (zone, "):
        assert choice in str(said.value)


def test_a_name_of_no_place_is_refused_with_the_nearest(processed):
    with pytest.raises(CodeError, match="'Ixeles' is unknown; nearest: .*21009"):
        trace("theft", territory="Ixeles", period="2024", edition=2024, processed=processed)


@pytest.mark.parametrize(("year", "week", "file"), [(2024, 5, "2024"), (2023, 1, "2023")])
def test_a_week_is_traced_to_the_delivery_that_covers_it(tmp_path, processed, year, week, file):
    base = shutil.copytree(processed, tmp_path / "processed")
    monday = dt.date.fromisocalendar(year, week, 1)
    row = brussels_rows()[-1] | {"indicator": "helpline_calls", "period": monday, "numerator": 90}
    table = indicator_table([row], scale="count", freq="W-SUN", unit="call")
    folder = base / "brussels" / "2024"
    shutil.rmtree(folder / "released")
    write_released(obs.release({"v.weeks": table}), folder / "released")
    calls = folder / "clean" / "helpline-0"
    calls.mkdir()
    (calls / "report.csv").write_text(REPORT.replace("police_", "calls_"), encoding="utf-8")
    asked = {"territory": row["territory"], "period": f"{year}-W{week:02}", "edition": 2024}
    found = trace("helpline_calls", **asked, processed=base)
    assert found.cells["numerator"].tolist() == [90]
    assert found.deliveries["file"].tolist() == [f"calls_{file}.csv"]


def test_an_edition_that_is_not_built_is_refused(processed):
    with pytest.raises(ObsError, match="edition 2019 of 'brussels' is not built"):
        trace("theft", territory="21004", period="2024", edition=2019, processed=processed)


def test_an_indicator_of_the_observatorys_own_is_traced(tmp_path, root):
    text = (root / "obs/catalogue/indicators/bicycle_theft.toml").read_text(encoding="utf-8")
    texts = {"lock_theft.toml": text.replace('id = "bicycle_theft"', 'id = "lock_theft"')}
    folder = tmp_path / "brussels" / "2024"
    with kept_catalogue(texts):
        rows = brussels_rows(indicator="lock_theft")
        write_released(obs.release({"v.years": indicator_table(rows)}), folder / "released")
    (folder / "edition.json").write_text(json.dumps({"catalogue": texts}), encoding="utf-8")
    found = trace("lock_theft", territory="21004", period="2024", edition=2024, processed=tmp_path)
    assert found.definition.startswith("lock_theft: ")
    assert found.cells["status"].tolist() == ["ok"]
    (folder / "edition.json").write_text("{", encoding="utf-8")
    with pytest.raises(ObsError, match=r"edition.json is damaged .*build the edition again"):
        trace("lock_theft", territory="21004", period="2024", edition=2024, processed=tmp_path)


@pytest.mark.parametrize("name", ["report", "rejected"])
@pytest.mark.parametrize("text", ["", "file\n", "file,rule\n\0\n"])
def test_a_damaged_table_of_the_cleaning_is_said(processed, tmp_path, name, text):
    base = shutil.copytree(processed, tmp_path / "processed")
    (base / "brussels" / "2024" / "clean" / "police-0" / f"{name}.csv").write_text(text)
    asked = {"territory": "21004", "period": "2024", "edition": 2024, "processed": base}
    if name == "rejected" and "rule" in text:
        assert trace("theft", **asked).rules.empty
        return
    with pytest.raises(
        ObsError, match=rf"'{name}.csv' of the cleaning is damaged: run `obs build`"
    ):
        trace("theft", **asked)


def test_an_argument_that_is_no_text_is_said(processed, capsys):
    key = ["theft", "--territory", "\ud800", "--period", "2023", "--edition", "2024"]
    assert main(["trace", *key, "--processed", str(processed)]) == 2
    assert "no text in UTF-8" in capsys.readouterr().err


def test_the_command_prints_it(processed, capsys):
    key = ["theft", "--territory", "21004", "--period", "2023", "--edition", "2024"]
    assert main(["trace", *key, "--processed", str(processed)]) == 0
    assert "delivery: police_2023.csv" in capsys.readouterr().out
