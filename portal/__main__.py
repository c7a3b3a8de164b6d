"""`python -m portal`: serve until told to stop."""

import uvicorn
from fastapi import FastAPI

from flows.tracing import TracingVariables, open_tracing

from .app import create_app
from .edge.heads import head_timeouts
from .kit.logs import configure_logs
from .prefect_gateway import open_gateway
from .settings import Settings


def main() -> None:
    """Serve on the settings' address, or on a socket that the parent opened."""
    configure_logs()
    settings = Settings()  # pyright: ignore[reportCallIssue] (fields come from the environment)
    tracing = open_tracing("opsconductor-portal", TracingVariables.of_process())
    serve(create_app(settings, open_gateway, tracing), settings)


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve an app until told to stop."""
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        fd=settings.listen_fd,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        http=head_timeouts(settings.body_seconds),  # on h11: the other implementation has no limit for headers
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=65_536,
        ws_max_size=65_536,
    )


if __name__ == "__main__":
    main()
