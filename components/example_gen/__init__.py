"""ExampleGen over Arrow: the standard Examples artifact, many times faster."""
