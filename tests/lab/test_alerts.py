"""Alerts equal those of R's surveillance package and seldom ring when nothing happens."""

import numpy as np
import pytest
from scipy.stats import nbinom

from obs.errors import ObsError
from obs.lab.alerts import farrington_alerts

# position, expected, dispersion, threshold, alert: made by farrington_reference.R
REFERENCE = [
    (349, 13.607319, 1.359028, 25, False),
    (350, 15.039285, 1.412169, 27, False),
    (351, 15.764473, 1.361475, 28, False),
    (352, 15.739938, 1.310752, 27, False),
    (353, 16.435459, 1.389009, 29, False),
    (354, 17.989429, 1.417306, 31, False),
    (355, 18.327507, 1.354535, 31, False),
    (356, 18.193795, 1.332287, 31, False),
    (357, 19.301255, 1.398272, 33, False),
    (358, 20.531380, 1.389678, 34, False),
    (359, 20.318907, 1.356461, 34, False),
    (360, 20.176127, 1.352167, 34, True),
    (361, 21.176405, 1.389498, 35, False),
    (362, 21.994703, 1.366804, 36, False),
    (363, 21.307736, 1.353647, 35, True),
]


def reference_counts():
    t = np.arange(364)
    level = (8 + 0.02 * t) * (1 + 0.4 * np.cos(2 * np.pi * t / 52))
    y = np.round(level * (1 + 0.45 * np.sin(1.7 * t)))
    y[[200, 360, 363]] = 60, 55, 40
    return y


def test_thresholds_are_those_of_the_surveillance_package():
    weeks, expected, dispersion, threshold, alert = map(np.array, zip(*REFERENCE, strict=True))
    found = farrington_alerts(reference_counts(), weeks=weeks, false_alarm=0.01)
    np.testing.assert_allclose(found.expected, expected, rtol=1e-6)
    # R stops its iterations early, which leaves the fifth digit of the dispersion open
    np.testing.assert_allclose(found.dispersion, dispersion, rtol=2e-4)
    assert found.threshold.tolist() == threshold.tolist()
    assert found.alert.tolist() == alert.tolist()
    # the chance of as many or more: one less that of each smaller count, with mean m and variance
    # phi m
    for y, m, phi, p in zip(
        reference_counts()[weeks], found.expected, found.dispersion, found.p_value, strict=True
    ):
        fewer = nbinom.pmf(np.arange(y), m / (phi - 1), 1 / phi).sum()
        assert p == pytest.approx(1 - fewer, rel=1e-6)
    assert (found.p_value[found.alert] < 0.01).all()
    assert (found.p_value[~found.alert] >= 0.01).all()


@pytest.mark.slow
def test_ordinary_weeks_ring_at_about_the_stated_rate():
    rng = np.random.default_rng(8)
    rung = [
        farrington_alerts(
            rng.negative_binomial(10, 10 / 40, 300), weeks=np.arange(280, 300), false_alarm=0.025
        ).alert
        for _ in range(25)
    ]
    assert 0.005 < np.mean(rung) < 0.05


def test_a_past_outbreak_does_not_hide_the_next():
    y = np.random.default_rng(5).poisson(15, 320).astype(float)
    y[250:256] = 80
    y[-1] = 45
    assert farrington_alerts(y, weeks=[319]).alert.tolist() == [True]


def test_too_few_events_never_ring():
    y = np.zeros(320)
    y[-1] = 4
    found = farrington_alerts(y, weeks=[319])
    assert np.isnan(found.threshold[0])
    assert not found.alert[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weeks": [100]}, "positions 263 to 299"),
        ({"weeks": [300]}, "positions 263 to 299"),
        ({"false_alarm": 0.7}, "between 0 and 0.5"),
        ({"levels": 60}, "do not fit"),
    ],
)
def test_wrong_use_is_refused(change, message):
    with pytest.raises(ObsError, match=message):
        farrington_alerts(np.full(300, 9.0), **change)


def test_negative_counts_are_refused():
    with pytest.raises(ObsError, match="at least 0"):
        farrington_alerts(np.full(300, -1.0))
