"""The formats of source files: which one a file is, and a reader for each."""
