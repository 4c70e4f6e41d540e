"""A notice of correction names each figure whole: indicator, categories, place and period."""

import datetime as dt

import pytest

from obs.report.notice.notice_page import RightValue, notice_page
from tests.report.small_tables import vif


@pytest.mark.parametrize(
    ("lang", "named"),
    [
        ("fr", ("physique", "couple")),
        ("nl", ("fysiek", "partner")),
        ("en", ("physical", "partner")),
    ],
)
def test_a_corrected_class_is_not_named_as_the_total(lang, named):
    rows = [
        vif().select(form="physical", relation="couple"),
        vif().select(form="all", relation="all"),
    ]
    page = notice_page(
        number=1,
        lang=lang,
        edition="2021",
        numbered="2021",
        where="Table",
        wrong="-",
        values=[RightValue(row, 12, 12.0) for row in rows],
        about={"observatory": {lang: "O"}},
        published=dt.date(2022, 3, 1),
    )
    (exhibit,) = page.exhibits
    own, total = (row["header"] for row in exhibit.block["table"]["rows"])
    assert all(word in own.lower() for word in named)
    assert total.count(",") == 2  # title, place, year
    assert not any(word in total.lower() for word in named)
