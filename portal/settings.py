"""What the portal is told from outside; variables start with OPSCONDUCTOR_."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """Settings of one portal process. Secrets have no default and come from files where they can.

    Attributes:
        home: Folder of keyring and token keys; both are 0600 files.
        database_url: Our PostgreSQL, as libpq writes it.
        listen_fd: Listening socket inherited from the supervisor; host and port serve when absent.
        portal_url: Address people use, for links and the origin check; the listening address when absent.
        keyring: Key-encryption keys of the credentials; `keyring.json` in the home when absent.
        prefect_api_url: Prefect's API. Its password is Prefect's own setting, kept in prefect.toml (0600).
        session_seconds: How long a sign-in lasts at most.
        session_idle_seconds: How long it lasts when it is not used.
        failed_logins_per_user: Failures of one user from one source before the waiting begins.
        failed_logins_per_source: Failures from one source, of whomever, before the waiting begins.
        forwarded_allow_ips: Proxies whose forwarded headers are believed.
    """

    model_config = SettingsConfigDict(env_prefix="OPSCONDUCTOR_", extra="ignore", frozen=True)

    home: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8080
    listen_fd: int | None = None
    portal_url: str | None = None
    keyring: Path | None = None
    prefect_api_url: str | None = None
    work_pool: str = "opsconductor"
    forwarded_allow_ips: str = "127.0.0.1"
    access_token_seconds: int = 900
    session_seconds: int = 30 * 86_400
    session_idle_seconds: Annotated[int, Field(ge=300)] = 7 * 86_400
    browser_link_seconds: int = 60
    browser_session_seconds: int = 12 * 3_600
    max_body_bytes: Annotated[int, Field(ge=1024)] = 8 * _MEBIBYTE
    failed_logins_per_user: Annotated[int, Field(ge=1)] = 5
    failed_logins_per_source: Annotated[int, Field(ge=1)] = 30
    pool_size: int = 10
    requests_per_minute_per_address: Annotated[int, Field(ge=1)] = 6000
    requests_per_minute_per_user: Annotated[int, Field(ge=1)] = 3000
    body_seconds: Annotated[float, Field(gt=0)] = 60
    statement_seconds: Annotated[int, Field(ge=1)] = 60

    @property
    def stock_worker(self) -> bool:
        """Whether runs go to a pool of somebody else's workers, who bring no credentials along."""
        return self.work_pool != "opsconductor"

    @property
    def keyring_file(self) -> Path:
        """Key-encryption keys of the credentials."""
        return self.keyring or self.home / "keyring.json"

    @property
    def token_keys_file(self) -> Path:
        """Keys that sign access tokens."""
        return self.home / "portal-keys.json"

    @property
    def address(self) -> str:
        """Where people reach this portal, without a slash at the end."""
        return (self.portal_url or f"http://{self.host}:{self.port}").rstrip("/")
