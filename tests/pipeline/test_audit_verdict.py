"""The page of the data-protection officer: its languages, its relations, and who may read it."""

import stat

import pytest

from obs.disclosure import Ledger, release
from obs.errors import DisclosureError
from obs.pipeline.audit_verdict import AUDIT, judge
from tests.disclosure.cells.test_relations import REPORTS, at, rows
from tests.disclosure.small_town import make_town

TOWN = make_town()


def judged(tmp_path, **more):
    tables = {"t": rows(at("A", 40, "facts"), at("A", 4, "reports", unit="pv"))}
    released = release(tables, territory=TOWN, catalogue=REPORTS)
    ledger = Ledger(tmp_path / "ledger.csv")
    given = {"known": ledger, "edition": 2022, "folder": tmp_path / "internal"} | more
    return judge(released, tables, languages=("fr", "nl"), **given)


def test_the_page_speaks_each_language_of_the_observatory_and_lists_the_relations(tmp_path):
    page = judged(tmp_path)
    assert '<html lang="fr">' in page
    for lang, title, relation in (
        ("fr", "Audit de confidentialité", "au plus"),
        ("nl", "Audit van de vertrouwelijkheid", "hoogstens"),
    ):
        part = page.split(f'<section id="{lang}" lang="{lang}">')[1].split("</section>")[0]
        assert f"<h1>{title}</h1>" in part
        assert f"<td>{relation}</td><td>reports</td><td>facts</td>" in part
    assert "Disclosure audit" not in page


def test_the_page_of_a_refused_edition_is_its_owner_s_alone_to_read(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise DisclosureError("unsafe.")

    monkeypatch.setattr("obs.pipeline.audit_verdict.refuse_unsafe", refuse)
    with pytest.raises(DisclosureError, match=r"unsafe\. Page: .*disclosure_audit\.html"):
        judged(tmp_path)
    path = tmp_path / "internal" / AUDIT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
