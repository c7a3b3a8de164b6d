"""The portal's way to Prefect; no other module of the portal imports it.

Importing Prefect takes seconds, so it happens beside the start, in a thread: the portal answers meanwhile.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from flows.plan import Plan
from opsconductor.errors import NotFoundError, UnavailableError

from .gateway import BlockOrder, FlowRunOrder, PrefectAccess
from .settings import Settings

if TYPE_CHECKING:
    from prefect.blocks.core import Block
    from prefect.client.orchestration import PrefectClient

_log = structlog.stdlib.get_logger("portal.prefect")


class PrefectNotAnsweringError(UnavailableError):
    """Prefect is away, or refuses us."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Prefect does not answer: {reason}")
        self.reason = reason


class PrefectGateway:
    """Prefect over its API.

    Args:
        api_url: Where its API is; None when this portal has no Prefect.
        work_pool: Pool that jobs are deployed to.
    """

    def __init__(self, api_url: str | None, work_pool: str) -> None:
        self._api_url = api_url
        self._work_pool = work_pool
        self._client: PrefectClient | None = None
        self._opening = asyncio.Lock()
        self._registered: set[str] = set()

    async def save_block(self, order: BlockOrder) -> UUID:
        """Keep a sealed credential as a block document, in place of one of that name; gives its key."""
        from prefect.client.schemas.actions import BlockDocumentCreate, BlockDocumentUpdate
        from prefect.exceptions import ObjectAlreadyExists

        async with self._prefect() as client:
            await self._register(client, order.block_type)
            block_type, schema = await _type_and_schema(client, order.block_type)
            created = BlockDocumentCreate(
                name=order.name, data=dict(order.data), block_type_id=block_type, block_schema_id=schema
            )
            try:
                return (await client.create_block_document(created)).id
            except ObjectAlreadyExists:
                # A transaction that was not committed left it here.
                found = await client.read_block_document_by_name(order.name, order.block_type, include_secrets=False)
                change = BlockDocumentUpdate(data=dict(order.data), block_schema_id=schema, merge_existing_data=False)
                await client.update_block_document(found.id, change)
                return found.id

    async def read_block(self, block_document_id: UUID) -> BlockOrder:
        """A block document as it was kept."""
        from prefect.exceptions import ObjectNotFound

        async with self._prefect() as client:
            try:
                found = await client.read_block_document(block_document_id, include_secrets=True)
            except ObjectNotFound as error:
                raise NotFoundError("credential", block_document_id) from error
        slug = found.block_type.slug if found.block_type else ""
        return BlockOrder(slug, found.name or "", found.data)

    async def list_blocks(self, block_type: str) -> Sequence[UUID]:
        """Every block document of a type."""
        from prefect.exceptions import ObjectNotFound

        async with self._prefect() as client:
            try:
                found = await client.read_block_documents_by_type(block_type, include_secrets=False)
            except ObjectNotFound:  # nothing of this type was ever kept
                return []
        return [document.id for document in found]

    async def replace_block(self, block_document_id: UUID, data: Mapping[str, Any]) -> None:
        """Put other data into a block document."""
        from prefect.client.schemas.actions import BlockDocumentUpdate
        from prefect.exceptions import ObjectNotFound

        async with self._prefect() as client:
            change = BlockDocumentUpdate(data=dict(data), merge_existing_data=False)
            try:
                await client.update_block_document(block_document_id, change)
            except ObjectNotFound as error:
                raise NotFoundError("credential", block_document_id) from error

    async def delete_block(self, block_document_id: UUID) -> None:
        """Remove a block document; one that is gone already is fine."""
        from prefect.exceptions import ObjectNotFound

        async with self._prefect() as client:
            try:
                await client.delete_block_document(block_document_id)
            except ObjectNotFound:
                return

    async def deploy(self, job_id: UUID, version: int, plan: Plan) -> UUID:
        """Make or change the deployment of a job; gives its key."""
        async with self._prefect() as client:
            from flows import deployments
            from flows.prefect_flow import to_flow

            flow = to_flow(plan, job_id)
            return await deployments.deploy(
                client, flow, job_id, version, description=plan.description, work_pool=self._work_pool
            )

    async def withdraw(self, job_id: UUID) -> None:
        """Remove the deployment of a job; one that is gone already is fine."""
        async with self._prefect() as client:
            from flows import deployments

            await deployments.withdraw(client, job_id)

    async def find_misplaced(self) -> Sequence[UUID]:
        """Deployments that are in another work pool than the one jobs are deployed to now."""
        async with self._prefect() as client:
            from flows import deployments

            return await deployments.find_misplaced(client, self._work_pool)

    async def deploy_maintenance(self) -> Sequence[str]:
        """Deploy the maintenance flows that are missing; gives their names."""
        async with self._prefect() as client:
            from flows.maintenance_deployments import deploy_missing

            return await deploy_missing(client)

    async def create_flow_run(self, order: FlowRunOrder) -> UUID:
        """Make the flow run of a run, once for each epoch; gives its key."""
        async with self._prefect() as client:
            from flows import deployments

            made = await deployments.create_flow_run(
                client,
                order.deployment_id,
                order.run_id,
                order.epoch,
                name=order.name,
                parameters=order.parameters,
                scheduled=order.scheduled,
            )
            return made.id

    async def access(self) -> PrefectAccess:
        """Where Prefect is, for those who pass requests on to it."""
        auth = await asyncio.to_thread(_auth_string)
        parts = urlsplit(self._url())
        header = f"Basic {base64.b64encode(auth.encode()).decode()}" if auth else ""
        return PrefectAccess(f"{parts.scheme}://{parts.netloc}", header)

    async def healthy(self) -> bool:
        """Whether Prefect answers now."""
        try:
            async with self._prefect() as client:
                return await client.api_healthcheck() is None
        except UnavailableError:
            return False

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.__aexit__(None, None, None)
            self._client = None

    def _url(self) -> str:
        if self._api_url is None:
            raise PrefectNotAnsweringError("OPSCONDUCTOR_PREFECT_API_URL is not set")
        return self._api_url

    async def _open(self) -> "PrefectClient":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(_new_client, self._url())
                await self._client.__aenter__()
            return self._client

    @asynccontextmanager
    async def _prefect(self) -> AsyncGenerator["PrefectClient"]:
        client = await self._open()
        import httpx
        from prefect.exceptions import PrefectException

        try:
            yield client
        except (httpx.HTTPError, PrefectException) as error:
            _log.warning("prefect.refused", error=str(error))
            raise PrefectNotAnsweringError(_reason(error)) from error

    async def _register(self, client: "PrefectClient", slug: str) -> None:
        if slug in self._registered:
            return
        from blocks import collection

        blocks: list[type[Block]] = [getattr(collection, name) for name in collection.__all__]
        for block in blocks:
            if block.get_block_type_slug() == slug:
                await block.aregister_type_and_schema(client=client)
                self._registered.add(slug)


def open_gateway(settings: Settings) -> PrefectGateway:
    """The gateway of a portal process."""
    return PrefectGateway(settings.prefect_api_url, settings.work_pool)


def _new_client(api_url: str) -> "PrefectClient":
    from prefect.client.orchestration import PrefectClient

    return PrefectClient(api_url, auth_string=_auth_string())


def _auth_string() -> str | None:
    """Prefect's password, from its own prefect.toml (0600) in the working directory."""
    from prefect.settings import get_current_settings

    secret = get_current_settings().api.auth_string
    return secret.get_secret_value() if secret else None


async def _type_and_schema(client: "PrefectClient", slug: str) -> tuple[UUID, UUID]:
    block_type = await client.read_block_type_by_slug(slug)
    schema = await client.get_most_recent_block_schema_for_block_type(block_type.id)
    if schema is None:
        raise PrefectNotAnsweringError(f"it has lost the schema of block type {slug}")
    return block_type.id, schema.id


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
