"""From one configuration to one TFX pipeline, run on this machine."""
