"""Transform that analyses and applies in one process what fits in memory."""
