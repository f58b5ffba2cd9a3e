"""The registry of pushed models, kept in ML Metadata."""
