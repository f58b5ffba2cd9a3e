"""What every other package may use: errors, settings, files, processes and logs."""
