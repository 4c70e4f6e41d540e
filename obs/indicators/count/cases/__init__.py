"""Count the cases of a prosecutor: entered, closed, pending, how long they last."""
