"""List the closed codes that columns may hold, and the columns that may break a table down."""

__all__ = [
    "ALL",
    "BOUNDS",
    "BREAKDOWNS",
    "CASE_CONTEXTS",
    "CASE_LINKS",
    "CHANGES",
    "CONTRIBUTORS",
    "DECISIONS",
    "DETECTABLE",
    "ENDED_SHARES",
    "ENDINGS",
    "FILINGS",
    "FORMS",
    "HORIZONS",
    "HOW_COVERED",
    "INDEX_POINT",
    "INTERRUPTIONS",
    "NO_RESULTS",
    "OPEN",
    "OTHER_PLACES",
    "PEER_VERDICTS",
    "POINTS",
    "POSITIONS",
    "REASONS",
    "RELATIONS",
    "STANDINGS",
    "STATUSES",
    "STEPS",
    "TOTAL_DIFFERS",
    "TURNS",
    "UNITS",
    "MERGED_PART",
    "MISSING_DAYS",
    "NO_DENOMINATOR",
    "VERDICTS",
    "WITHHELD",
]

ALL = "all"  # the code of a total in a breakdown column
STATUSES = (
    "ok",
    "zero",
    "missing",
    "not_applicable",
    "provisional",
    "suppressed_source",
    "suppressed_primary",
    "suppressed_secondary",
    "unreliable",
)
HOW_COVERED = ("profile", "file", "delivery", "observatory", "assumed")  # who says what is covered
MERGED_PART = "merged_part_missing"  # reason of a merged unit of which an earlier part is not known
MISSING_DAYS = "untold_days"  # reason of a value that lacks what days without a count would add
NO_DENOMINATOR = "no_denominator"  # reason of a rate whose denominator is not known
OTHER_PLACES = "other_places"  # reason of a whole whose source also counts codes of no unit of it
TOTAL_DIFFERS = "total_differs"  # reason of a sum of parts where the source gives another total
WITHHELD = frozenset(
    {"suppressed_source", "suppressed_primary", "suppressed_secondary", "unreliable"}
)
UNITS = (
    "fact",
    "pv",
    "case",
    "victim",
    "victim_heard",
    "vehicle",
    "suspect",
    "respondent",
    "business",
    "household",
    "call",
    "procedure",
    "person",
    "activity",
    "file",
    "visit",
    "finding",
    "request",
    "incident",
    "euro",
    "day",
    "point",
)
INDEX_POINT = "point"  # unit of an index, which is no count: chance gives it no interval
FORMS = ("physical", "sexual", "psychological", "economic")
RELATIONS = ("couple", "descendant", "other_family", "family", "none")
CASE_CONTEXTS = ("couple", "family", "none")  # of a prosecutor's case: family violence or not
DECISIONS = (  # the twelve closing decisions, two for prosecutors who tell no more, and open
    "technical",
    "expediency",
    "signalled",
    "disposition",
    "joinder",
    "praetorian",
    "chain_administrative",
    "chain_other",
    "payment",
    "mediation",
    "summons",
    "inquiry",
    "charged",
    "declined",
    "open",
)
OPEN = "open"  # the state of a case that has not ended
BOUNDS = ("exact", "at_least", "about")  # how a count of activities is to be read
CASE_LINKS = ("own", "joined", "joined_lost", "transferred", "transfer_lost", "circular")
CHANGES = ("count", "count_per_day", "rate", "rate_per_day", "share")  # what a change is one of
INTERRUPTIONS = (  # what an interrupted trend estimates, beside what practice does (two years)
    "level",
    "slope",
    "aftermath",
    "counterfactual",
    "two_years_before",
)
TURNS = (  # what the base of a turning point, or of a week, is
    "peak",
    "trough",
    "event",
    "since",
    "same_months",
    "weeks",
    "year_to_date",
    *INTERRUPTIONS,
)
POINTS = ("points", "points_low", "points_high")  # difference of two shares; 0.03 is 3 points
DETECTABLE = (  # least changes that a comparison would have shown: relative, or of a share
    "detectable_fall",
    "detectable_rise",
    "detectable_fall_points",
    "detectable_rise_points",
)
POSITIONS = ("far_below", "below", "within", "above", "far_above")  # of a place and its limits
NO_RESULTS = (  # why a place has no limits, no smoothed rate, no ranks
    "missing",
    "withheld",
    "not_applicable",
    "provisional",
    "no_denominator",
    "at_a_bound",  # the rate of the whole is 0, or its share 1: chance has no limits there
)
PEER_VERDICTS = ("above", "below", "no difference shown", "too few to say", "not comparable")
STANDINGS = ("above", "below", "alike")
CONTRIBUTORS = ("contributors", "largest_share", "second_share")  # never leave the house
VERDICTS = ("up", "down", "stable", "not comparable", "too few to say")
REASONS = (  # why two periods have no verdict of a direction
    "not_applicable",
    "withheld",
    "missing",
    "other_unit",
    "other_scale",
    "partial_period",
    "unequal_maturity",
    "break_in_series",
    "few_events",
    "too_few_periods",
)
STEPS = (  # how a count follows from the one before it
    "first",
    "counting_rule",
    "unit",
    "scope",
    "context",
    "year",
    "place",
    "maturity",
    "unexplained",
    "last",
)
FILINGS = {  # what the prosecutor has of a report, what the police have of a case: the step it makes
    "filed": "first",  # goes on: a case of the same year and context
    "other_year": "year",
    "other_context": "context",
    "recent": "maturity",
    "not_filed": "scope",
    "from_report": "unit",  # a case of such a report
    "earlier_report": "year",
    "other_report": "scope",
    "unknown_report": "place",
    "no_number": "unexplained",
}
BREAKDOWNS = (
    "phenomenon",
    "form",
    "relation",
    "attempt",
    "place",
    "hour_band",
    "victim_sex",
    "victim_age_band",
    "suspect_sex",
    "suspect_age_band",
    "offence",  # suffered, as a survey asks for it; in EVENTS the supplier's code
    "motive",  # for not reporting
    "answer",
    "sector",
    "size",
    "context",  # of a prosecutor's case
    "filing",  # of a report and of a case: whether the other side has it
    "decision",
    "line",  # of a helpline
    "within",  # days to a horizon, of cases followed in time
    "ended_share",  # per cent of a cohort that has ended
)
HORIZONS = (30, 60, 90, 180, 270, 365, 545, 730, 1095, 1460, 1825)  # days: a closed list
ENDED_SHARES = (25, 50, 75)  # per cent: a closed list
ENDINGS = ("reopened_later", "lost_mother", "lost_transfer", "circular")  # beside the decisions
