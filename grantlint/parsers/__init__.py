"""Input formats to the normalized model, one package or module each."""
