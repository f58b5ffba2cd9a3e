"""The data gate: six questions that new data answer before anything is trained on them."""
