"""What the portal is told from outside: variables that start with OPSCONDUCTOR_, and `portal.toml` in its home."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_MEBIBYTE = 1024 * 1024
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _secure_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("must be an https address (http only on this machine)")
    if parts.hostname is None or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be an address without user, query and fragment")
    return url


SecureUrl = Annotated[str, AfterValidator(_secure_url)]


class GroupRole(BaseModel):
    """A group at the sign-in provider, and the role that its members have here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    role: str


class SsoSettings(BaseModel):
    """Single sign-on with one OpenID Connect provider.

    Attributes:
        issuer: The provider, as it calls itself.
        client_id: Who we are there.
        client_secret_file: 0600 file whose first line is the secret that we share with the provider.
        scopes: What we ask to know; the provider may need one more for groups.
        username_claim: What users are called here.
        groups_claim: Where their groups are.
        roles: The first one whose group the user is in decides on their role, at every sign-in.
        default_role: The role of those in none of these groups; absent: they are refused.
        create_users: Whether somebody unknown becomes a user at their first sign-in.
        origins: Where else the provider answers, such as `https://oauth2.googleapis.com`; requests go nowhere else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: SecureUrl
    client_id: str
    client_secret_file: Path
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    username_claim: str = "preferred_username"
    groups_claim: str = "groups"
    roles: tuple[GroupRole, ...] = ()
    default_role: str | None = None
    create_users: bool = True
    origins: tuple[SecureUrl, ...] = ()


class _PortalFile(TomlConfigSettingsSource):
    """`portal.toml`, where what it says must be known: a misspelt setting would silently not hold."""

    def __init__(self, settings_cls: type[BaseSettings], file: Path) -> None:
        super().__init__(settings_cls, file)
        unknown = sorted(set(self.toml_data) - set(settings_cls.model_fields))
        if unknown:
            raise ValueError(f"{file}: there is no setting {', '.join(unknown)}")


class Settings(BaseSettings):
    """Settings of one portal process. Secrets have no default and come from files where they can.

    A variable counts more than `portal.toml`, which has the same names in small letters without the prefix.

    Attributes:
        home: Folder of keyring and token keys; both are 0600 files.
        database_url: Our PostgreSQL, as libpq writes it.
        host: Address to listen on.
        port: TCP port to listen on.
        listen_fd: Listening socket inherited from the supervisor; host and port serve when absent.
        portal_url: Address people use, for links and the origin check; the listening address when absent.
        keyring: Key-encryption keys of the credentials; `keyring.json` in the home when absent.
        work_pool: Prefect's work pool that jobs go to; another one is for somebody else's workers.
        prefect_api_url: Prefect's API. Its password is Prefect's own setting, kept in prefect.toml (0600).
        access_token_seconds: How long an access token is good before it has to be renewed.
        session_seconds: How long a sign-in lasts at most.
        session_idle_seconds: How long it lasts when it is not used.
        browser_link_seconds: How long a one-time link to Prefect's pages is good.
        browser_session_seconds: How long such a link keeps a browser signed in.
        max_body_bytes: The largest body of a request.
        failed_logins_per_user: Failures of one user from one source before the waiting begins.
        failed_logins_per_source: Failures from one source, of whomever, before the waiting begins.
        reveals_per_hour: Secrets that one person may see in an hour.
        second_factor_roles: Names of roles whose users cannot sign in by password without a second factor.
        sso: Single sign-on; absent: there is none.
        forwarded_allow_ips: Proxies whose forwarded headers are believed.
        pool_size: Connections to the database at the same time.
        requests_per_minute_per_address: Requests from one address before it has to wait.
        requests_per_minute_per_user: Requests of one user before they have to wait.
        body_seconds: How long the head of a request may take to arrive, and then its body.
        statement_seconds: How long the database may work on one statement.
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
    second_factor_roles: frozenset[str] = frozenset()
    sso: SsoSettings | None = None
    reveals_per_hour: Annotated[int, Field(ge=1)] = 20
    pool_size: int = 10
    requests_per_minute_per_address: Annotated[int, Field(ge=1)] = 6000
    requests_per_minute_per_user: Annotated[int, Field(ge=1)] = 3000
    body_seconds: Annotated[float, Field(gt=0)] = 60
    statement_seconds: Annotated[int, Field(ge=1)] = 60

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The variables, then the file in the home that they name."""
        home = init_settings().get("home") or env_settings().get("home")
        named = (_PortalFile(settings_cls, Path(home) / "portal.toml"),) if home else ()
        return init_settings, env_settings, *named

    def needs_second_factor(self, role: str) -> bool:
        """Whether users of a role have to have one."""
        return role.lower() in {name.lower() for name in self.second_factor_roles}

    def naming_role(self, role: str) -> list[str]:
        """The settings that name a role: they hold for its name, so they would not for another one."""
        named = {"second_factor_roles": self.needs_second_factor(role)}
        if self.sso is not None:
            of_sso = {mapped.role.lower() for mapped in self.sso.roles} | {(self.sso.default_role or "").lower()}
            named["sso"] = role.lower() in of_sso
        return [name for name, names in named.items() if names]

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
