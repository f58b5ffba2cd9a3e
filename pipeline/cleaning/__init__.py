"""Cleaning a root: what may go, what must stay, and letting it go."""
