"""One node: launched, described, and what becomes of data that it refused."""
