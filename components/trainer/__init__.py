"""Trainer, with checkpoints that outlive an interrupted execution."""
