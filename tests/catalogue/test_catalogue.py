"""The catalogue loads whole, says every fault at once, and speaks three languages."""

import re

import pytest

from obs.catalogue import get_indicator, load_catalogue
from obs.errors import CatalogueError
from obs.locale import languages
from obs.reference import descendants

EXPECTED = [
    *("identity_checks", "violence_public_professions", "lgbtqi_phobia_reports"),
    *("feminicide", "ipv_women_victims", "ipv_women_offences", "ipv_men_suspects"),
    *("ipv_protection_orders", "ipv_men_prosecuted", "ipv_men_sentenced", "ipv_men_imprisoned"),
    "minors_exploitation",
    "cyber_harassment_cases",
    "cyber_referrals",
    "cyber_procedure_share",
    "cyber_calls",
    "stringency",
    "theft",
    "burglary_dwelling",
    "burglary_other",
    "vehicle_theft",
    "theft_from_vehicle",
    "bicycle_theft",
    "pickpocketing",
    "shoplifting",
    "robbery",
    "vif_total",
    "vif_pv",
    "vif_per_day",
    "vif_couple_physical",
    "vif_physical",
    "vif_sexual",
    "theft_per_day",
    "burglary_attempt_share",
    "vif_couple_share",
    "vehicle_parts_theft",
    "theft_person",
    "business_motive",
    "business_reporting",
    "business_safety",
    "business_satisfaction",
    "business_victim",
    "severity_index",
    "business_dark_share",
    "business_reporting_rate",
    "business_unreported",
    "women_dark_share",
    "women_reporting_rate",
    "women_partner_violence",
    "women_sexual_harassment",
    "women_stalking",
    "women_consequences",
    "hidden_population",
    "hidden_population_bound",
    "cases_entered",
    "cases_closed",
    "cases_pending",
    "cases_decided",
    "cases_decided_net",
    "decision_share_all_closings",
    "decision_share_net_closings",
    "cases_context_told",
    "vif_cases",
    "vif_charge_share",
    "vif_context_share",
    "vif_cases_linked",
    "vif_cases_matched",
    "vif_pv_linked",
    "vif_pv_matched",
    "helpline_calls",
    "helpline_calls_per_day",
    "mediation_files",
    "prevention_visits",
    "vif_support",
    "street_findings",
    "police_training",
    "shelter_requests",
]


def write(folder, name, text):
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def good(root):
    return (root / "obs/catalogue/indicators/bicycle_theft.toml").read_text(encoding="utf-8")


def faults_of(folder):
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    return str(caught.value)


def test_every_indicator_of_the_notes_is_there():
    assert sorted(load_catalogue()) == sorted(EXPECTED)


@pytest.mark.parametrize("id", EXPECTED)
def test_texts_are_whole_sentences_in_three_languages(id):
    entry = get_indicator(id)
    for lang in languages():
        assert entry.text("title", lang)[0].isupper()
        for name in ("definition", "scope", "caveat"):
            assert entry.text(name, lang).endswith(".")
        assert not re.search(r"\d", entry.text("caveat", lang)), "no typed figure in a caveat"
    assert len({entry.text("definition", lang) for lang in languages()}) == 3


@pytest.mark.parametrize("id", EXPECTED)
def test_parts_are_disjoint_branches_of_the_whole(id):
    entry = get_indicator(id)
    branches = []
    for part in map(get_indicator, entry.parts):
        assert part.unit == entry.unit
        branches.append({d for p in part.phenomena for d in descendants(p)} or dict(part.where))
    if all(isinstance(b, set) for b in branches):
        inside = {d for p in entry.phenomena for d in descendants(p)}
        assert sum(map(len, branches)) == len(set().union(*branches))
        assert set().union(*branches) <= inside or not branches


def test_only_rates_and_figures_per_day_have_denominators():
    for entry in load_catalogue().values():
        assert bool(entry.denominators) == (entry.kind in ("rate", "per_day", "severity"))
        records = entry.source != "survey"  # a share of respondents has no whole to count
        assert (entry.whole is not None) == (entry.kind == "share" and records)


@pytest.fixture
def survey(root):
    path = root / "obs/catalogue/indicators/business_reporting.toml"
    return path.read_text(encoding="utf-8").replace('"business_reporting"', '"copy"')


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('question = "reported"', "", "key 'asked.question' is absent"),
        ('question = "reported"', 'question = ""', "'asked.question' is empty"),
        ('by_item = "offence"', "", "'asked.items' and 'asked.by_item' go together"),
        (
            'by_item = "offence"',
            'by_item = "colour"',
            "asked.by_item: 'colour' is not one of phenomenon",
        ),
        ('by_item = "offence"', 'by_item = "motive"', "motive 'burglary' is in no codelist"),
        ('never = ["never"]', 'never = ["seldom"]', "share 'never' must list answers"),
        ('never = ["never"]', 'nonsense = ["never"]', "answer 'nonsense' is in no codelist"),
        ('by_item = "offence"', 'by_item = "offence"\nweight = "w"', "unknown key 'asked.weight'"),
        ('source = "survey"', 'source = "police"', "a survey, and only that, has 'asked'"),
        ('kind = "share"', 'kind = "count"', "an indicator of a survey is a share or"),
    ],
)
def test_a_faulty_question_is_told(tmp_path, survey, old, new, fault):
    assert old in survey
    write(tmp_path, "copy", survey.replace(old, new, 1))
    assert fault in faults_of(tmp_path)


