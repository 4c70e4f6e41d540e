"""From a draft to an edition: at its hour, by someone, whole; nothing is known to readers before."""

import csv
import datetime as dt
import xml.etree.ElementTree as ET

import openpyxl
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import obs
from obs.__main__ import main
from obs.catalogue import get_indicator, kept_catalogue
from obs.disclosure import Ledger, internal_folder, ledger_path
from obs.errors import CatalogueError, DisclosureError, ObsError, PublicationError
from obs.pipeline.publication import publish_edition
from obs.pipeline.publication.draft_edition import clear_drafts, keeper, place_of_draft
from obs.pipeline.publication.publish_edition import APPROVALS, finish_publications
from obs.report.checks.check_path import check_path, check_publication
from obs.report.edition.drafts import Draft, drafts_of
from obs.report.edition.edition_facts import edition_facts
from obs.report.edition.edition_files import write_files
from obs.report.edition.manifest import read_manifest
from obs.report.edition.site import write_site
from obs.report.edition.whole_folders import replaced_folder
from obs.report.figures.data_file import csv_text
from obs.report.kernel.output_gate import seal
from obs.report.page.content import read_page
from tests.report.conftest import hand_made
from tests.report.small_tables import brussels_rows, indicator_table

NOON = dt.datetime(2025, 6, 30, 10, tzinfo=dt.UTC)  # noon in Brussels
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def released():
    return obs.release({"tiny.years": indicator_table(brussels_rows(indicator="theft"))})


def page(released, *, edition="2024", announced=""):
    """A page in French, as a build has it: without a day of publication."""
    csv_file = {"filename": "table-theft.csv", "text": csv_text(released.select(level="region"))}
    front = {"observatory": "Observatoire", "publisher": "Observatoire", "title": "Vols"}
    front |= {"permanent_name": f"urn:obs:town:{edition}", "announced": announced}
    front |= {"extracted": "2025-01-31", "covered_to": "2024-12-31", "licence": "CC BY 4.0"}
    output = new_output(
        "display_data",
        data={"application/vnd.obs+json": hand_made("table", "table-theft", "fr", csv=csv_file)},
    )
    cells = [new_markdown_cell("# Vols. Stables"), new_code_cell("", outputs=[output])]
    about = {"lang": "fr", "parameters": {"edition": edition}, "front": front}
    notebook = new_notebook(cells=cells, metadata={"obs": about})
    notebook.metadata["obs"]["seal"] = seal(notebook)
    return read_page(notebook, name="tiny")


def drafted(
    base, released, *, edition="2024", announced="", unconfirmed=(), dry_run=False, catalogue=None
):
    """Leave what a build leaves; give the folder of the draft."""
    out, processed = base / "publications", base / "processed"
    ledger = Ledger(ledger_path(processed, out))
    place = place_of_draft(out, edition, dry_run=dry_run)
    about = edition_facts(released, known=ledger, langs=["fr"]) | {"above": "../"}
    draft = Draft(
        edition=edition,
        observatory="town",
        languages=["fr"],
        sources=[],
        about=about,
        commit=None,
        accounts={"edition": edition, "ledger": ledger.mark, "sources": []},
        titles={"fr": "Observatoire"},
        time_zone="Europe/Brussels",
        unconfirmed=list(unconfirmed),
        catalogue=catalogue or {},
    )
    pages = [page(released, edition=edition, announced=announced)]
    with replaced_folder(place) as aside:
        public = write_files(pages, aside, about=about)
        keeper(draft, internal_folder(processed, out), released)(public, pages, None)
    clear_drafts(out, processed, edition)
    write_site(out, titles=draft.titles)
    return place


@pytest.fixture
def draft(tmp_path, released):
    drafted(tmp_path, released)
    return tmp_path


def publish(base, edition="2024", *, by="A. Editor", now=NOON):
    return obs.publish(
        edition,
        approved_by=by,
        out=base / "publications",
        processed=base / "processed",
        now=now,
    )


def ledger_of(base):
    return Ledger(ledger_path(base / "processed", base / "publications"))


