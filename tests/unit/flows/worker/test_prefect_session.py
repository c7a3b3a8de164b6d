import ssl

from prefect.client.orchestration import get_client
from prefect.context import AsyncClientContext

from flows.worker.handover import PrefectAddress
from flows.worker.prefect_session import prefect_client, settings_for

ADDRESS = PrefectAddress(api_url="http://127.0.0.1:9/api", auth_string=None, work_pool="pool")


async def test_flow_and_tasks_share_the_client_that_was_made_with_a_ready_context() -> None:
    with settings_for(ADDRESS):
        async with prefect_client(ssl.create_default_context()) as client:
            assert get_client() is client
            async with AsyncClientContext.get_or_create() as context:
                assert context.client is client
