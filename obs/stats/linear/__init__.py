"""Linear algebra that does not depend on units: least squares by QR, existence of a maximum."""