def contents(folder):
    """Every file but the locks of those who write."""
    files = [p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")]
    return {p.relative_to(folder): p.read_bytes() for p in files}


def test_a_draft_is_marked_and_is_in_neither_ledger_nor_list_nor_feed(draft):
    out = draft / "publications"
    assert read_manifest(out / "2024")["state"] == "draft"
    for name in ("tiny.fr.html", "index.fr.html", "index.html"):
        assert "Projet, non publié" in (out / "2024" / name).read_text("utf-8"), name
    assert "Aucune édition n’est encore publiée." in (out / "index.html").read_text("utf-8")
    assert not (out / "feed.fr.xml").exists()
    assert len(ledger_of(draft)) == 0
    assert check_path(out, processed=draft / "processed") == []
    with pytest.raises(DisclosureError, match="Drafts are read once `obs publish` has"):
        ledger_of(draft).rebuild(out)


def test_publishing_dates_it_and_tells_readers_of_it(draft, released):
    done = publish(draft)
    out = draft / "publications"
    assert (done.folder, done.published) == (out / "2024", dt.date(2025, 6, 30))
    manifest = read_manifest(out / "2024")
    assert (manifest["state"], manifest["published"]) == ("published", "2025-06-30")
    text = (out / "2024" / "tiny.fr.html").read_text("utf-8")
    assert "Publié le 30 juin 2025" in text
    assert "Projet" not in text
    ledger = ledger_of(draft)
    assert done.counts == len(ledger) > 0
    assert set(ledger.history["edition"]) == {"2024"}
    assert ledger.reveals_nothing_new(released, since=len(ledger))
    assert check_path(out, processed=draft / "processed") == []
    assert 'href="2024/index.fr.html"' in (out / "index.html").read_text("utf-8")
    assert drafts_of(internal_folder(draft / "processed", out)) == []


def test_who_approved_is_recorded_inside_and_on_no_page(draft):
    publish(draft, by="  M. Dupont ")
    inside = internal_folder(draft / "processed", draft / "publications")
    with (inside / APPROVALS).open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["edition"], row["published"], row["approved_by"]) == (
        "2024",
        "2025-06-30",
        "M. Dupont",
    )
    assert (inside / APPROVALS).stat().st_mode & 0o777 == 0o600
    shown = contents(draft / "publications").values()
    assert not [1 for content in shown if b"Dupont" in content]


def test_the_feed_is_that_of_rfc_4287(draft, tmp_path, released):
    publish(draft)
    drafted(tmp_path, released, edition="2025")
    publish(draft, "2025", now=NOON + dt.timedelta(days=365))
    feed = ET.parse(draft / "publications" / "feed.fr.xml").getroot()
    assert feed.tag == f"{ATOM}feed"
    for needed in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{needed}")) == 1, needed
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Observatoire"
    entries = feed.findall(f"{ATOM}entry")
    assert [e.findtext(f"{ATOM}id") for e in entries] == ["urn:obs:town:2025", "urn:obs:town:2024"]
    for entry in entries:
        assert dt.datetime.fromisoformat(entry.findtext(f"{ATOM}updated"))
        (link,) = entry.findall(f"{ATOM}link")
        assert (draft / "publications" / link.get("href")).is_file()
        assert entry.findtext(f"{ATOM}summary") == "Vols. Stables."
    assert feed.findtext(f"{ATOM}updated") == "2026-06-30T12:00:00Z"
    later = (draft / "publications" / "2025" / "index.fr.html").read_text("utf-8")
    assert '<a href="../2024/index.fr.html">Édition 2024</a> · Publié le 30 juin 2025' in later


def test_nothing_is_published_before_the_announced_hour(tmp_path, released):
    announced = "2025-06-30T12:00:00+02:00"
    drafted(tmp_path, released, announced=announced)
    before = contents(tmp_path)
    early = NOON - dt.timedelta(minutes=1)
    with pytest.raises(PublicationError) as refused:
        publish(tmp_path, now=early)
    assert "announced for 2025-06-30 12:00 (Europe/Brussels), and it is 2025-06-30 11:59" in str(
        refused.value
    )
    assert contents(tmp_path) == before
    publish(tmp_path, now=NOON)
    assert read_manifest(tmp_path / "publications" / "2024")["announced"] == announced


def test_the_day_is_that_of_the_observatory(tmp_path, released):
    drafted(tmp_path, released)
    late = dt.datetime(2025, 6, 30, 22, 30, tzinfo=dt.UTC)  # half past midnight in Brussels
    assert publish(tmp_path, now=late).published == dt.date(2025, 7, 1)


def spoil_page(base):
    path = base / "publications" / "2024" / "tiny.fr.html"
    path.write_text(path.read_text("utf-8").replace("Stables", "Doublés"), encoding="utf-8")


