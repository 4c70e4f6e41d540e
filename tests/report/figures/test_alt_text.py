"""What a figure says to who does not see it, and what it does not seem to say."""

from obs.report.checks.small_secrets import Secret, tell_secrets
from obs.report.facts.subject import look_at
from obs.report.figures.alt_text import describe
from tests.report.small_tables import thefts


def test_a_bound_of_a_class_is_no_count_of_its_places():
    """The count of Ixelles, 1, is withheld; "less than 1" is a bound of rates."""
    subject = look_at(thefts().select(period=2024), lang="en", who="test")
    said = describe(subject, classes={"Less than 1": ["Ixelles", "Uccle"], "1 and more": ["Jette"]})
    assert "Less than 1:" in said
    assert "Ixelles, Uccle" in said
    secrets = {Secret(frozenset({name}), "1") for name in ("Ixelles", "Jette")}
    assert tell_secrets(f"<svg><desc>{said}</desc></svg>", secrets) == 0
    assert tell_secrets("<svg><desc>Ixelles: 1</desc></svg>", secrets) == 1
