"""Evaluator: metrics by slice, thresholds, and the blessing of a model."""
