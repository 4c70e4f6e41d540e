"""Old names, kept importable for one version with a warning that says the new one.

`MODULES` has the modules of 0.1 that were renamed in 0.2, `NAMES` the public names that
left a room. An entry goes with the version after the one that renamed it.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import Any

__all__ = ["MODULES", "NAMES", "install", "moved_name"]

MODULES = {  # under `obs.`
    "clean.cases": "clean.judge.case_tables",
    "clean.corrections": "clean.registry.corrections",
    "clean.door": "clean.read.file_checks",
    "clean.interviews": "clean.judge.interviews",
    "clean.judging": "clean.judge.distinct_values",
    "clean.lines": "clean.read.text_lines",
    "clean.links": "clean.judge.case_links",
    "clean.mapping": "clean.judge.value_mapping",
    "clean.personal": "clean.read.personal_data",
    "clean.profile": "clean.profiles.profile",
    "clean.questionnaire": "clean.profiles.questionnaire",
    "clean.reading": "clean.read.text_table",
    "clean.rebuilding": "clean.registry.rebuild",
    "clean.rules": "clean.judge.rejection_rules",
    "clean.screening": "clean.read.screening",
    "clean.settling": "clean.judge.duplicates",
    "clean.shapes": "clean.judge.row_shapes",
    "clean.targets": "clean.profiles.target_columns",
    "clean.tidy": "clean.read.tidy_input",
    "disclosure.archive": "disclosure.audit.earlier_editions",
    "disclosure.attack": "disclosure.audit.attack_bounds",
    "disclosure.attainable": "disclosure.suppress.attainable",
    "disclosure.cheapest": "disclosure.feasible.cheapest_move",
    "disclosure.coarser": "disclosure.coarser_tables",
    "disclosure.collect": "disclosure.cells.table_cells",
    "disclosure.completing": "disclosure.cells.equations",
    "disclosure.composites": "disclosure.cells.composites",
    "disclosure.contributors": "disclosure.sensitive.dominance",
    "disclosure.definitions": "disclosure.cells.indicator_terms",
    "disclosure.dpo_report": "disclosure.audit.officer_page",
    "disclosure.estimates": "disclosure.cells.estimate_cells",
    "disclosure.families": "disclosure.multiple_comparisons",
    "disclosure.gate": "disclosure.release",
    "disclosure.hiding": "disclosure.suppress.independent_blocks",
    "disclosure.insiders": "disclosure.suppress.insiders",
    "disclosure.master": "disclosure.suppress.integer_program",
    "disclosure.model": "disclosure.feasible.suppression_model",
    "disclosure.moves": "disclosure.feasible.moves",
    "disclosure.original": "disclosure.audit.withheld_facts",
    "disclosure.primary": "disclosure.sensitive.primary",
    "disclosure.proofs": "disclosure.feasible.known_moves",
    "disclosure.published": "disclosure.ledger.published_counts",
    "disclosure.reader": "disclosure.audit.reader_knowledge",
    "disclosure.relations": "disclosure.cells.relations",
    "disclosure.repair": "disclosure.suppress.greedy",
    "disclosure.rules": "disclosure.sensitive.rules",
    "disclosure.secondary": "disclosure.suppress.secondary",
    "disclosure.shrinking": "disclosure.audit.presolve",
    "disclosure.siblings": "disclosure.feasible.exchangeable",
    "disclosure.solver": "disclosure.feasible.solver",
    "disclosure.storage": "disclosure.released_files",
    "disclosure.successive": "disclosure.sensitive.successive_years",
    "disclosure.system": "disclosure.feasible.linear_system",
    "disclosure.unknown": "disclosure.feasible.feasible_table",
    "disclosure.values": "disclosure.cells.values_from_counts",
    "disclosure.verdict": "disclosure.audit.verdict",
    "disclosure.withhold": "disclosure.suppress.withhold",
    "indicators.counts": "indicators.count.event_counts",
    "indicators.coverage": "indicators.count.covered_days",
    "indicators.exposure": "indicators.count.denominators",
    "indicators.flows": "indicators.count.cases.case_flows",
    "indicators.from_calls": "indicators.count.from_calls",
    "indicators.from_cases": "indicators.count.cases.from_cases",
    "indicators.from_counts": "indicators.count.from_counts",
    "indicators.from_events": "indicators.count.from_events",
    "indicators.from_records": "indicators.count.from_records",
    "indicators.from_services": "indicators.count.from_services",
    "indicators.linkage": "indicators.count.linkage",
    "indicators.list_models": "indicators.estimate.list_models",
    "indicators.maturity": "indicators.count.maturity",
    "indicators.rates": "indicators.estimate.rates",
    "indicators.recapture": "indicators.estimate.hidden_population",
    "indicators.severity": "indicators.estimate.severity",
    "indicators.standardised": "indicators.estimate.standardised",
    "indicators.survey.build": "indicators.survey.design_arrays",
    "indicators.survey.catalogued": "indicators.survey.from_respondents",
    "indicators.survey.checks": "indicators.survey.respondent_checks",
    "indicators.survey.compare": "indicators.survey.domain_comparison",
    "indicators.survey.contributors": "indicators.survey.amount_contributors",
    "indicators.survey.design": "indicators.survey.survey_design",
    "indicators.survey.models": "indicators.survey.survey_regression",
    "indicators.survey.reliability": "indicators.survey.detectable_survey_change",
    "indicators.survey.standing": "indicators.survey.contrast_with_rest",
    "indicators.survey.tables": "indicators.survey.estimate_table",
    "indicators.tally": "indicators.count.tally",
    "indicators.unrecorded": "indicators.estimate.dark_figure",
    "pipeline.judging": "pipeline.audit_verdict",
    "pipeline.knowledge": "pipeline.edition_ledger",
    "pipeline.revisions": "pipeline.list_revisions",
    "reference.names": "reference.place_names",
    "reference.severity": "reference.severity_weights",
    "report.annex": "report.figures.data_file",
    "report.blocks": "report.figures.blocks",
    "report.boundaries": "report.figures.boundaries",
    "report.breaks": "report.facts.series_breaks",
    "report.cells": "report.note.notebook_cells",
    "report.charts": "report.figures.charts",
    "report.classes": "report.figures.map_classes",
    "report.comparing": "report.figures.comparison_columns",
    "report.data_checks": "report.checks.data_checks",
    "report.dates": "report.facts.dates",
    "report.declarations": "report.note.declaration",
    "report.definitions": "report.note.definitions",
    "report.describe": "report.figures.alt_text",
    "report.digits": "report.facts.decimals",
    "report.draw.areas": "report.draw.choropleth",
    "report.draw.funnel": "report.draw.funnel_plot",
    "report.draw.names": "report.draw.point_labels",
    "report.draw.trend": "report.draw.lines",
    "report.exporters": "report.page.exporters",
    "report.faults": "report.checks.faults",
    "report.filters": "report.facts.filters",
    "report.folders": "report.edition.whole_folders",
    "report.fonts": "report.page.fonts",
    "report.funnel": "report.figures.funnel_chart",
    "report.gate": "report.facts.released_only",
    "report.hidden": "report.edition.withheld_numbers",
    "report.html_checks": "report.checks.html_checks",
    "report.index": "report.page.front_page",
    "report.ledger_checks": "report.checks.ledger_checks",
    "report.manifest": "report.edition.manifest",
    "report.maps": "report.figures.maps",
    "report.notebook_checks": "report.checks.notebook_checks",
    "report.notes": "report.note.note",
    "report.numbers": "report.facts.numbers",
    "report.opening": "report.note.open_note",
    "report.outputs": "report.kernel.output_gate",
    "report.pdf": "report.page.row_headers",
    "report.pdf_checks": "report.checks.pdf_checks",
    "report.peers": "report.facts.peer_statements",
    "report.prose": "report.page.markdown",
    "report.publish": "report.edition.publish",
    "report.remarks": "report.figures.figure_notes",
    "report.rows": "report.facts.released_row",
    "report.runner": "report.kernel.runner",
    "report.selection": "report.facts.selection",
    "report.sentences": "report.note.sentences",
    "report.standing": "report.facts.standing",
    "report.style": "report.draw.style",
    "report.subject": "report.facts.subject",
    "report.tables": "report.figures.tables",
    "report.typst": "report.page.typst",
    "report.unlike": "report.figures.not_comparable",
    "report.words": "report.facts.words",
    "sample.answers": "sample.surveys.answers",
    "sample.business_survey": "sample.surveys.business_survey",
    "sample.calibration": "sample.published_totals",
    "sample.cases": "sample.case_histories",
    "sample.facts": "sample.incidents",
    "sample.faults": "sample.planted_faults",
    "sample.helpline": "sample.helpline_files",
    "sample.observatory": "sample.all_files",
    "sample.police": "sample.police_files",
    "sample.prosecutor": "sample.prosecutor_files",
    "sample.services": "sample.services_files",
    "sample.women_survey": "sample.surveys.women_survey",
    "schemas.tables": "schemas.stage_tables",
    "stats.aoristic": "stats.series.aoristic",
    "stats.between_units": "stats.counts.overdispersion",
    "stats.capture_histories": "stats.lists.capture_histories",
    "stats.classes": "stats.space.class_breaks",
    "stats.count_regression": "stats.series.count_regression",
    "stats.detectable": "stats.counts.detectable_change",
    "stats.disturbance": "stats.series.rate_disturbance",
    "stats.fit_errors": "stats.series.fit_errors",
    "stats.funnel": "stats.counts.funnel_limits",
    "stats.harmonics": "stats.series.harmonics",
    "stats.interruption": "stats.series.interruption",
    "stats.intervals": "stats.counts.intervals",
    "stats.local_spatial": "stats.space.local_tests",
    "stats.loglinear": "stats.lists.loglinear",
    "stats.mixture": "stats.series.student_mixture",
    "stats.nowcast": "stats.series.nowcast",
    "stats.proportions": "stats.counts.proportions",
    "stats.ranks": "stats.counts.ranks",
    "stats.ratios": "stats.counts.ratios",
    "stats.recapture": "stats.lists.closed_population",
    "stats.seasonal.filters": "stats.seasonal.moving_averages",
    "stats.severity": "stats.counts.severity_index",
    "stats.small_area": "lab.small_area",
    "stats.smoothing": "stats.space.smoothing",
    "stats.sparse_lists": "stats.lists.sparse_lists",
    "stats.spatial": "stats.space.global_tests",
    "stats.spatial_rates": "stats.space.rate_tests",
    "stats.standardisation": "stats.counts.standardisation",
    "stats.survey.calibrated": "stats.survey.calibrated_variance",
    "stats.survey.cells": "stats.survey.domain_estimates",
    "stats.survey.design": "stats.survey.sampling_design",
    "stats.survey.effective": "stats.survey.effective_sample_size",
    "stats.survey.grouping": "stats.survey.domain_totals",
    "stats.survey.intervals": "stats.survey.survey_intervals",
    "stats.under_reporting": "stats.counts.under_reporting",
    "trends.comparison": "trends.change.comparison",
    "trends.count_series": "trends.intervention.count_series",
    "trends.coverage": "trends.change.comparable_periods",
    "trends.detectable": "trends.change.detectable",
    "trends.interruption": "trends.intervention.interrupted_trend",
    "trends.maps": "trends.beside.place_maps",
    "trends.other_adjustments": "trends.adjust.rival_adjustments",
    "trends.peers": "trends.beside.peers",
    "trends.places": "trends.beside.places",
    "trends.ranking": "trends.beside.ranking",
    "trends.revisions": "trends.change.extractions",
    "trends.seasonal": "trends.adjust.seasonal",
    "trends.x13_program": "trends.adjust.x13_program",
}
NAMES = {  # room: its names that are now in another room
    "obs.stats": ("obs.lab", frozenset({"FayHerriot", "fay_herriot"})),
}


class _OldModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Give the module of today for the name of yesterday."""

    def __init__(self) -> None:
        self._own: dict[str, importlib.machinery.ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for the old names alone."""
        if fullname.removeprefix("obs.") in MODULES and fullname.startswith("obs."):
            return importlib.util.spec_from_loader(fullname, self)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Import the module of today and say its name."""
        new = f"obs.{MODULES[spec.name.removeprefix('obs.')]}"
        _warn(spec.name, new)
        module = importlib.import_module(new)
        self._own[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own description back: it was executed under its own name."""
        old = module.__spec__.name if module.__spec__ else ""
        module.__spec__ = self._own.pop(old, module.__spec__)


def install() -> None:
    """Let the old module names be imported."""
    if not any(isinstance(finder, _OldModules) for finder in sys.meta_path):
        sys.meta_path.append(_OldModules())


def moved_name(room: str, name: str) -> Any:
    """Give a public name that left a room, with a warning, or raise AttributeError."""
    home, names = NAMES.get(room, ("", frozenset()))
    if name not in names:
        raise AttributeError(f"module {room!r} has no attribute {name!r}")
    _warn(f"{room}.{name}", f"{home}.{name}")
    return getattr(importlib.import_module(home), name)


def _warn(old: str, new: str) -> None:
    warnings.warn(f"{old} is now {new}", DeprecationWarning, stacklevel=3)
