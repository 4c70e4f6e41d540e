"""Write open tables as SDMX-ML 2.1: one structure message, one data message for each structure.

Values and changes have a structure each, since a change has a base. Every code is in a codelist
with its names; the status is given in our codes and in those of SDMX (`OBS_STATUS`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from obs.locale import words
from obs.open_data.about_edition import AboutEdition
from obs.open_data.csv_files import column_title
from obs.open_data.open_tables import OpenTable
from obs.report.edition.code_words import CODED
from obs.report.figures.data_file import WITHHELD_WORD
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["sdmx_code", "sdmx_messages"]

_MES = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
_STR = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
_COM = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
_DATA = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_URN = "urn:sdmx:org.sdmx.infomodel"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FLOWS = {"values": "value", "changes": "change"}  # and the column that is observed
_STANDARD = {  # our statuses in the codelist CL_OBS_STATUS of SDMX
    "ok": "A",
    "zero": "A",
    "missing": "O",
    "not_applicable": "M",
    "provisional": "P",
    WITHHELD_WORD: "Q",
    "suppressed_source": "Q",
    "unreliable": "U",
}
_FREQUENCIES = {"A": "year", "Q": "quarter", "M": "month", "W": "week", "D": "day"}
_FIXED = ("indicator", "territory", "period", "base")


def sdmx_messages(
    tables: Sequence[OpenTable], about: AboutEdition, *, langs: Sequence[str], prepared: str
) -> dict[str, bytes]:
    """Write the messages of an edition.

    `prepared` is the moment that they carry. Returns `structure.xml`, `values.xml` and
    `changes.xml`, without those of which there is no table.
    """
    flows = {
        flow: own
        for flow in _FLOWS
        if (own := [t for t in tables if t.changes == (flow == "changes")])
    }
    message = _Message(about, langs, prepared)
    found = {"structure.xml": message.structure(flows)}
    for flow, own in flows.items():
        found[f"{flow}.xml"] = "".join(message.data(flow, own)).encode()
    return found


def sdmx_code(code: str) -> str:
    """Write a code as SDMX lets it be: letters, digits, `_`, `-`; a total is `_T`.

    Examples
    --------
    >>> from obs.open_data.sdmx_messages import sdmx_code
    >>> sdmx_code("65+"), sdmx_code("not comparable"), sdmx_code("all")
    ('65_', 'not_comparable', '_T')
    """
    return "_T" if code == ALL else re.sub(r"[^A-Za-z0-9_@$-]", "_", code)


class _Flow:
    """The columns of a structure: dimensions, attributes, the observed one."""

    def __init__(self, flow: str, tables: Sequence[OpenTable]) -> None:
        self.observed = _FLOWS[flow]
        columns = dict.fromkeys(c for t in tables for c in t.cells if "__" not in c)
        broken = [c for c in (*BREAKDOWNS, "point") if c in columns]
        base = ["base"] if flow == "changes" else []
        self.dimensions = ["freq", "table", "indicator", "territory", *broken, *base]
        self.attributes = [c for c in columns if c not in (*_FIXED, *broken, self.observed)]


class _Message:
    """Writes the messages of one agency, in the languages of an edition."""

    def __init__(self, about: AboutEdition, langs: Sequence[str], prepared: str) -> None:
        self.about, self.langs, self.prepared = about, langs, prepared
        self.agency = sdmx_code(re.sub(r"^[^A-Za-z]+", "", about.observatory).upper()) or "OBS"

    def header(self, ident: str, structures: str = "") -> str:
        return (
            f"<mes:Header><mes:ID>{ident}</mes:ID><mes:Test>false</mes:Test>"
            f"<mes:Prepared>{self.prepared}</mes:Prepared>"
            f'<mes:Sender id="{self.agency}"/>{structures}</mes:Header>'
        )

    def structure(self, flows: Mapping[str, Sequence[OpenTable]]) -> bytes:
        """Write codelists, concepts, and a structure with its dataflow for each flow."""
        known = {flow: _Flow(flow, tables) for flow, tables in flows.items()}
        every = [table for tables in flows.values() for table in tables]
        columns = dict.fromkeys(
            c for f in known.values() for c in (*f.dimensions, *f.attributes, f.observed)
        )
        lists = {c: codes for c in columns if (codes := self.codes(c, every))}
        parts = [
            _HEAD,
            f'<mes:Structure xmlns:mes="{_MES}" xmlns:str="{_STR}" xmlns:com="{_COM}">',
            self.header("STRUCTURE"),
            "<mes:Structures><str:Dataflows>",
            *(self.dataflow(flow) for flow in flows),
            "</str:Dataflows><str:Codelists>",
            *(self.codelist(column, codes) for column, codes in lists.items()),
            self.codelist("obs_status", {v: {} for v in dict.fromkeys(_STANDARD.values())}),
            "</str:Codelists><str:Concepts>",
            self.concepts(columns),
            "</str:Concepts><str:DataStructures>",
            *(self.data_structure(flow, known[flow], lists) for flow in flows),
            "</str:DataStructures></mes:Structures></mes:Structure>\n",
        ]
        return "".join(parts).encode()

    def codes(self, column: str, tables: Iterable[OpenTable]) -> dict[str, Mapping[str, str]]:
        """Give the codes of a column with their names; none for a column without a codelist."""
        if column == "freq":
            return {f: {} for f in sorted({t.frequency for t in tables})}
        if column == "table":
            return {sdmx_code(t.source): {} for t in sorted(tables, key=lambda t: t.source)}
        if column not in CODED:
            return {}
        found: dict[str, dict[str, str]] = {}
        for table in tables:
            named = [table.cells.get(f"{column}__{lang}") for lang in self.langs]
            own = table.cells.get(column, ())
            for row, code in enumerate(own):
                if code is not None and code not in found:
                    found[code] = {
                        lang: cells[row]
                        for lang, cells in zip(self.langs, named, strict=True)
                        if cells and cells[row]
                    }
        if column in (*BREAKDOWNS, "point") and found:
            found.setdefault(ALL, {})
        return {sdmx_code(code): found[code] for code in sorted(found)}

    def names(self, texts: Mapping[str, str], otherwise: str) -> str:
        said = texts or {self.langs[0]: otherwise}
        return "".join(
            f"<com:Name xml:lang={quoteattr(lang)}>{escape(text)}</com:Name>"
            for lang, text in said.items()
        )

    def maintained(self, ident: str) -> str:
        return f'id="{ident}" agencyID="{self.agency}" version="1.0" isFinal="true"'

    def reference(self, ident: str, kind: str, package: str, **more: str) -> str:
        told = "".join(f' {key}="{value}"' for key, value in more.items())
        return (
            f'<Ref id="{ident}"{told} agencyID="{self.agency}" version="1.0" '
            f'class="{kind}" package="{package}"/>'
        ).replace(' agencyID="" version="1.0"', "")

    def dataflow(self, flow: str) -> str:
        said = {
            lang: words(lang).say(f"open_data.{flow}_flow") + f" ({self.about.edition})"
            for lang in self.langs
        }
        ref = self.reference(flow.upper(), "DataStructure", "datastructure")
        return (
            f"<str:Dataflow {self.maintained(flow.upper())}>{self.names(said, flow)}"
            f"<str:Structure>{ref}</str:Structure></str:Dataflow>"
        )

    def codelist(self, column: str, codes: Mapping[str, Mapping[str, str]]) -> str:
        ident = f"CL_{column.upper()}"
        inner = "".join(
            f"<str:Code id={quoteattr(code)}>{self.names(said, code)}</str:Code>"
            for code, said in codes.items()
        )
        title = self.names(self.column_titles(column), ident)
        return f"<str:Codelist {self.maintained(ident)}>{title}{inner}</str:Codelist>"

    def column_titles(self, column: str) -> dict[str, str]:
        special = {"freq": "open_data.frequency", "table": "open_data.table_of"}
        if column in special:
            return {lang: words(lang).say(special[column]) for lang in self.langs}
        column = "status" if column == "obs_status" else column
        return {lang: column_title(column, lang) for lang in self.langs}

    def concepts(self, columns: Iterable[str]) -> str:
        inner = "".join(
            f'<str:Concept id="{ident}">{self.names(self.column_titles(column), column)}</str:Concept>'
            for column, ident in [
                *((c, _id(c)) for c in columns),
                ("obs_status", "OBS_STATUS"),
                *([("period", "TIME_PERIOD")]),
            ]
        )
        return (
            f"<str:ConceptScheme {self.maintained('CONCEPTS')}>"
            f"{self.names({}, 'Concepts')}{inner}</str:ConceptScheme>"
        )

    def data_structure(self, flow: str, own: _Flow, lists: Mapping[str, Any]) -> str:
        concept = self.concept_identity
        dimensions = "".join(
            f'<str:Dimension id="{_id(c)}" position="{n}">{concept(_id(c))}'
            f"{self.representation(c, lists)}</str:Dimension>"
            for n, c in enumerate(own.dimensions, start=1)
        )
        attached = '<str:AttributeRelationship><str:PrimaryMeasure><Ref id="OBS_VALUE"/>'
        attached += "</str:PrimaryMeasure></str:AttributeRelationship>"
        attributes = "".join(
            f'<str:Attribute id="{_id(c)}" assignmentStatus="Conditional">{concept(_id(c))}'
            f"{self.representation(c, lists)}{attached}</str:Attribute>"
            for c in [*own.attributes, "obs_status"]
        )
        return (
            f"<str:DataStructure {self.maintained(flow.upper())}>{self.names({}, flow)}"
            '<str:DataStructureComponents><str:DimensionList id="DimensionDescriptor">'
            f"{dimensions}"
            f'<str:TimeDimension id="TIME_PERIOD" position="{len(own.dimensions) + 1}">'
            f"{concept('TIME_PERIOD')}<str:LocalRepresentation>"
            '<str:TextFormat textType="ObservationalTimePeriod"/></str:LocalRepresentation>'
            "</str:TimeDimension></str:DimensionList>"
            f'<str:AttributeList id="AttributeDescriptor">{attributes}</str:AttributeList>'
            '<str:MeasureList id="MeasureDescriptor"><str:PrimaryMeasure id="OBS_VALUE">'
            f"{concept(_id(own.observed))}</str:PrimaryMeasure></str:MeasureList>"
            "</str:DataStructureComponents></str:DataStructure>"
        )

    def concept_identity(self, ident: str) -> str:
        return (
            f'<str:ConceptIdentity><Ref id="{ident}" maintainableParentID="CONCEPTS" '
            f'maintainableParentVersion="1.0" agencyID="{self.agency}" class="Concept" '
            'package="conceptscheme"/></str:ConceptIdentity>'
        )

    def representation(self, column: str, lists: Mapping[str, Any]) -> str:
        if column in lists or column == "obs_status":
            ref = self.reference(f"CL_{column.upper()}", "Codelist", "codelist")
            inner = f"<str:Enumeration>{ref}</str:Enumeration>"
        else:
            inner = '<str:TextFormat textType="String"/>'
        return f"<str:LocalRepresentation>{inner}</str:LocalRepresentation>"

    def data(self, flow: str, tables: Sequence[OpenTable]) -> Iterator[str]:
        """Write the observations of a flow, one element each."""
        own = _Flow(flow, tables)
        ref = self.reference(flow.upper(), "DataStructure", "datastructure")
        name = f"{_URN}.datastructure.DataStructure={self.agency}:{flow.upper()}(1.0)"
        structure = (
            f'<mes:Structure structureID="{flow.upper()}" namespace="{name}" '
            f'dimensionAtObservation="AllDimensions"><com:Structure>{ref}</com:Structure></mes:Structure>'
        )
        yield _HEAD
        yield (
            f'<mes:StructureSpecificData xmlns:mes="{_MES}" xmlns:com="{_COM}" xmlns:ss="{_DATA}" '
            f'xmlns:xsi="{_XSI}" xmlns:ns1="{name}">{self.header(flow.upper(), structure)}'
        )
        yield (
            f'<mes:DataSet ss:structureRef="{flow.upper()}" xsi:type="ns1:DataSetType" '
            'ss:dataScope="DataStructure" action="Replace">\n'
        )
        for table in tables:
            yield from _observations(own, table)
        yield "</mes:DataSet></mes:StructureSpecificData>\n"


def _observations(own: _Flow, table: OpenTable) -> Iterator[str]:
    fixed = f'FREQ="{table.frequency}" TABLE={quoteattr(sdmx_code(table.source))}'
    fixed += "".join(
        f' {_id(c)}="_T"'
        for c in own.dimensions
        if c in (*BREAKDOWNS, "point") and c not in table.cells
    )
    columns = [c for c in table.cells if "__" not in c]
    written = [_attributes(c, table.cells[c], own) for c in columns]
    for row in zip(*written, strict=True):
        yield f"<Obs {fixed}{''.join(row)}/>\n"


def _attributes(column: str, cells: Sequence[Any], own: _Flow) -> list[str]:
    """Write a column as attributes of XML, nothing where a cell is empty."""
    ident = "OBS_VALUE" if column == own.observed else _id(column)
    ident = "TIME_PERIOD" if column == "period" else ident
    coded = column in CODED

    def written(cell: Any) -> str:
        if cell is None:
            return ""
        text = sdmx_code(cell) if coded else _sdmx_text(cell)
        standard = f' OBS_STATUS="{_STANDARD[cell]}"' if column == "status" else ""
        return f" {ident}={quoteattr(text)}{standard}"

    if coded:
        known = {cell: written(cell) for cell in set(cells)}
        return [known[cell] for cell in cells]
    return [written(cell) for cell in cells]


def _sdmx_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell)


def _id(column: str) -> str:
    return {"territory": "REF_AREA", "base": "BASE_PERIOD"}.get(column, column.upper())
