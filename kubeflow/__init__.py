"""The same pipeline on a cluster: task graph, renderers, entry point, emulator, client."""
