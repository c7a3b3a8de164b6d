"""What the portal asks of Prefect. `prefect_gateway` is the real one; it alone imports Prefect."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Depends
from fastapi.requests import HTTPConnection

from flows.plan import Plan


@dataclass(frozen=True, slots=True)
class CredentialSecret:
    """What a credential holds in clear, on its way into the envelope.

    Attributes:
        kind: `ssh_password`, `ssh_key` or `secret_text`.
        values: Secret fields by name.
    """

    credential_id: UUID
    name: str
    version: int
    kind: str
    username: str
    values: Mapping[str, str]

    def __repr__(self) -> str:
        return f"CredentialSecret({self.kind}, {self.credential_id})"


@dataclass(frozen=True, slots=True)
class FlowRunOrder:
    """A flow run to make: `run_id:epoch` is its idempotency key."""

    deployment_id: UUID
    run_id: UUID
    epoch: int
    name: str
    parameters: Mapping[str, Any]


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

    async def save_credential(self, secret: CredentialSecret) -> UUID:
        """Seal a credential and keep it as a block document; gives the document's key.

        Raises:
            SealedError: The keyring is missing, wrong or open to others.
        """
        ...

    async def delete_credential(self, block_document_id: UUID) -> None:
        """Remove a block document; one that is gone already is fine."""
        ...

    async def deploy(self, job_id: UUID, version: int, plan: Plan) -> UUID:
        """Make or change the deployment of a job; gives its key."""
        ...

    async def withdraw(self, deployment_id: UUID) -> None:
        """Remove a deployment; one that is gone already is fine."""
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
