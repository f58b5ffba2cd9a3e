"""Curated schemas, one folder per data set (`schema/<dataset>/schema.pbtxt`)."""
