"""A published edition is corrected in the open: a notice beside it, its own files as they were."""

import csv
import io

import pytest

import obs
from obs.__main__ import main
from obs.disclosure import Ledger, internal_folder, ledger_path
from obs.errors import CatalogueError, ObsError, PublicationError
from obs.pipeline.publication.correct_edition import correct_edition
from obs.report.checks.check_path import check_path
from obs.report.edition.manifest import read_manifest
from tests.pipeline.publication.test_publish_edition import (
    NOON,
    contents,
    drafted,
    ledger_of,
    publish,
)
from tests.report.small_tables import brussels_rows, indicator_table

WRONG = 'page = "tiny"\n{}\n[wrong]\nfr = "Une zone manquait en 2024."\n'
VALUE = '[[value]]\nindicator = "theft"\nterritory = "04000"\nperiod = "2024"\n'
LANGS = ("fr", "nl", "en")


def released(extra=0):
    rows = brussels_rows(indicator="theft")
    for row in rows:
        inside = row["territory"] in ("21004", "5339", "04000")  # the City, its zone, the Region
        row["numerator"] += extra if inside and row["period"] == 2024 else 0
    return obs.release({"tiny.years": indicator_table(rows)})


@pytest.fixture
def edition(tmp_path):
    drafted(tmp_path, released())
    publish(tmp_path)
    return tmp_path


def notice(base, text):
    path = base / "notice.toml"
    path.write_text(text, encoding="utf-8")
    return path


def correct(base, text, *, edition="2024", by="A. Editor"):
    return correct_edition(
        edition,
        notice(base, text),
        approved_by=by,
        out=base / "publications",
        processed=base / "processed",
        now=NOON,
    )


def test_a_withdrawn_figure_has_a_notice_and_every_page_stays_as_it_was(edition):
    folder = edition / "publications" / "2024"
    before = contents(folder)
    text = WRONG.format('figure = "table-theft"\nwithdrawn = true')
    done = correct(edition, text)
    assert done.pages == (folder / "corrections" / "correction-1.fr.html",)
    after = contents(folder)
    changed = {str(p) for p in before if after[p] != before[p]}
    assert changed == {"index.fr.html", "index.html", "manifest.json"}  # those that tell of it
    page = done.pages[0].read_text("utf-8")
    assert "Correction n° 1 – Édition 2024" in page.replace("\u00a0", " ")
    assert "Une zone manquait en 2024." in page
    assert "ne doit plus être ni utilisé ni cité" in page
    assert "Publié le 30 juin 2025" in page
    assert "A. Editor" not in page
    assert check_path(edition / "publications", processed=edition / "processed") == []


def test_front_page_list_and_feed_tell_of_it_and_the_next_edition_too(edition):
    correct(edition, WRONG.format("withdrawn = true"))
    correct(edition, WRONG.format("withdrawn = true").replace("Une zone", "Une seconde zone"))
    out = edition / "publications"
    front = (out / "2024" / "index.fr.html").read_text("utf-8")
    assert front.count('href="corrections/correction-1.fr.html"') == 1
    assert front.count('href="corrections/correction-2.fr.html"') == 1
    assert "Aucune correction à ce jour" not in front
    for page in (out / "2024" / "index.html", out / "index.html"):
        assert "correction-2.fr.html" in page.read_text("utf-8")
    feed = (out / "feed.fr.xml").read_text("utf-8")
    assert "<id>urn:obs:town:2024:correction-2</id>" in feed
    assert [one["number"] for one in read_manifest(out / "2024")["corrections"]] == [1, 2]
    drafted(edition, obs.release({"tiny.years": indicator_table(brussels_rows())}), edition="2025")
    publish(edition, "2025")
    later = (out / "2025" / "index.fr.html").read_text("utf-8")
    assert 'href="../2024/corrections/correction-1.fr.html"' in later


def test_a_right_value_is_that_of_the_draft_and_reaches_the_ledger(edition):
    drafted(edition, released(extra=7))
    done = correct(edition, WRONG.format("").replace("\n\n", "\n") + VALUE)
    data = edition / "publications" / "2024" / "data" / "correction-1_values.csv"
    (row,) = csv.DictReader(io.StringIO(data.read_text("utf-8")))
    assert int(row["numerator"]) == int(row["published_numerator"]) + 7
    count = f"{int(row['numerator']):,}".replace(",", "\u202f")
    assert count in done.pages[0].read_text("utf-8")
    known = ledger_of(edition).history
    own = known[(known["territory"] == "04000") & (known["period"] == "2024")]
    assert own["numerator"].tolist()[-1] == int(row["numerator"])
    assert check_path(edition / "publications", processed=edition / "processed") == []


