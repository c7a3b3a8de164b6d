"""How `up` is told where things are."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class MachineSettings(BaseSettings):
    """Read from the environment, `OPSCONDUCTOR_…`.

    Attributes:
        database_url: An outside PostgreSQL; our own private cluster when absent.
        run_database_url: The same database as the role of flow processes.
        prefect_database_url: Where Prefect keeps its own database on an outside server.
        host: Address that the portal listens on.
        port: TCP port of the portal.
        prefect_port: TCP port of the Prefect server, on loopback.
        work_pool: Prefect work pool that jobs are deployed to; another one than ours is served by stock Prefect
            workers (docs/how-to/use-a-stock-worker.md).
    """

    model_config = SettingsConfigDict(env_prefix="OPSCONDUCTOR_")

    database_url: str | None = None
    run_database_url: str | None = None
    prefect_database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    prefect_port: int = Field(default=4200, ge=1, le=65535)
    work_pool: str = "opsconductor"
