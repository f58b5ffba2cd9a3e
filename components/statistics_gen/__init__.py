"""StatisticsGen that computes in one process what fits in memory."""