def spoil_manifest(base):
    path = base / "publications" / "2024" / "manifest.json"
    path.write_text(path.read_text("utf-8") + "\n", encoding="utf-8")


def spoil_inside(base):
    (folder,) = drafts_of(internal_folder(base / "processed", base / "publications"))
    text = (folder / "pages.json").read_text("utf-8")
    (folder / "pages.json").write_text(text.replace("Stables", "Doublés"), encoding="utf-8")


def lose_inside(base):
    (folder,) = drafts_of(internal_folder(base / "processed", base / "publications"))
    (folder / "draft.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_page, "the draft of edition 2024 is damaged: tiny.fr.html: was changed"),
        (spoil_manifest, "is not the one that was built: its manifest.json was changed"),
        (spoil_inside, "the internal part of the draft of edition 2024 is damaged: build it again"),
        (lose_inside, "the internal part of the draft of edition 2024 is damaged: build it again"),
    ],
)
def test_a_damaged_draft_is_refused_and_stays_a_draft(draft, capsys, spoil, said):
    spoil(draft)
    before = contents(draft / "publications")
    folders = ["--out", str(draft / "publications"), "--processed", str(draft / "processed")]
    assert main(["publish", "2024", "--by", "A. Editor", "--quiet", *folders]) == 3
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert contents(draft / "publications") == before
    assert len(ledger_of(draft)) == 0


def test_a_published_edition_is_not_published_twice(draft, capsys):
    publish(draft)
    before = contents(draft)
    folders = ["--out", str(draft / "publications"), "--processed", str(draft / "processed")]
    assert main(["publish", "2024", "--by", "B", "--quiet", *folders]) == 2
    assert (
        "edition 2024 is published already (2025-06-30). To correct it" in capsys.readouterr().err
    )
    assert contents(draft) == before


@pytest.mark.parametrize(
    ("edition", "by", "said"),
    [
        ("2023", "B", "there is no draft of edition 2023 in 'publications': `obs build` makes"),
        ("2023", "B", "Drafts there: 2024."),
        ("2024", " ", "say who approves the edition"),
        ("../2024", "B", "or an answer, as 2024a1, not '../2024'"),
    ],
)
def test_wrong_use_of_publish_is_told(draft, capsys, edition, by, said):
    folders = ["--out", str(draft / "publications"), "--processed", str(draft / "processed")]
    assert main(["publish", edition, "--by", by, "--quiet", *folders]) == 2
    assert said in capsys.readouterr().err


def test_other_internal_tables_are_told(draft):
    with pytest.raises(ObsError, match="'elsewhere' keeps nothing of the publications"):
        obs.publish(
            "2024", approved_by="A", out=draft / "publications", processed=draft / "elsewhere"
        )


def test_a_draft_of_an_unconfirmed_profile_stays_one(tmp_path, released):
    drafted(tmp_path, released, unconfirmed=["faits"])
    with pytest.raises(PublicationError, match="stays a draft: profile faits is not confirmed"):
        publish(tmp_path)


def test_a_correction_waits_beside_what_readers_have(draft, released):
    publish(draft)
    out = draft / "publications"
    before = contents(out / "2024")
    place = drafted(draft, released)
    assert place == out / "drafts" / "2024"
    assert contents(out / "2024") == before
    lines = len(ledger_of(draft))
    done = publish(draft, by="B. Editor", now=NOON + dt.timedelta(days=10))
    assert (done.published, done.counts) == (dt.date(2025, 7, 10), 0)
    assert len(ledger_of(draft)) == lines
    assert not (out / "drafts").exists()
    manifest = read_manifest(out / "2024")
    assert (manifest["published"], manifest["replaces"]) == ("2025-07-10", ["2025-06-30"])
    said = "Cette édition remplace celle qui a été publiée le 30 juin 2025."
    assert said in (out / "2024" / "index.fr.html").read_text("utf-8")
    (entry,) = ET.parse(out / "feed.fr.xml").getroot().findall(f"{ATOM}entry")
    days = [entry.findtext(f"{ATOM}{name}")[:10] for name in ("published", "updated")]
    assert days == ["2025-06-30", "2025-07-10"]
    inside = internal_folder(draft / "processed", out)
    assert len((inside / APPROVALS).read_text("utf-8").splitlines()) == 3
    assert check_path(out, processed=draft / "processed") == []


