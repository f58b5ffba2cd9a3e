"""The command line: the commands of `millrace`, a module each, imported when they are used."""
