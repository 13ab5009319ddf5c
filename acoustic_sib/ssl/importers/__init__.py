"""The ways in which predictions of other systems are kept: one module each."""
