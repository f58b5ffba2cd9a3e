"""Schemas that a person names: files, configurations, runs; and where a run's data stand."""
