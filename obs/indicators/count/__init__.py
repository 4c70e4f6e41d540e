"""Count rows of any source over a full grid."""
