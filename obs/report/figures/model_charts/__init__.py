"""Draw what models give: a reconciled chain, a cohort followed, an interruption."""
