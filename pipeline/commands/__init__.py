"""Commands of the `millrace` console script, a module each."""
