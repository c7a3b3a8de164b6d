"""What the worker is told from outside; variables start with OPSCONDUCTOR_."""

from pathlib import Path

from prefect.settings import get_current_settings
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from opsconductor.sdk.credential import Secret

from .handover import PrefectAddress


class WorkerSettings(BaseSettings):
    """Settings of one worker process.

    Attributes:
        home: Folder of this machine's files.
        database_url: Our PostgreSQL, as the service role.
        prefect_api_url: Prefect's API; the one of prefect.toml when absent.
        prefect_api_auth_string: Its basic-auth text; better left to prefect.toml in the working directory,
            for an environment can be looked at.
        work_pool: Name of our work pool.
        forkserver_socket: Where flow processes are asked for; `run/flows/forkserver.sock` in the home when absent.
        keyring: Key-encryption keys; `keyring.json` in the home when absent.
        capacity: How many runs this worker has going at once.
    """

    model_config = SettingsConfigDict(env_prefix="OPSCONDUCTOR_", extra="ignore", frozen=True)

    home: Path
    database_url: str
    prefect_api_url: str | None = None
    prefect_api_auth_string: SecretStr | None = None
    work_pool: str = "opsconductor"
    forkserver_socket: Path | None = None
    keyring: Path | None = None
    capacity: int = Field(default=50, ge=1)

    @property
    def socket(self) -> Path:
        """Where flow processes are asked for."""
        return self.forkserver_socket or self.home / "run" / "flows" / "forkserver.sock"

    @property
    def keyring_file(self) -> Path:
        """Key-encryption keys."""
        return self.keyring or self.home / "keyring.json"

    @property
    def ready_file(self) -> Path:
        """Locked while the worker listens (see `ready_mark`)."""
        return self.home / "run" / "worker.ready"

    def prefect_address(self) -> PrefectAddress:
        """Where Prefect is: what was set here first, then what Prefect's own configuration says."""
        api = get_current_settings().api
        auth = self.prefect_api_auth_string or api.auth_string
        return PrefectAddress(
            api_url=self.prefect_api_url or api.url or "http://127.0.0.1:4200/api",
            auth_string=None if auth is None else Secret(auth.get_secret_value()),
            work_pool=self.work_pool,
        )
