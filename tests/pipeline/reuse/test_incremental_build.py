"""A build after a change gives the bytes of a full build, and makes anew only what the change touches."""

import datetime as dt
import shutil
import stat
from functools import cache
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import obs
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import read_released, write_released
from obs.pipeline import forget_delivery
from obs.pipeline.reuse import build_inputs
from obs.report.edition import reuse_pages
from tests.clean.deliveries import HEADER, NOTICE, line
from tests.report.small_tables import brussels_rows, indicator_table

DECLARATION = """
name = "town"
languages = ["fr", "nl"]
notes = ["thefts", "shops"]
licence = "CC BY 4.0"
retention = "1 years"
[title]
fr = "Essai"
nl = "Proef"
[publisher]
fr = "Essai"
nl = "Proef"
[territory]
reference = "brussels"
[[source]]
kind = "police"
profile = "obs_sample"
files = ["police/*.csv"]
"""
OPEN = (
    'import obs\n\nnote = obs.open_note("{name}", edition=edition, lang=lang, '
    'observatory=observatory, processed=processed)\nfound = note.fact("years", indicator="{id}")'
)
PARAMETERS = 'edition = 2022\nlang = "fr"\nobservatory = "town"\nprocessed = None'
STAGES = {
    *("rows of police by obs_sample", "figures", "release and audit"),
    *("note thefts", "note shops", "open data", "quality and changes"),
}
NOTES = {"thefts": "bicycle_theft", "shops": "shoplifting"}


