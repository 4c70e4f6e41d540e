"""What a workbook says beside its values, from parts written by hand."""

import io
import zipfile
from pathlib import Path

import pytest

from obs.clean.read.file_checks import Delivery
from obs.clean.read.workbooks.sheet_marks import marks_of
from obs.errors import DeliveryError

BOOK = '<workbook><sheets><sheet name="A &amp; B" r:id="rId1"/></sheets></workbook>'
RELATIONS = '<Relationships><Relationship Id="rId1" Target="worksheets/s1.xml"/></Relationships>'


def book(kind="xlsx", **parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return Delivery(Path("a"), "a", "", kind, out.getvalue())


def xlsx(sheet, *, workbook=BOOK, relations=RELATIONS):
    parts = {
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": relations,
        "xl/worksheets/s1.xml": f"<worksheet><sheetData>{sheet}</sheetData></worksheet>",
    }
    return marks_of(book(**parts))


def of_sheet(cells):
    return xlsx(cells)["A & B"]


def test_cells_are_counted_and_the_last_row_and_column_told():
    found = of_sheet('<row r="1"><c r="A1"/><c r="AB1"/></row><row r="12"><c r="$B$12"/></row>')
    assert (found.cells, found.last_row, found.last_column) == (3, 11, 27)
    assert (found.repeated, found.hidden, found.from_1904) == ("", set(), False)
    empty = of_sheet("<row/>")
    assert (empty.cells, empty.last_row, empty.last_column) == (0, -1, -1)


@pytest.mark.parametrize(
    ("place", "other"), [("B3", "C3"), ("Z9", "AA9"), ("AA10", "Z10"), ("AZ1", "BA1")]
)
def test_a_cell_that_stands_twice_is_named(place, other):
    rows = f'<c r="{other}"/><c r="{place}"/><c r="{place}"/><c r="{other}"/>'
    assert of_sheet(rows).repeated == place
    assert of_sheet(f'<c r="{other}"/><c r="{place}"/>').repeated == ""


STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0\\ %"/>'
    '<numFmt formatCode="0&quot;%&quot;" numFmtId="165"/><numFmt numFmtId="166" formatCode="0"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="9"/><xf numFmtId="9"/></cellStyleXfs><cellXfs count="6">'
    '<xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="10"><x/></xf><xf numFmtId="164"/>'
    '<xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>'
)


def test_cells_shown_with_a_percent_sign_are_told_by_their_style():
    cells = "".join(f'<c r="A{i + 1}" s="{i}"><v>1</v></c>' for i in range(6))
    parts = {
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/styles.xml": STYLES,
        "xl/worksheets/s1.xml": f'<worksheet>{cells}<c s="1" r="C1"/><c r="D1"/></worksheet>',
    }
    found = marks_of(book(**parts))["A & B"].percent
    assert found == [(i, 0, i, 0) for i in (1, 2, 3, 4)] + [(0, 2, 0, 2)]
    with pytest.raises(DeliveryError, match="declares entities"):
        marks_of(book(**{**parts, "xl/styles.xml": f"<!DOCTYPE x>{STYLES}"}))


def test_shares_of_an_ods_are_told_however_often_they_are_repeated():
    share = 'office:value-type="percentage" office:value="1"'
    found = ods(
        f'<t:table-row t:number-rows-repeated="900000000"><t:table-cell {VALUE}/>'
        f'<t:table-cell {share} t:number-columns-repeated="2"/></t:table-row>'
    )["S"]
    assert found.percent == [(0, 1, 899_999_999, 2)]


def test_hidden_rows_are_told_by_their_number():
    rows = (
        '<row r="2" hidden="1"/><row hidden="true" r="5"/><row r="6" hidden="0"/><row hidden="1"/>'
    )
    assert of_sheet(rows).hidden == {1, 4}


def test_formulas_are_told_apart_by_their_value_and_errors_are_kept():
    found = of_sheet(
        '<c r="A1"><f>B1+1</f><v>3</v></c><c r="B2"><f>C1</f></c><c r="C3"><f/><v></v></c>'
        '<c r="D4" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="E5"><v>7</v></c><c><f>1</f></c>'
    )
    assert found.valued == [(0, 0), (3, 3)]
    assert found.unvalued == [(1, 1), (2, 2)]
    assert found.errors == {(3, 3): "#DIV/0!"}


def test_marks_are_found_where_the_elements_bear_a_prefix():
    found = of_sheet("<x:c r='A1'><x:f>B1</x:f></x:c><x:c r='B1' t='e'><x:v>#N/A</x:v></x:c>")
    assert (found.cells, found.unvalued, found.errors) == (2, [(0, 0)], {(0, 1): "#N/A"})


