"""The sections of a report: data in, a fragment of HTML out, a module each."""
