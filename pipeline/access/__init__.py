"""Store and entry as people name them: opened or refused in words, for commands and pages."""