def test_an_edition_that_showed_nothing_new_comes_back_after_a_revision(tmp_path, released):
    """It has no line in the ledger; the answer, named before it, revised what it shows."""
    more = brussels_rows(indicator="theft", per_thousand=21.0)
    revised = obs.release({"tiny.years": indicator_table(more)})
    ledger_of(tmp_path).append(released, edition="2022")
    drafted(tmp_path, released, edition="2023")
    assert publish(tmp_path, "2023").counts == 0
    ledger_of(tmp_path).append(revised, edition="2022a1")
    lines = ledger_of(tmp_path).lines
    assert {line[0] for line in lines} == {"2022", "2022a1"}
    drafted(tmp_path, released, edition="2023")
    assert publish(tmp_path, "2023", now=NOON + dt.timedelta(days=10)).counts == 0
    assert ledger_of(tmp_path).lines == lines


def test_a_dry_run_leaves_what_is_there_and_can_be_published(tmp_path, released):
    place = drafted(tmp_path, released, dry_run=True)
    assert place == tmp_path / "publications" / "drafts" / "2024"
    drafted(tmp_path, released, announced="2025-06-30T12:00:00+02:00")
    out, inside = (
        tmp_path / "publications",
        internal_folder(tmp_path / "processed", tmp_path / "publications"),
    )
    assert len(drafts_of(inside)) == 2, "each has its internal part"
    publish(tmp_path)
    assert read_manifest(out / "2024")["announced"], "the draft in its own place goes first"
    assert len(drafts_of(inside)) == 1
    assert read_manifest(place)["state"] == "draft"


def test_a_draft_solved_against_less_than_readers_know_is_refused(tmp_path, released):
    drafted(tmp_path, released, edition="2024")
    other = obs.release({"tiny.years": indicator_table(brussels_rows(indicator="robbery"))})
    drafted(tmp_path, other, edition="2023")
    publish(tmp_path, "2023")
    with pytest.raises(PublicationError, match="more were published since: build it again"):
        publish(tmp_path)
    assert read_manifest(tmp_path / "publications" / "2024")["state"] == "draft"


class Killed(BaseException):
    """The run ends here."""


STEPS = (
    *("write_files", "check_publication", "write_internal_manifest", "approve", "_take_counts"),
    *("_record", "_clear_public", "write_site", "clear_drafts"),
)


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_publication_leaves_a_draft_or_an_edition(draft, monkeypatch, step):

    def killed(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(publish_edition, step, killed)
        with pytest.raises(Killed):
            publish(draft)
    out, inside = (
        draft / "publications",
        internal_folder(draft / "processed", draft / "publications"),
    )
    state = read_manifest(out / "2024")["state"]
    assert check_publication(out / "2024") == []
    assert state == ("draft" if STEPS.index(step) < 4 else "published")
    if state == "draft":
        assert len(ledger_of(draft)) == 0
        publish(draft)
    else:
        finish_publications(out, draft / "processed", lambda _: None)
    assert 'href="2024/index.fr.html"' in (out / "index.html").read_text("utf-8")
    assert read_manifest(out / "2024")["state"] == "published"
    assert len(ledger_of(draft)) > 0
    assert len((inside / APPROVALS).read_text("utf-8").splitlines()) == 2
    assert drafts_of(inside) == []
    assert check_path(out, processed=draft / "processed") == []


def test_a_published_workbook_names_the_indicators_of_the_observatorys_own(tmp_path, root):
    text = (root / "obs/catalogue/indicators/bicycle_theft.toml").read_text(encoding="utf-8")
    text = text.replace('id = "bicycle_theft"', 'id = "cyber_harassment"')
    text = text.replace("Vols de vélos", "Harcèlement en ligne")
    texts = {"cyber_harassment.toml": text}
    with kept_catalogue(texts):
        rows = brussels_rows(indicator="cyber_harassment")
        own = obs.release({"tiny.years": indicator_table(rows)})
        drafted(tmp_path, own, catalogue=texts)
    publish(tmp_path)
    book = tmp_path / "publications" / "2024" / "data" / "tiny.fr.xlsx"
    rows = openpyxl.load_workbook(book).worksheets[1].iter_rows(min_row=3, values_only=True)
    header, first, *_ = rows
    told = dict(zip(header, first, strict=True))
    assert told["indicator"] == "cyber_harassment"
    assert told["indicator, en clair"] == "Harcèlement en ligne"
    with pytest.raises(CatalogueError, match="no indicator 'cyber_harassment'"):
        get_indicator("cyber_harassment")
