"""Places compared from a released table, shown as tables in three languages."""

import csv
import io
from functools import cache

import pandas as pd
import pytest

import obs
from obs.errors import ObsError
from obs.reference import label, load_exposure
from obs.report.checks.data_checks import data_faults
from obs.report.facts.peer_statements import nearest_peer
from obs.report.facts.standing import Standing
from obs.report.note.note import Note
from obs.schemas import PEER_VERDICTS, POSITIONS
from tests.report.small_tables import brussels_rows, indicator_table, thefts

pytestmark = pytest.mark.slow

YEAR = thefts().select(period=2024)
PEOPLE = load_exposure("population").query("year == 2024")
AMBIENT = PEOPLE[["territory"]].assign(
    exposure=PEOPLE["exposure"].astype(float) * (1 + (PEOPLE["territory"] == "21004") * 2)
)
NO_GROUPS = pd.DataFrame({"territory": [], "group": []}, dtype="str")
WAYS = {
    "peers": cache(lambda: YEAR.compare(obs.compare_peers).select(peer="region")),
    "similar": cache(lambda: YEAR.compare(obs.compare_peers).select(peer="similar")),
    "funnel": cache(lambda: YEAR.compare(obs.funnel)),
    "ranks": cache(lambda: YEAR.compare(obs.rank_places)),
    "exposures": cache(lambda: YEAR.compare(obs.compare_exposures, ambient=AMBIENT)),
}
HEADS = {
    "peers": ("Ratio", "Peers"),
    "similar": ("Ratio", "Verdict"),
    "funnel": ("Position", "Limits of chance"),
    "ranks": ("Possible ranks",),
    "exposures": ("Rate by persons present", "Changes position"),
}


def all_years():
    """Counts of every place, three years."""
    return indicator_table(brussels_rows())


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
@pytest.mark.parametrize("way", WAYS)
def test_each_comparison_is_a_table_in_each_language(way, lang):
    released = WAYS[way]()
    block = obs.show_table(released, lang=lang)
    heads = [c.label for c in block.table.columns]
    if lang == "en":
        assert set(HEADS[way]) <= set(heads)
    assert len(block.table.rows) == len(released)
    withheld = released.table["status"].str.startswith("suppressed").to_numpy()
    place = released.territory
    for row in block.table.rows:
        code = next(c for c in released.table["territory"] if place.label(c, lang) == row.header)
        hidden = withheld[released.table["territory"].tolist().index(code)]
        digits = any(ch.isdigit() for cell in row.cells for ch in cell)
        assert digits != hidden
    assert withheld.any()


@pytest.mark.slow
def test_the_words_of_a_comparison_differ_between_languages():
    for way in WAYS:
        texts = {
            tuple(r.text for r in obs.show_table(WAYS[way](), lang=lang).notes)
            for lang in ("fr", "nl", "en")
        }
        assert len(texts) == 3


@pytest.mark.slow
def test_the_cells_are_those_of_the_table():
    released = WAYS["peers"]()
    block = obs.show_table(released, lang="en", columns=["value", "ratio", "peer_verdict"])
    row = released.table.set_index("territory").loc["21004"]
    city = released.territory.label("21004", "en")
    cells = next(r.cells for r in block.table.rows if r.header == city)
    assert cells[1] == f"{row['ratio']:.2f}"
    assert cells[2] == label("peer_verdicts", row["verdict"], "en")
    assert "against the rest" in block.title
    ranks = WAYS["ranks"]()
    first = ranks.table.dropna(subset="rank_low").iloc[0]
    shown = obs.show_table(ranks, lang="nl", columns=["ranks"])
    name = ranks.territory.label(first["territory"], "nl")
    cell = next(r.cells[0] for r in shown.table.rows if r.header == name).replace("\xa0", " ")
    low, high, ranked = first[["rank_low", "rank_high", "ranked"]]
    assert cell == (f"{low} van {ranked}" if low == high else f"{low} tot {high} van {ranked}")
    cells = {r.cells[0].replace("\xa0", " ") for r in shown.table.rows}
    assert any(" tot " in c for c in cells)
    assert any(" tot " not in c and " van " in c for c in cells)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_the_data_file_has_no_fault_and_the_same_bytes_in_each_language(way):
    texts = {obs.show_table(WAYS[way](), lang=lang).csv.text for lang in ("fr", "nl", "en")}
    assert len(texts) == 1
    text = texts.pop()
    assert list(data_faults(text)) == []
    rows = list(csv.DictReader(io.StringIO(text)))
    assert any(row["status"] == "suppressed" for row in rows)


def test_a_withheld_row_with_a_position_is_a_fault():
    text = obs.show_table(WAYS["funnel"](), lang="en").csv.text
    rows = list(csv.DictReader(io.StringIO(text)))
    hidden = next(r for r in rows if r["status"] == "suppressed")
    table = pd.DataFrame(rows)
    table.loc[table["territory"] == hidden["territory"], "position"] = "below"
    faults = [words for _, words in data_faults(table.to_csv(index=False))]
    assert faults == ["is withheld and still has a position"]


