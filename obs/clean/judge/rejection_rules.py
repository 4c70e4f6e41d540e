"""List the rules that reject a row, each with the sentence for the supplier.

A sentence never quotes the cell; file, row and column say where it is.
"""

from __future__ import annotations

__all__ = ["REMARKS", "RULES", "TOLERATED", "sentence"]

RULES = {
    "field_count": "the line does not have as many fields as the header; have it written anew",
    "broken_quotes": "a quotation mark is opened and not closed; have the line written anew",
    "field_too_long": "the text is longer than the profile allows (`file.longest_text`)",
    "control_characters": "the text holds control characters; have the cell mended",
    "formula": "the text begins like a spreadsheet formula, or is one without a value; have it saved as a value",
    "markup": "the text holds HTML or XML tags; have the cell mended",
    "missing_key": "the cell is blank and this column may not be; ask for its value",
    "footer": "a total or a note under the table, no row of it",
    "withdrawn": "a later delivery of the same days no longer has this record",
    "totals_row": "a row of totals, dropped as the profile says",
    "unknown_territory": "the place is not one of the territory; give its code or its name",
    "ambiguous_territory": "the place may be several units; give its code",
    "unknown_offence": "the offence is in no entry of the profile; add one to `offences`, or ask what it is",
    "out_of_validity": "the offence is in entries of the profile that do not apply on the days of this row (`from`, `until`)",
    "code_out_of_validity": "the code has no meaning on the days of this row (`from`, `until` of `dated_codes`)",
    "unknown_code": "the code is in no list of the profile; add it to `codes`, or ask what it means",
    "other_unit": "the counting unit is not that of its class in the profile; ask what is counted, or change `unit` of the class",
    "impossible_date": "not a date in any of the profile's formats; add its format to `dates` or `period`, or have it mended",
    "not_a_day": "a month or a year, where a day is needed",
    "impossible_hour": "not an hour of the day; add its format to `hours`, or have it mended",
    "impossible_age": "neither an age from 0 to 120 nor one of the profile's bands; say it is `unknown`, or have it mended",
    "unknown_time_zone": "a time with an offset, and the profile names no time zone of the place",
    "merged_count": "a count merged over several cells: whose it is cannot be told",
    "future_date": "later than the day of extraction, or than today where that is not known",
    "too_old": "earlier than the first year that the profile allows",
    "date_order": "the report is dated before the fact",
    "malformed_report_id": "not a report number of the form that the profile gives",
    "not_a_number": "not a whole number, nor one of the profile's marks; add the mark to `marks`, or have it mended",
    "negative_count": "a count below zero; ask for the count",
    "closed_before_entry": "the case is closed before it is entered",
    "decision_mismatch": "a closing decision without its date, or a date without its decision",
    "reopening_order": "first closure, reopening and last closure are not in this order",
    "own_link": "the case names itself as its mother or its successor",
    "not_interviewed": "no interview took place, as the questionnaire tells it",
    "impossible_weight": "the weight is not a number above 0",
    "repeated_respondent": "another row has the same respondent",
    "unknown_answer": "the answer is in no list of the questionnaire",
    "impossible_combination": "answers that the questionnaire says cannot go together",
    "conflicting_duplicate": "the same key and version come with different contents",
}
TOLERATED = frozenset(
    {"totals_row", "footer", "not_interviewed", "withdrawn"}
)  # dropped on purpose: no fault
REMARKS = {  # rows that are doubted, and not rejected for it
    "no_line_end": "the last line has no end: the file may be cut short",
    "sheet_unread": "this sheet has not the columns of the profile, or is not named in it",
    "column_unread": "a name that holds more than `wide_pattern` of the profile: its counts are not read",
    "hidden_sheet": "this sheet is hidden; its rows are read",
    "hidden_row": "the row is hidden in the workbook; it is read",
    "formula_value": "cells hold formulas; their last computed values are read",
    "midnight": "24:00 is read as 0:00 of the next day",
    "no_such_hour": "the clocks skip this hour on that day",
    "hour_twice": "this hour comes twice on that day: which one is not told",
    "short_of_coverage": "the rows leave out days that the delivery is said to cover",
    "outside_coverage": "rows outside the days that the deliveries cover: they count in no period",
    "silent_place": "no row of this place while the others go on: these days are not covered",
    "silent_line": "no call on this line while the others go on: these days are not covered",
    "unplaced": "the place is known no closer than a unit with parts: the fact counts in that unit, in none of its parts",
    "lost_mother": "the mother case is in no delivery",
    "lost_transfer": "the case opened by the receiver is in no delivery",
    "added_rows": "the count adds several rows of the supplier",
    "days_lacking": "the file has not every day of the month: its count is provisional",
    "far_date": "dated twenty years or more before the rest of its file; say `earliest` in the profile",
    "no_longer_delivered": (
        "a later delivery of the same days no longer has this record, which is kept; say `vanished` "
        "in the profile: keep or drop"
    ),
    "other_format": "the file is not stored as the profile says; it is read all the same",
    "count_on_closed_day": "calls are counted on a day on which the line was closed",
    "parts_differ": "the total is not the sum of its parts",
    "routing": "an answer to a question that was not to be asked, or none where it was",
}


def sentence(rule: str) -> str:
    """Give the sentence of a rule.

    The sentence never has the cell itself.

    Examples
    --------
    >>> sentence("negative_count")
    'a count below zero; ask for the count'
    """
    if rule in REMARKS:
        return REMARKS[rule]
    return RULES[rule]