def test_a_cell_without_a_place_is_damage():
    with pytest.raises(DeliveryError, match="a part is missing or cannot be read"):
        of_sheet('<c r="ABCD1"/>')


def test_sheets_are_found_through_their_relations():
    sheet = '<sheet name="{}" r:id="{}"/>'.format
    workbook = f"<workbook><workbookPr date1904='1'/>{sheet('A', 'one')}{sheet('Chart', 'two')}{sheet('Lost', 'no')}</workbook>"
    relations = (
        "<Relationship Target='/xl/worksheets/s1.xml' Id='one'/>"
        '<Relationship Id="two" Target="charts/c.xml"/>'
    )
    found = xlsx('<c r="A1"/>', workbook=workbook, relations=relations)
    assert list(found) == ["A"]
    assert (found["A"].cells, found["A"].from_1904) == (1, True)


@pytest.mark.parametrize("part", ["workbook", "relations"])
@pytest.mark.parametrize("declared", ["<!DOCTYPE x>", '<!ENTITY a "b">'])
def test_a_part_that_declares_entities_is_refused(part, declared):
    with pytest.raises(DeliveryError, match="declares entities"):
        xlsx("", **{part: declared + BOOK})
    with pytest.raises(DeliveryError, match="declares entities"):
        of_sheet(declared)


def test_a_workbook_without_its_parts_is_damaged_and_other_kinds_have_no_marks():
    with pytest.raises(DeliveryError, match=r"Excel workbook \(.xlsx\) of which a part is missing"):
        marks_of(book(**{"xl/workbook.xml": BOOK}))
    assert marks_of(Delivery(Path("a"), "a", "", "xls", b"")) == {}


NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
VALUE = 'office:value-type="float"'


def ods(rows):
    content = f'<office:body {NAMES}><t:table t:name="S">{rows}</t:table><t:table t:name="T"/></office:body>'
    return marks_of(book("ods", **{"content.xml": content}))


def test_cells_of_an_ods_stand_where_repeated_ones_put_them():
    found = ods(
        '<t:table-row t:number-rows-repeated="2"><t:table-cell/></t:table-row>'
        f'<t:table-row><t:table-cell t:number-columns-repeated="3"/><t:table-cell {VALUE}/></t:table-row>'
        f'<t:table-row t:number-rows-repeated="4"><t:covered-table-cell><p/></t:covered-table-cell>'
        f'<t:table-cell {VALUE} t:number-columns-repeated="2"/></t:table-row>'
        '<t:table-row t:number-rows-repeated="1000"><t:table-cell/></t:table-row>'
    )
    assert list(found) == ["S", "T"]
    assert (found["S"].cells, found["S"].last_row, found["S"].last_column) == (2, 6, 3)
    assert (found["T"].cells, found["T"].last_row) == (0, -1)


def test_hidden_rows_formulas_errors_and_merged_cells_of_an_ods():
    found = ods(
        f'<t:table-row t:visibility="collapse"><t:table-cell {VALUE}/></t:table-row>'
        '<t:table-row t:visibility="filter"><t:table-cell/></t:table-row>'
        f'<t:table-row t:visibility="visible"><t:table-cell {VALUE} t:formula="of:=1"/>'
        '<t:table-cell t:formula="of:=[.A1]"/></t:table-row>'
        '<t:table-row><t:table-cell/><t:table-cell office:value-type="string" '
        'calcext:value-type="error" t:number-rows-spanned="2" t:number-columns-spanned="3"/></t:table-row>'
        f'<t:table-row><t:table-cell {VALUE} t:number-rows-spanned="1" t:number-columns-spanned="2"/></t:table-row>'
    )["S"]
    assert found.hidden == {0}
    assert (found.valued, found.unvalued) == ([(2, 0)], [(2, 1)])
    assert found.errors == {(3, 1): "#ERR"}
    assert found.merged == [(3, 1, 4, 3), (4, 0, 4, 1)]


@pytest.mark.parametrize(
    ("text", "rows"), [("999999999", 999_999_999), ("1000000000", 1), ("x", 1)]
)
def test_a_repetition_beyond_measure_is_one(text, rows):
    found = ods(
        f'<t:table-row t:number-rows-repeated="{text}"><t:table-cell {VALUE}/></t:table-row>'
    )
    assert found["S"].last_row == rows - 1


def test_an_ods_with_a_document_type_is_refused():
    with pytest.raises(DeliveryError, match="declares entities"):
        marks_of(book("ods", **{"content.xml": "<!DOCTYPE a><a/>"}))
    with pytest.raises(DeliveryError, match="cannot be read"):
        marks_of(book("ods", **{"content.xml": "<a>"}))
