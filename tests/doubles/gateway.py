"""A portal's way to Prefect with nobody at the other end, or with a Prefect that only remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from flows.maintenance_plan import MAINTENANCE
from flows.plan import Plan
from opsconductor.errors import NotFoundError, UnavailableError
from portal.gateway import BlockOrder, FlowRunOrder, PrefectAccess


@dataclass
class RememberingGateway:
    """Does what it is asked, in memory; `away` makes it answer as Prefect does when it is down."""

    away: bool = False
    origin: str = "http://127.0.0.1:9"
    blocks: dict[UUID, BlockOrder] = field(default_factory=dict)
    deployments: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    flow_runs: dict[tuple[UUID, int], FlowRunOrder] = field(default_factory=dict)
    misplaced: list[UUID] = field(default_factory=list)
    maintenance: list[str] = field(default_factory=list)

    async def save_block(self, order: BlockOrder) -> UUID:
        self._answer()
        key = uuid4()
        self.blocks[key] = order
        return key

    async def read_block(self, block_document_id: UUID) -> BlockOrder:
        self._answer()
        if block_document_id not in self.blocks:
            raise NotFoundError("credential", block_document_id)
        return self.blocks[block_document_id]

    async def list_blocks(self, block_type: str) -> list[UUID]:
        self._answer()
        return [key for key, order in self.blocks.items() if order.block_type == block_type]

    async def replace_block(self, block_document_id: UUID, data: Mapping[str, Any]) -> None:
        found = await self.read_block(block_document_id)
        self.blocks[block_document_id] = replace(found, data=data)

    async def delete_block(self, block_document_id: UUID) -> None:
        self._answer()
        self.blocks.pop(block_document_id, None)

    async def deploy(self, job_id: UUID, version: int, plan: Plan) -> UUID:
        self._answer()
        key = next((key for key, (job, _) in self.deployments.items() if job == job_id), None) or uuid4()
        self.deployments[key] = (job_id, version)
        return key

    async def withdraw(self, job_id: UUID) -> None:
        self._answer()
        self.deployments = {key: value for key, value in self.deployments.items() if value[0] != job_id}

    async def find_misplaced(self) -> list[UUID]:
        self._answer()
        return self.misplaced

    async def deploy_maintenance(self) -> list[str]:
        self._answer()
        missing = [wanted.full_name for wanted in MAINTENANCE if wanted.full_name not in self.maintenance]
        self.maintenance += missing
        return missing

    async def create_flow_run(self, order: FlowRunOrder) -> UUID:
        self._answer()
        self.flow_runs.setdefault((order.run_id, order.epoch), order)
        return uuid4()

    async def access(self) -> PrefectAccess:
        self._answer()
        return PrefectAccess(self.origin, "Basic b3BzOnNlY3JldA==")

    async def healthy(self) -> bool:
        return not self.away

    async def close(self) -> None:
        return None

    def _answer(self) -> None:
        if self.away:
            raise UnavailableError("Prefect does not answer")
