"""From a question to a published answer: a draft, the ledger at publication, the list of the site."""

import json
import shlex
import shutil

import pytest

from obs.__main__ import main
from obs.disclosure import Ledger, ledger_path
from obs.pipeline.answers.answering import _next_number
from obs.pipeline.answers.asked import asked_of
from obs.reference import load_observatory, load_territory
from obs.report.edition.manifest import read_manifest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base(tmp_path_factory, sample_raw):
    """Give the deliveries of the police of one year, all that an answer on thefts needs."""
    base = tmp_path_factory.mktemp("answers")
    (base / "raw" / "police").mkdir(parents=True)
    for path in sample_raw.glob("police/police_2024_*.csv"):
        shutil.copy(path, base / "raw" / "police" / path.name)
    return base


def folders(base, *names):
    return [word for name in names for word in (f"--{name}", str(base / name))]


def ask(base, question, *options):
    where = folders(base, "raw", "out", "processed")
    return main(["answer", question, *options, "--lang", "fr", *where])


def test_an_answer_is_a_draft_until_it_is_published_and_then_in_ledger_list_and_feed(base, capsys):
    asked = ("Combien de vols à Ixelles ?", "--indicator", "theft", "--places", "Ixelles")
    assert ask(base, *asked, "--period", "2024") == 0
    out, inside = base / "out", folders(base, "out", "processed")
    told = capsys.readouterr()
    assert "publish 2024a1" in told.out
    assert "anew: rows of police by obs_sample (new deliveries)" in told.err
    manifest = read_manifest(out / "2024a1")
    assert (manifest["state"], manifest["kind"]) == ("draft", "answer")
    assert {p.name for p in (out / "2024a1").glob("answer.fr.*")} == {
        "answer.fr.html",
        "answer.fr.pdf",
    }
    assert not ledger_path(base / "processed", out).exists()
    assert "2024a1" not in (out / "index.html").read_text("utf-8")

    assert main(["publish", "2024a1", "--by", "A. Editor", "--quiet", *inside]) == 0
    ledger = Ledger(ledger_path(base / "processed", out)).history
    assert set(ledger["edition"]) == {"2024a1"}
    assert set(ledger["territory"]) == {"21009", "04000"}  # what is shown, no more
    assert 'href="2024a1/index.html"' in (out / "index.html").read_text("utf-8")
    assert "urn:obs:brussels:2024a1" in (out / "feed.fr.xml").read_text("utf-8")
    checked = ["check", str(out), "--processed", str(base / "processed"), "--quiet"]
    assert main(checked) == 0
    assert main(["ledger", str(out), "--quiet", *folders(base, "processed")]) == 0
    assert "0 of them written down now" in capsys.readouterr().out

    assert ask(base, "Et à Koekelberg ?", *MONTH) == 3  # refused, with a way out that works
    said = capsys.readouterr().err
    assert "nothing of 'robbery' in 21011, 2024-02 can be published" in said
    assert "as before: rows of police by obs_sample" in said
    assert "Traceback" not in said
    command = next(line for line in said.splitlines() if line.startswith("  obs answer"))
    assert main([*shlex.split(command)[1:], "--quiet"]) == 0
    assert not (out / "2024a3").exists()


MONTH = ("--indicator", "robbery", "--places", "Koekelberg", "--period", "2024-02")


def test_the_same_question_keeps_its_number_as_long_as_it_is_a_draft(tmp_path):
    def asked(question):
        options = {"indicator": "theft", "places": ["Ixelles"], "period": "2024", "lang": "fr"}
        return asked_of(load_observatory(), load_territory(), question=question, **options)

    assert _next_number(tmp_path, 2024, asked("Combien ?")) == "2024a1"
    for name, state in (("2024a1", "published"), ("2024a2", "draft"), ("2023a7", "draft")):
        (tmp_path / name).mkdir()
        parameters = {"question": "Combien ?", "indicator": "theft", "places": "21009"}
        parameters |= {"period": "2024", "lang": "fr"}
        versions = {"fr": {"parameters": parameters, "numbers": [], "blocks": []}}
        manifest = {"state": state, "files": {}, "notes": {"answer": versions}}
        (tmp_path / name / "manifest.json").write_text(json.dumps(manifest))
    assert _next_number(tmp_path, 2024, asked("Combien ?")) == "2024a2"
    assert _next_number(tmp_path, 2024, asked("Pourquoi ?")) == "2024a3"
