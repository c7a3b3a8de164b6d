import asyncio

import httpx
import psycopg

from tests.doubles.gateway import RememberingGateway

from .world import add_target

_END_WAITING = """
SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND database =
  (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def test_health_says_which_part_is_away(
    anonymous: httpx.AsyncClient, gateway: RememberingGateway, portal_database: str
):
    assert (await anonymous.get("/health/live")).json()["status"] == "ok"
    ready = await anonymous.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    gateway.away = True
    degraded = await anonymous.get("/health/ready")
    assert (degraded.status_code, degraded.json()["parts"]["prefect"]) == (200, "away")
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE users RENAME TO gone")
    failed = await anonymous.get("/health/ready")
    assert (failed.status_code, failed.json()["parts"]["database"]) == (503, "away")


async def test_figures_name_routes_never_paths(api: httpx.AsyncClient):
    made = await add_target(api, "web01")
    await api.get(f"/api/v1/targets/{made['id']}")
    text = (await api.get("/metrics")).text
    assert 'opsconductor_http_requests_total{method="GET",route="/targets/{target_id}",status="200"} 1.0' in text
    assert made["id"] not in text
    assert "opsconductor_oldest_queued_seconds 0.0" in text


async def test_methods_that_somebody_made_up_have_one_name_together(anonymous: httpx.AsyncClient):
    for method in ("GRAB", "SNATCH"):
        assert (await anonymous.request(method, "/api/v1/targets")).status_code == 405
    text = (await anonymous.get("/metrics")).text
    assert 'opsconductor_http_requests_total{method="other",route="/targets",status="405"} 2.0' in text
    assert "GRAB" not in text


async def test_a_page_that_the_database_does_not_give_can_be_asked_for_again(
    api: httpx.AsyncClient, portal_database: str
):
    for name in ("web01", "web02"):
        await add_target(api, name)
    cursor = (await api.get("/api/v1/targets", params={"size": 1})).json()["next_page"]
    with psycopg.connect(portal_database) as connection:
        connection.execute("LOCK TABLE targets")
        asked = asyncio.create_task(api.get("/api/v1/targets", params={"size": 1, "cursor": cursor}))
        ended = False
        while not ended:
            await asyncio.sleep(0.01)
            ended = connection.execute(_END_WAITING).fetchone() is not None
        answer = await asked
    assert (answer.status_code, answer.json()["retryable"]) == (503, True)


async def test_the_database_may_come_back(api: httpx.AsyncClient, portal_database: str):
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database()"
        )
    assert (await api.get("/api/v1/targets")).status_code == 200


async def test_every_answer_says_what_browsers_may_not_do(anonymous: httpx.AsyncClient):
    answer = await anonymous.get("/api/v1/nothing-here", headers={"X-Request-ID": "bad\tid"})
    assert answer.status_code == 404
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"] == answer.json()["request_id"] != "bad\tid"
