"""`python -m flows.worker`: the warm worker of this machine."""

import asyncio
import logging

from .service import serve
from .settings import WorkerSettings


def main() -> None:
    """Work until TERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(serve(WorkerSettings()))  # pyright: ignore[reportCallIssue] (its values come from the environment)


if __name__ == "__main__":
    main()
