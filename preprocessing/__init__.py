"""From raw columns to what a model reads: feature roles, labels, preprocessing_fn."""