def test_breakdowns_without_total_are_those_of_answers_and_separate_items():
    assert get_indicator("business_reporting").asked.without_total == ("offence", "answer")
    assert get_indicator("business_victim").asked.without_total == ()
    assert get_indicator("business_safety").asked.without_total == ("answer",)


def test_burglary_is_per_dwelling_first():
    assert get_indicator("burglary_dwelling").denominators == ("dwellings", "population")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('base = "2015"', "", "a severity index, and only that, has a 'base'"),
        ('base = "2015"', 'base = "first"', "has a 'base', a year such as 2015"),
        ('denominators = ["population"]', "", "is per head of the population"),
        ('kind = "severity"', 'kind = "count"', "a severity index, and only that, has a 'base'"),
    ],
)
def test_a_faulty_severity_index_is_told(tmp_path, root, old, new, fault):
    text = (root / "obs/catalogue/indicators/severity_index.toml").read_text(encoding="utf-8")
    text = text.replace('"severity_index"', '"copy"', 1)
    assert old in text
    write(tmp_path, "copy", text.replace(old, new, 1))
    assert fault in faults_of(tmp_path)


def test_every_source_of_records_has_its_stage_or_activity():
    for entry in load_catalogue().values():
        assert bool(entry.stage) == (entry.source == "prosecutor")
        assert bool(entry.activities) == (entry.source == "services")


@pytest.mark.parametrize(
    ("id", "old", "new", "fault"),
    [
        (
            "cases_entered",
            'stage = "entered"',
            "",
            "of the prosecutor, and only that, has a 'stage'",
        ),
        (
            "cases_entered",
            'stage = "entered"',
            'stage = "lost"',
            "stage: 'lost' is not one of entered",
        ),
        ("vif_cases", '"couple"', '"pair"', "where.context: 'pair' is not one of couple"),
        ("vif_support", 'activities = ["vif_support"]', "", "of services, and only that, names"),
        ("hidden_population", 'unit = "person"', 'unit = "case"', "counts persons"),
        ("business_unreported", 'reporting = "', 'reported = "', "unknown key 'reported'"),
        ("business_unreported", '"business_victim"', '"theft"', "counts another unit"),
        ("business_unreported", '"business_victim"', '"business_reporting"', "is not one share"),
        ("business_dark_share", 'place = "anywhere"', "", "key 'speaks_of.place' is absent"),
        (
            "business_dark_share",
            "attempts = true",
            'attempts = "yes"',
            "'speaks_of.attempts' must be true or false",
        ),
    ],
)
def test_what_a_source_needs_is_told(tmp_path, root, id, old, new, fault):
    text = (root / f"obs/catalogue/indicators/{id}.toml").read_text(encoding="utf-8")
    text = text.replace(f'id = "{id}"', 'id = "copy"', 1)
    assert old in text
    write(tmp_path, "copy", text.replace(old, new, 1))
    assert fault in faults_of(tmp_path)


def test_sexual_violence_has_the_sensitive_rule():
    assert get_indicator("vif_sexual").disclosure == "sensitive"


def test_family_disputes_are_never_violence():
    for entry in load_catalogue().values():
        if entry.id.startswith("vif") and entry.source == "police":
            assert "family_dispute" in entry.exclude
            assert "none" not in entry.where["relation"]


def test_the_same_count_is_told_by_equal_numerators():
    assert get_indicator("theft").numerator == get_indicator("theft_per_day").numerator
    assert get_indicator("theft").numerator != get_indicator("robbery").numerator


def test_an_entry_cannot_be_changed():
    entry = get_indicator("theft")
    with pytest.raises(AttributeError):
        entry.unit = "pv"
    with pytest.raises(TypeError):
        entry.title["fr"] = "autre"


def test_an_unknown_indicator_names_near_ones():
    with pytest.raises(
        CatalogueError, match=r"no indicator 'burglary_dwellings'.*burglary_dwelling"
    ):
        get_indicator("burglary_dwellings")


def test_an_unknown_text_or_language_is_refused():
    with pytest.raises(CatalogueError, match="no text 'title' in 'de'"):
        get_indicator("theft").text("title", "de")


def test_describe_gives_all_there_is_to_know():
    page = get_indicator("burglary_dwelling").describe("fr")
    assert page.startswith("burglary_dwelling (version 1): Vols dans les habitations")
    assert "denominators: dwellings, population" in page


