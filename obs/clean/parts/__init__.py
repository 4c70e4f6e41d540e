"""Clean deliveries part by part: rows judged and laid aside, then decided on together."""
