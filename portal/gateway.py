"""What the portal asks of Prefect. `prefect_gateway` is the real one; it alone imports Prefect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Depends
from fastapi.requests import HTTPConnection

from flows.plan import Plan


@dataclass(frozen=True, slots=True)
class BlockOrder:
    """A block document to keep.

    Attributes:
        block_type: Slug of its type.
        name: The same for the same version of the same credential.
        data: Its fields; the secret one is an envelope.
    """

    block_type: str
    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FlowRunOrder:
    """A flow run to make: `run_id:epoch` is its idempotency key.

    Attributes:
        scheduled: Whether a stock worker takes the run from Prefect; ours hears of it from the record.
    """

    deployment_id: UUID
    run_id: UUID
    epoch: int
    name: str
    parameters: Mapping[str, Any]
    scheduled: bool = False


@dataclass(frozen=True, slots=True)
class PrefectAccess:
    """Where Prefect is, and what opens it.

    Attributes:
        origin: Scheme, host and port.
        authorization: Value of the Authorization header; empty when Prefect asks for none.
    """

    origin: str
    authorization: str

    def __repr__(self) -> str:
        return f"PrefectAccess({self.origin})"


class Gateway(Protocol):
    """Prefect, as the portal needs it. Every method raises UnavailableError while Prefect is away."""

    async def save_block(self, order: BlockOrder) -> UUID:
        """Keep a sealed credential as a block document, in place of one of that name; gives its key."""
        ...

    async def read_block(self, block_document_id: UUID) -> BlockOrder:
        """A block document as it was kept.

        Raises:
            NotFoundError: It was removed.
        """
        ...

    async def list_blocks(self, block_type: str) -> Sequence[UUID]:
        """Every block document of a type."""
        ...

    async def replace_block(self, block_document_id: UUID, data: Mapping[str, Any]) -> None:
        """Put other data into a block document.

        Raises:
            NotFoundError: It was removed.
        """
        ...

    async def delete_block(self, block_document_id: UUID) -> None:
        """Remove a block document; one that is gone already is fine."""
        ...

    async def deploy(self, job_id: UUID, version: int, plan: Plan) -> UUID:
        """Make or change the deployment of a job; gives its key."""
        ...

    async def withdraw(self, job_id: UUID) -> None:
        """Remove the deployment of a job; one that is gone already is fine."""
        ...

    async def find_misplaced(self) -> Sequence[UUID]:
        """Deployments that are in another work pool than the one jobs are deployed to now."""
        ...

    async def deploy_maintenance(self) -> Sequence[str]:
        """Deploy the maintenance flows that are missing; gives their names."""
        ...

    async def create_flow_run(self, order: FlowRunOrder) -> UUID:
        """Make the flow run of a run, once for each epoch; gives its key."""
        ...

    async def access(self) -> PrefectAccess:
        """Where Prefect is, for those who pass requests on to it."""
        ...

    async def healthy(self) -> bool:
        """Whether Prefect answers now."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def get_gateway(connection: HTTPConnection) -> Gateway:
    """The app's way to Prefect."""
    return connection.app.state.gateway


GatewayDep = Annotated[Gateway, Depends(get_gateway)]
