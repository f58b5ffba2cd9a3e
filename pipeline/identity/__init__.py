"""What a run is made of and would compute: digests of code, data and configuration."""
