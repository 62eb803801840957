"""Names of units: what they look like, and the lists that they stand in."""
