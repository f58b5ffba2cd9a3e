"""Bundled data: tables that the repository makes itself, so that nothing is downloaded."""