def test_the_edition_that_replaces_it_keeps_its_notices(edition):
    drafted(edition, released(extra=7))
    correct(edition, WRONG.format("").replace("\n\n", "\n") + VALUE)
    publish(edition)
    folder = edition / "publications" / "2024"
    assert (folder / "corrections" / "correction-1.fr.html").is_file()
    assert "corrections/correction-1.fr.html" in (folder / "index.fr.html").read_text("utf-8")
    assert check_path(edition / "publications", processed=edition / "processed") == []


def test_a_ledger_made_again_from_the_publications_knows_the_right_value(edition):
    drafted(edition, released(extra=7))
    correct(edition, WRONG.format("").replace("\n\n", "\n") + VALUE)
    publish(edition)
    lines = [line[1:] for line in ledger_of(edition).lines]
    again = Ledger(edition / "again.csv")
    again.rebuild(edition / "publications")
    right = [line for line in lines if line[:3] == ("theft", "04000", "2024")]
    assert right[-1] in {line[1:] for line in again.lines}


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (WRONG.format(""), CatalogueError, "either withdrawn .* or has its right value"),
        (WRONG.format("withdrawn = true") + VALUE, CatalogueError, "either withdrawn"),
        (
            'page = "tiny"\nwithdrawn = true\n[wrong]\nfr = "Il y avait 37 faits."\n',
            CatalogueError,
            "wrong.fr: holds a figure",
        ),
        (
            'page = "tiny"\nwithdrawn = true\n[wrong]\nfr = "<b>x"\n',
            CatalogueError,
            "takes for markup",
        ),
        (
            WRONG.format("withdrawn = true").replace('"tiny"', '"tinny"'),
            ObsError,
            "did you mean 'tiny'",
        ),
        (
            WRONG.format('withdrawn = true\nfigure = "table-thef"'),
            ObsError,
            "no figure 'table-thef'.*did you mean 'table-theft'",
        ),
        (
            'page = "tiny"\nwithdrawn = true\n[wrong]\nen = "A zone."\n',
            ObsError,
            "does not say what was wrong in fr",
        ),
        (WRONG.format("").replace("\n\n", "\n") + VALUE, ObsError, "no draft that corrects 2024"),
    ],
)
def test_a_notice_with_faults_changes_nothing(edition, text, error, said):
    before = contents(edition / "publications")
    with pytest.raises(error, match=said):
        correct(edition, text)
    assert contents(edition / "publications") == before


def test_a_value_that_is_not_published_is_not_told_by_a_notice(edition):
    """The draft withholds it; naming it gives nothing away."""
    drafted(edition, released(extra=7))
    hidden = VALUE.replace("04000", "21008")
    with pytest.raises(
        ObsError, match="the draft publishes no figure indicator=theft, territory=21008"
    ):
        correct(edition, WRONG.format("").replace("\n\n", "\n") + hidden)
    never = VALUE.replace("04000", "21004")  # the page shows the Region alone
    with pytest.raises(ObsError, match="a notice corrects what was published"):
        correct(edition, WRONG.format("").replace("\n\n", "\n") + never)


def test_an_edition_that_was_changed_or_never_published_takes_no_notice(edition):
    text = WRONG.format("withdrawn = true")
    with pytest.raises(ObsError, match="no published edition '2023'"):
        correct(edition, text, edition="2023")
    with pytest.raises(ObsError, match="say who approves the notice"):
        correct(edition, text, by=" ")
    page = edition / "publications" / "2024" / "tiny.fr.html"
    page.write_text(page.read_text("utf-8").replace("Vols", "Vol"), encoding="utf-8")
    with pytest.raises(PublicationError, match=r"tiny.fr.html: was changed after it was published"):
        correct(edition, text)


def test_the_command_issues_it_and_who_approved_it_is_kept_inside(edition, capsys):
    path = notice(edition, WRONG.format("withdrawn = true"))
    folders = ["--out", str(edition / "publications"), "--processed", str(edition / "processed")]
    assert main(["correct", "2024", str(path), "--by", "B. Editor", "--quiet", *folders]) == 0
    assert "notice 1, " in capsys.readouterr().out
    inside = internal_folder(edition / "processed", edition / "publications")
    assert "B. Editor" in (inside / "approvals.csv").read_text("utf-8")
    path.write_text("page = 3", encoding="utf-8")
    assert main(["correct", "2024", str(path), "--by", "B", "--quiet", *folders]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert ledger_path(edition / "processed", edition / "publications").is_file()
