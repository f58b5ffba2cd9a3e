"""What the configuration says about the metadata store."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from core.settings import Settings
from metadata.password import PASSWORD_VARIABLE as PASSWORD_VARIABLE


class SqliteStore(Settings):
    """A file, for one machine."""

    kind: Literal["sqlite"] = "sqlite"


class MysqlStore(Settings):
    """MySQL or MariaDB; the password is in MILLRACE_METADATA_PASSWORD."""

    kind: Literal["mysql"]
    host: str = pydantic.Field(min_length=1, description="The server's name or address.")
    port: int = pydantic.Field(3306, ge=1, le=65535, description="Its port.")
    database: str = pydantic.Field(
        "millrace", pattern=r"^[A-Za-z0-9_]{1,64}$", description="The database's name."
    )
    user: str = pydantic.Field("millrace", min_length=1, description="Who connects.")


class PostgresqlStore(Settings):
    """PostgreSQL; the password is in MILLRACE_METADATA_PASSWORD."""

    kind: Literal["postgresql"]
    host: str = pydantic.Field(min_length=1, description="The server's name or address.")
    port: int = pydantic.Field(5432, ge=1, le=65535, description="Its port.")
    database: str = pydantic.Field(
        "millrace", pattern=r"^[A-Za-z0-9_]{1,63}$", description="The database's name."
    )
    user: str = pydantic.Field("millrace", min_length=1, description="Who connects.")


class GrpcStore(Settings):
    """The ML Metadata gRPC service."""

    kind: Literal["grpc"]
    host: str = pydantic.Field(min_length=1, description="The service's name or address.")
    port: int = pydantic.Field(8080, ge=1, le=65535, description="Its port.")


MetadataSettings = Annotated[
    SqliteStore | MysqlStore | PostgresqlStore | GrpcStore, pydantic.Field(discriminator="kind")
]
