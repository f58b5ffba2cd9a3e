"""Data that were refused: recorded in ML Metadata, skipped until somebody releases them."""
