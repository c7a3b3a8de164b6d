"""Prefect's configuration file: its secrets lie in 0600 files, never in an environment."""

import base64
import os
import secrets
from pathlib import Path

from .account import Account

_TEMPLATE = """\
# Written by `opsconductor up` at each start.
[server]
analytics_enabled = false

[server.api]
host = "127.0.0.1"
port = {port}
auth_string = "{auth}"

[server.database]
connection_url = "{database}"

[server.services.db_vacuum]
enabled = ["events", "orphans"]

[server.ui]
serve_base = "/prefect"
api_url = "/prefect/api"
static_directory = "{static}"
show_promotional_content = false

[server.logging]
level = "WARNING"

[api]
url = "http://127.0.0.1:{port}/api"
auth_string = "{auth}"

[logging]
level = "WARNING"

[cloud]
enable_orchestration_telemetry = false
"""


def write_prefect_files(folder: Path, account: Account, *, port: int, database: str) -> None:
    """Write prefect.toml, and once the API password and the key of Prefect's own encryption.

    Args:
        folder: Prefect's home.
        account: Who may read them.
        port: TCP port of the Prefect server.
        database: SQLAlchemy URL of Prefect's database (asyncpg).
    """
    account.own(folder, 0o700)
    auth = _once(folder / "auth", f"opsconductor:{secrets.token_urlsafe(32)}", account)
    _once(folder / "encryption.key", base64.urlsafe_b64encode(os.urandom(32)).decode(), account)
    _write(
        folder / "prefect.toml",
        _TEMPLATE.format(port=port, auth=auth, database=database, static=folder / "ui"),
        account,
    )


def _once(path: Path, content: str, account: Account) -> str:
    if not path.exists():
        _write(path, content, account)
    return path.read_text()


def _write(path: Path, content: str, account: Account) -> None:
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if os.geteuid() == 0:
        os.chown(new, account.uid, account.gid)
    new.replace(path)
