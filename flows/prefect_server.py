"""`python -m flows.prefect_server`: the Prefect server, started in the folder of its prefect.toml.

Prefect reads the key of its own encryption from the environment only. It is put there inside this
process, so that the environment the process was started with, which others can look at, stays clean.
"""

import os
from pathlib import Path


def main() -> None:
    """Serve until told to end."""
    os.environ["PREFECT_SERVER_ENCRYPTION_KEY"] = Path("encryption.key").read_text(encoding="ascii").strip()

    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    api = get_current_settings().server.api
    uvicorn.run(create_app(final=True), host=api.host, port=api.port, log_level="warning", timeout_graceful_shutdown=5)


if __name__ == "__main__":
    main()
