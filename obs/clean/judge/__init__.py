"""Turn texts into values: each row is kept, merged or rejected by a rule."""
