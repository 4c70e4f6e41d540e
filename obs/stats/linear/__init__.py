"""Solve linear problems whatever the units: least squares by QR, existence of a maximum."""
