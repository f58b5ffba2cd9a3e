"""The metrics themselves: accumulators over arrays, by slice, and the scores that they read."""
