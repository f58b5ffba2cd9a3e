"""Whether a table or a query has other rows than before."""

from __future__ import annotations

from components.example_gen.database.connection import connected
from components.example_gen.database.relation import find_relation, fingerprint
from components.example_gen.database.settings import DatabaseSource


def database_fingerprint(source: DatabaseSource) -> str:
    """Asks the database, see `relation.fingerprint`.

    Args:
      source: The table or query, its placeholders filled in.

    Raises:
      UserError: If the address, the login, the table or a column is wrong.
      DataError: If there is no row, or the key has nulls.
      InfrastructureError: If the database does not answer.
    """
    with connected(source.address) as engine, engine.connect() as connection:
        return fingerprint(connection, find_relation(connection, source))