def test_several_kinds_of_peers_or_periods_are_not_put_in_one_table():
    with pytest.raises(ObsError, match="select one value of .*peer"):
        obs.show_table(YEAR.compare(obs.compare_peers), lang="en")
    with pytest.raises(ObsError, match="select one value of period"):
        obs.show_table(thefts().compare(obs.rank_places), lang="en")


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
def test_every_position_and_verdict_has_words(lang):
    for name, codes in (("positions", POSITIONS), ("peer_verdicts", PEER_VERDICTS)):
        words = [label(name, code, lang) for code in codes]
        assert len(set(words)) == len(codes)
        assert all(words)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
def test_each_comparison_has_a_title_of_its_own(lang):
    plain = obs.show_table(YEAR.select(level="commune"), lang=lang).title
    titles = [obs.show_table(make(), lang=lang).title for make in WAYS.values()]
    assert all(title.startswith(f"{plain}, ") for title in titles)
    assert len(set(titles)) == len(WAYS)


@pytest.mark.slow
def test_the_reading_tells_the_peers_or_the_ranks_of_its_row():
    peers = WAYS["peers"]()
    read = {way: obs.show_table(WAYS[way](), lang="en").notes[0].text for way in ("peers", "ranks")}
    row = peers.table.dropna(subset="ratio").iloc[0]
    name = peers.territory.label(row["territory"], "en")
    assert read["peers"].startswith(name)
    assert f"Its peers: {row['peer_value']:.1f}; ratio: {row['ratio']:.2f} (" in read["peers"]
    assert "The data allow the ranks" in read["ranks"]
    alone = [r.text for r in obs.show_table(WAYS["similar"](), lang="en").notes]
    assert any("the area has no peer" in text for text in alone)  # the city is like no other


@pytest.mark.slow
def test_a_sentence_binds_the_places_apart_from_their_peers_and_names_no_rank():
    note = Note("focus_vols", "en", 2024, {}, obs.release({"focus_vols.years": all_years()}))
    compared = note.compare("years", obs.compare_peers, indicator="theft")
    assert set(compared.table["peer"]) == {"similar"}
    assert set(compared.table["period"].astype(str)) == {"2024"}
    among = note.among_peers(compared)
    verdicts = compared.table.set_index("territory")["verdict"]
    for side, verdict in (("above", "above"), ("below", "below"), ("alike", "no difference shown")):
        codes = list(verdicts.index[verdicts == verdict])
        assert [c.title for c in getattr(among, side)] == [
            compared.territory.label(code, "en") for code in codes
        ]
    assert among.above[0].level.known
    assert (
        note.among_peers(note.compare("years", obs.compare_peers, indicator="robbery"))
        == Standing()
    )
    assert len(note.similar) == 4
    assert note.show(obs.show_table, None) is None
    shown = note.show(obs.show_table, compared, territory=["21001", "21002"])
    assert [row.header for row in shown.table.rows] == ["Anderlecht", "Auderghem"]


def test_without_similar_places_the_peers_are_the_rest_of_the_whole():
    released = YEAR.compare(obs.compare_peers, similar=NO_GROUPS)
    assert set(nearest_peer(released).table["peer"]) == {"region"}


def test_counts_are_not_compared():
    table = all_years().assign(scale="count")
    note = Note("focus_vols", "en", 2024, {}, obs.release({"focus_vols.years": table}))
    assert note.compare("years", obs.rank_places, indicator="theft") is None


def test_a_table_that_is_declared_may_be_absent_one_that_is_not_is_refused():
    about = {"notes": {"focus_vols": {"tables": ["years", "months"]}}}
    note = Note("focus_vols", "en", 2024, about, obs.release({"focus_vols.years": all_years()}))
    assert note.show(obs.show_table, "months", indicator="theft") is None
    assert not note.has("theft", table="months")
    assert note.has("theft", table="years")
    for ask in (
        lambda: note.show(obs.show_table, "yaers", indicator="theft"),
        lambda: note.compare("yaers", obs.rank_places, indicator="theft"),
        lambda: note.fact("yaers", indicator="theft"),
    ):
        with pytest.raises(
            ObsError, match="declares no table 'yaers'.*toml declares: years, months"
        ):
            ask()


def test_a_note_refuses_what_it_cannot_mean():
    note = Note("focus_vols", "en", 2024, {}, obs.release({"focus_vols.years": all_years()}))
    wrong = {
        "no indicator 'thefts'.*theft": lambda: note.fact("years", indicator="thefts"),
        "no level 'commune': give one of base, middle, top": lambda: note.rows(
            "years", level="commune"
        ),
        "no level 'low'": lambda: note.level("low"),
        "no figure 'print': give one of chart_trend": lambda: note.show(print, "years"),
        "say which indicator of 'years'": lambda: note.fact("years"),
    }
    for message, ask in wrong.items():
        with pytest.raises(ObsError, match=message):
            ask()
