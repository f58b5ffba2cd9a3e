"""The data gate: a run stops on data that breaks its schema."""
