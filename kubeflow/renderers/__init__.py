"""The task graph in the words of each orchestrator, a folder each."""
