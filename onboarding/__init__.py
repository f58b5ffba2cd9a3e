"""What `millrace init` makes of a table: columns, roles, a whole configuration, and why."""
