"""Which categories call for the stricter rule, whatever the indicator."""

import pytest

from obs.disclosure.sensitive.rules import get_rule, rule_of
from obs.reference import descendants


@pytest.mark.parametrize("code", descendants("sexual_violence"))
def test_every_phenomenon_of_sexual_violence_is_sensitive(code):
    """5 to 9 are withheld too, and the interval is 1 to 20."""
    rule = rule_of((("phenomenon", code),), get_rule("default"))
    assert (rule.threshold, rule.cover) == (10, 20)


@pytest.mark.parametrize("code", ["theft", "burglary_dwelling", "robbery"])
def test_another_phenomenon_has_the_rule_of_its_indicator(code):
    assert rule_of((("phenomenon", code),), get_rule("default")).threshold == 5