def test_a_further_folder_adds_indicators(tmp_path, good):
    write(tmp_path, "scooter_theft", good.replace('"bicycle_theft"', '"scooter_theft"', 1))
    catalogue = load_catalogue(tmp_path)
    assert "scooter_theft" in catalogue
    assert "scooter_theft" not in load_catalogue()


def test_every_fault_of_every_file_is_told_at_once(tmp_path, good):
    bad = (
        good.replace('"bicycle_theft"', '"one"', 1)
        .replace('unit = "fact"', 'unit = "bike"')
        .replace('source = "police"', 'source = "rumour"')
        .replace('phenomena = ["bicycle_theft"]', 'phenomena = ["bycicle"]')
        .replace('"5.7"', '"5.77"')
    )
    write(tmp_path, "one", bad)
    write(
        tmp_path,
        "two",
        good.replace('[title]\nfr = "Vols de vélos"', "[title]").replace("per =", "pre ="),
    )
    write(tmp_path, "three", "id = ")
    message = faults_of(tmp_path)
    for fault in (
        "one.toml: unit: 'bike' is not one of fact",
        "one.toml: source: 'rumour' is not one of police",
        "one.toml: phenomena.0: 'bycicle' is not one of",
        "'5.77' is not one of",
        "two.toml: unknown key 'pre' (did you mean 'per'?)",
        "two.toml: 'title' has no text in 'fr'",
        "three.toml: is not valid TOML",
    ):
        assert fault in message


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('denominators = ["population"]', "", "a rate needs a denominator"),
        ('kind = "rate"', 'kind = "count"', "has no denominators"),
        ('kind = "rate"', 'kind = "share"', "names its 'whole'"),
        ('first_period = "2000"', 'first_period = "since 2000"', "must be a year"),
        ("decimals = 1", "decimals = true", "must be a whole number"),
        ('unit = "fact"', 'unit = "fact"\nparts = ["nothing"]', "there is no indicator 'nothing'"),
        ('unit = "fact"', 'unit = "fact"\nparts = ["vif_pv"]', "counts another unit"),
        (
            'unit = "fact"',
            'unit = "fact"\nwhere = { form = ["verbal"] }',
            "where.form: 'verbal' is not one of physical",
        ),
        (
            'unit = "fact"',
            'unit = "fact"\nwhere = { street = ["a"] }',
            "unknown key 'where.street'",
        ),
    ],
)
def test_contradictions_are_told(tmp_path, good, old, new, fault):
    write(tmp_path, "mine", good.replace('"bicycle_theft"', '"mine"', 1).replace(old, new, 1))
    assert fault in faults_of(tmp_path)


def test_the_file_is_called_after_its_indicator(tmp_path, good):
    write(tmp_path, "other", good)
    assert "must be called bicycle_theft.toml" in faults_of(tmp_path)


def test_an_id_is_given_once(tmp_path, good):
    write(tmp_path, "bicycle_theft", good)
    assert "already in the catalogue" in faults_of(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    assert "is not there" in faults_of(tmp_path / "none")


def test_every_text_is_in_each_language_that_one_of_them_is_in(tmp_path, good):
    text = good.replace('"bicycle_theft"', '"mine"', 1)
    write(tmp_path, "mine", "\n".join(x for x in text.split("\n") if not x.startswith("en = ")))
    assert set(load_catalogue(tmp_path)["mine"].title) == {"fr", "nl"}
    other = tmp_path / "other"
    other.mkdir()
    write(other, "mine", text.replace('[caveat]\nfr = "', '[caveat]\nde = "x"\nfr = "', 1))
    message = faults_of(other)
    assert "mine.toml: 'title' has no text in 'de'" in message
    assert "'caveat' has no text" not in message


def test_faults_of_shape_do_not_hide_those_of_sense(tmp_path, good):
    bad = good.replace('"bicycle_theft"', '"mine"', 1).replace("decimals = 1", "decimals = true")
    write(tmp_path, "mine", bad.replace('denominators = ["population"]', ""))
    message = faults_of(tmp_path)
    assert "mine.toml: 'decimals' must be a whole number, not true or false" in message
    assert "mine.toml: denominators: a rate needs a denominator" in message


def test_references_of_and_to_a_faulty_file_are_judged_by_what_was_read(tmp_path, good):
    whole = good.replace('"bicycle_theft"', '"whole"', 1).replace("decimals = 1", "decimals = []")
    write(tmp_path, "whole", whole.replace("per =", 'parts = ["broken", "half", "gone"]\nper ='))
    write(tmp_path, "broken", "id = ")
    write(tmp_path, "half", good.replace('"bicycle_theft"', '"half"', 1).replace('"fact"', "3"))
    lines = faults_of(tmp_path).split("\n")[1:]
    assert [line.removeprefix("- ") for line in lines] == [
        "broken.toml: is not valid TOML: Invalid value (at end of document)",
        "half.toml: 'unit' must be a text, not a whole number",
        "whole.toml: 'decimals' must be a whole number, not a list",
        "whole.toml: parts: there is no indicator 'gone'",
    ]
