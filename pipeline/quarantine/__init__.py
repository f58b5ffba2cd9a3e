"""The quarantine as people meet it: which store, which entry, what happens next."""
