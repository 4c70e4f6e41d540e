"""The glossary: every term in three languages with a meaning, sorted."""

import unicodedata

import pytest


@pytest.fixture(scope="module")
def terms(root):
    lines = (root / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


def test_each_term_has_three_languages_and_a_meaning(terms):
    assert len(terms) > 40
    for row in terms:
        assert len(row) == 4, row
        assert all(row), row
        assert row[3].endswith("."), row


def test_terms_are_sorted_and_said_once(terms):
    keys = [_sort_key(row[0]) for row in terms]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys))


def _sort_key(term):
    plain = unicodedata.normalize("NFKD", term.lower())
    return "".join(c for c in plain if c.isalnum() or c == " ")
