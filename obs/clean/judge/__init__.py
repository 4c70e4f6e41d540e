"""From texts to values: each row is kept, merged or rejected by a rule."""
