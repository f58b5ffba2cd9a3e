"""How sure a metric is: intervals around it, and whether two models differ."""