def write_note(folder, name, sentence):
    cells = [
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell(OPEN.format(name=name, id=NOTES[name])),
        new_markdown_cell(f"# {{{{ note.title }}}}\n\n{sentence} {{{{ found|n }}}}."),
        new_code_cell(
            f'note.show(obs.show_table, "years", level="top", indicator="{NOTES[name]}")'
        ),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"c{number}"
    nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")


def write_facts(path, more=()):
    rows = [
        line(
            NUM_FAIT=f"F{year}{n}",
            NUM_PV=f"BR.11.LA.{year % 100}{n:04}/{year}",
            DATE_FAIT=f"{1 + n % 28:02}/{1 + n % 12:02}/{year}",
            DATE_PV=f"28/12/{year}",
            CODE_FAIT=("VOL-VELO", "VOL-ETAL")[n % 2],
            COMMUNE=("Ixelles", "Forest", "Uccle")[n % 3],
            DATE_EXTRACTION="31/01/2023",
        )
        for year in (2021, 2022)
        for n in range(160)
    ]
    path.write_text("\n".join([NOTICE, HEADER, *rows, *more]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Give a small observatory that was built once; not to be changed."""
    base = tmp_path_factory.mktemp("town") / "town"
    (base / "raw" / "police").mkdir(parents=True)
    (base / "notebooks").mkdir()
    (base / "observatory.toml").write_text(DECLARATION)
    write_facts(base / "raw" / "police" / "police_2021-2022_20230131.csv")
    for name, indicator in NOTES.items():
        write_note(base / "notebooks", name, "Faits:")
        (base / "notebooks" / f"{name}.toml").write_text(
            f'[title]\nfr = "Faits"\nnl = "Feiten"\n[[table]]\nid = "years"\n'
            f'indicators = ["{indicator}"]\nperiod = "year"\n'
        )
    build(base)
    return base


@pytest.fixture
def town(built, tmp_path):
    return shutil.copytree(built, tmp_path / "town")


def build(base, **options):
    told = []
    obs.build(
        config=base / "observatory.toml",
        raw=base / "raw",
        out=base / "out",
        processed=base / "processed",
        notebooks=base / "notebooks",
        progress=told.append,
        **options,
    )
    return told


def bytes_of(base):
    folder = base / "out"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def decided(told):
    """Give what was taken again and what was made anew, by their names."""
    pairs = [text.split(": ", 1) for text in told if text.startswith(("as before: ", "anew: "))]
    again = {name for how, name in pairs if how == "as before"}
    return again, {name.split(" (")[0]: name for how, name in pairs if how == "anew"}


def full_build_of(base, elsewhere):
    """Build the same inputs where nothing is kept."""
    other = shutil.copytree(base, elsewhere, ignore=shutil.ignore_patterns("out", "processed"))
    build(other)
    return bytes_of(other)


@pytest.mark.slow
def test_without_a_change_all_is_taken_again_and_the_bytes_are_the_same(town):
    before = bytes_of(town)
    again, anew = decided(build(town))
    assert not anew
    assert again == STAGES
    assert bytes_of(town) == before


@pytest.mark.proof
def test_a_changed_sentence_runs_its_note_alone_and_gives_the_bytes_of_all_anew(town):
    write_note(town / "notebooks", "shops", "Autrement dit:")
    again, anew = decided(build(town))
    assert anew == {"note shops": "note shops (changed: the notebook)"}
    assert "note thefts" in again
    made = bytes_of(town)
    assert b"Autrement dit" in made["2022/shops.fr.html"]
    told = build(town, force=True)
    assert decided(told) == (set(), {name: f"{name} (all is asked for anew)" for name in STAGES})
    assert bytes_of(town) == made


@pytest.mark.proof
def test_a_changed_row_gives_a_full_builds_bytes(town, tmp_path):
    more = [line(NUM_FAIT="F9", DATE_FAIT="01/02/2022", DATE_PV="02/02/2022", CODE_FAIT="VOL-VELO")]
    (path,) = (town / "raw" / "police").iterdir()
    write_facts(path, [more[0].replace("31/01/2022", "31/01/2023")])
    _, anew = decided(build(town))
    assert anew["rows of police by obs_sample"].endswith("(new deliveries)")
    assert "rows of police" in anew["figures"]
    assert anew["note thefts"] == "note thefts (changed: its tables)"
    assert bytes_of(town) == full_build_of(town, tmp_path / "other")


@pytest.mark.proof
def test_a_damaged_release_is_made_anew_with_all_that_shows_it(town):
    before = bytes_of(town)
    kept = town / "processed" / "town" / "kept" / "2022"
    (kept / "release" / "released" / "released.json").write_bytes(b"{}")
    again, anew = decided(build(town))
    assert again == {"rows of police by obs_sample", "figures", "note thefts", "note shops"}
    assert anew["release and audit"] == "release and audit (what was kept is damaged)"
    assert anew["open data"] == "open data (changed: the release)"
    assert bytes_of(town) == before


@cache
def released(theft=20.0, *, again=False):
    rates = {"theft": theft, "shoplifting": 9.0, "vif_cases": 8.0}
    return obs.release(
        {
            f"{NOTE_OF[one]}.years": indicator_table(
                brussels_rows([2024], indicator=one, per_thousand=rate)
            )
            for one, rate in rates.items()
        }
    )


NOTE_OF = {"theft": "thefts", "shoplifting": "shops", "vif_cases": "cases"}
SAID = {"sources": [{"source": "police", "hmac": "1"}, {"source": "prosecutor"}], "quality": [1]}


def made_of(note, *, told=(), words=SAID, **options):
    return build_inputs.Shown(released(**options), words).of_note(note, told)


def test_a_note_is_made_of_its_own_tables(tmp_path):
    assert released(again=True).seal != released().seal
    assert made_of("shops", again=True) == made_of("shops"), "of the same figures"
    assert made_of("shops", theft=21.0) == made_of("shops")
    write_released(released(), tmp_path)
    read = build_inputs.Shown(read_released(tmp_path), SAID).of_note("shops", ())
    assert read == made_of("shops"), "the release as it is kept"
    changed = made_of("thefts", theft=21.0)
    assert changed["its tables"] != made_of("thefts")["its tables"]


@pytest.mark.parametrize(
    ("words", "told", "same"),
    [
        ({"quality": [2]}, (), True),
        ({"quality": []}, (), False),  # what it told of might be there now
        ({"quality": [2]}, ("quality",), False),
        ({"sources": [{"source": "police", "hmac": "2"}, {"source": "prosecutor"}]}, (), True),
        ({"sources": [{"source": "police"}, {"source": "prosecutor", "extracted": "x"}]}, (), True),
        ({"sources": [{"source": "police", "extracted": "x"}]}, (), False),
        ({"breaks": ["x"]}, (), False),
    ],
)
def test_a_note_is_made_of_what_it_can_say_of_its_edition(words, told, same):
    before = made_of("shops", told=told)
    assert (made_of("shops", told=told, words=SAID | words) == before) is same


@pytest.mark.parametrize(
    ("cells", "own"),
    [
        (['note = obs.open_note("shops", edition=edition)', "note.show(x)"], True),
        (["note = obs.open_note('shops', edition=edition)"], True),
        (['note = obs.open_note("shops")', 'other = obs.open_note("thefts")'], False),
        (["f = obs.open_note", 'note = f("thefts")'], False),
        (['note = obs.open_note("shops")', 'note.tables["thefts.years"]'], False),
        (['note = obs.open_note("shops")', '(note\n  .tables)["thefts.years"]'], False),
        (['note = obs.open_note("shops")', 'note.about["quality"]'], False),
        (["1 + 1"], False),
    ],
)
def test_a_note_that_may_read_others_is_made_of_the_whole_release(cells, own):
    text = nbformat.writes(new_notebook(cells=[new_code_cell(cell) for cell in cells]))
    assert reuse_pages._reads_its_own(text, "shops") is own


@pytest.mark.slow
def test_kept_parts_are_private_and_go_with_a_delivery_that_is_forgotten(town):
    kept = town / "processed" / "town" / "kept"
    for path in (kept, *kept.rglob("*")):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    forget_delivery(
        "police_2021-2022_20230131.csv",
        config=town / "observatory.toml",
        raw=town / "raw",
        processed=town / "processed",
        early="asked",
        today=dt.date(2023, 2, 1),
    )
    assert not kept.exists()


def parts_of(kept):
    return {p.parent.relative_to(kept).as_posix() for p in kept.rglob("part.json")}


@pytest.mark.slow
def test_parts_that_no_edition_takes_again_are_swept(town):
    kept = town / "processed" / "town" / "kept"
    whole = parts_of(kept)
    shutil.copytree(kept / "2022", kept / "2021")  # could be taken as it is
    shutil.copytree(kept / "2022" / "note-shops", kept / "2022" / "note-gone")
    shutil.copytree(kept / "2022", kept / "2020")
    account = kept / "2020" / "figures" / "part.json"
    account.write_text(account.read_text().replace("raw deliveries", "other deliveries"))
    shutil.copytree(kept / "rows of police by obs_sample", kept / "rows of police by gone")
    told = build(town, notes=["thefts"])
    assert not any(p.startswith("2020") or p.endswith("by gone") for p in parts_of(kept))
    assert {"2022/note-gone", "2022/note-shops"} <= parts_of(kept)  # not of that build
    assert [text for text in told if text.startswith("swept: ")]
    again, anew = decided(build(town))
    assert again == STAGES
    assert not anew
    assert {p for p in parts_of(kept) if p.startswith("2021/")} == {
        p.replace("2022", "2021") for p in whole if p.startswith("2022/")
    }
    assert {p for p in parts_of(kept) if not p.startswith("2021/")} == whole


@pytest.mark.parametrize("name", ["observatory.toml", "profiles/own.toml", "breaks.toml"])
def test_what_an_observatory_declares_is_an_input(name, tmp_path, root):
    path = tmp_path / "observatory.toml"
    path.write_bytes((root / "obs/reference/brussels/observatory.toml").read_bytes())
    observatory = obs.load_observatory(path)
    before = build_inputs.declaration(observatory)
    other = tmp_path / name
    other.parent.mkdir(exist_ok=True)
    other.write_bytes((other.read_bytes() if other.exists() else b"") + b"\n# changed\n")
    assert build_inputs.declaration(observatory) != before


def test_the_place_of_boundaries_is_an_input_as_their_bytes_are(tmp_path):
    declared = SimpleNamespace(areas=SimpleNamespace(file="units.csv"), boundaries=None)
    digests = []
    for name, text in (("one", "a"), ("one", "b"), ("other", "b")):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "units.csv").write_text(text)
        digests.append(build_inputs.units(declared, tmp_path / name))
    assert len({*digests}) == 3
    none = SimpleNamespace(areas=None, boundaries=None)
    assert build_inputs.units(none, tmp_path / "one") == build_inputs.units(
        none, tmp_path / "other"
    )


def test_what_was_delivered_before_is_an_input_byte_for_byte(tmp_path):
    registry = Registry(tmp_path / "registry")
    digests = [build_inputs.registered(registry)]
    for text in ("one", "two"):
        registry.folder.mkdir(exist_ok=True)
        (registry.folder / "events").write_text(text)
        digests.append(build_inputs.registered(registry))
    assert len({*digests}) == 3
