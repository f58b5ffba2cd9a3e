"""How a CSV file is written, found out from the file."""
