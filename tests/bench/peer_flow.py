"""The peer of the latency bench: the same command by hand-made Prefect. Deployed to a stock process worker."""

import sys
import time
from pathlib import Path

import asyncssh
from prefect import flow


@flow
async def look(address: str, port: int, username: str, key: str, host_key: str, mark: str) -> None:
    """Run `uptime` on one host, and note when its output was there."""
    known = asyncssh.import_known_hosts(f"[{address}]:{port} {host_key}\n")
    async with asyncssh.connect(
        address, port, username=username, client_keys=[key], known_hosts=known, config=None
    ) as connection:
        await connection.run("uptime", check=True)
    Path(mark).write_text(str(time.time()))


def deploy(pool: str) -> str:
    """Make the pool and the deployment; gives the deployment's id."""
    import asyncio

    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate

    async def make_pool() -> None:
        async with get_client() as client:
            await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))

    asyncio.run(make_pool())
    source = flow.from_source(source=str(Path(__file__).parent), entrypoint="peer_flow.py:look")
    return str(source.deploy(name="peer", work_pool_name=pool, ignore_warnings=True, print_next_steps=False))


if __name__ == "__main__":
    print(deploy(sys.argv[1]))
