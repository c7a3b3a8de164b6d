"""The targets of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import (
    ChosenTargets,
    HealthCheckSet,
    HostKeyAccept,
    SelectorPreview,
    TargetCreate,
    TargetsCredential,
    TargetsHealthHistory,
    TargetsList,
    TargetsListHealth,
    TargetsRuns,
    TargetsUpdate,
    TargetUpdate,
)
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import (
    ConnectionTestRead,
    HealthCheckRead,
    HealthRead,
    HealthRecordRead,
    PreviewRead,
    TargetCredentialRead,
    TargetHealthRead,
    TargetRead,
    TargetRunRead,
    TargetsOutcome,
)


class Targets(Resource):
    """The targets of a portal."""

    def list(self, **query: Unpack[TargetsList]) -> Iterator[TargetRead]:
        """Targets, a page at a time.

        Args:
            **query: The fields of `TargetsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `TargetRead`: A target.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/targets", query=query, answer=Page[TargetRead]))

    def create(self, **body: Unpack[TargetCreate]) -> TargetRead:
        """Add a target.

        Args:
            **body: The fields of `TargetCreate`.

        Returns:
            `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/targets", body=body, answer=TargetRead))

    def get(self, target_id: Key) -> TargetRead:
        """One target.

        Args:
            target_id: Id of the target.

        Returns:
            `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/targets/{part(target_id)}", answer=TargetRead))

    def update(self, target_id: Key, **body: Unpack[TargetUpdate]) -> TargetRead:
        """Change a target; what is absent stays. No selector follows another name: see `force`.

        Args:
            target_id: Id of the target.
            **body: The fields of `TargetUpdate`.

        Returns:
            `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", f"/targets/{part(target_id)}", body=body, answer=TargetRead))

    def update_many(self, **body: Unpack[TargetsUpdate]) -> TargetsOutcome:
        """Change many targets, and say what became of each; those that may not be changed stay as they are.

        Args:
            **body: The fields of `TargetsUpdate`.

        Returns:
            `TargetsOutcome`: What became of each.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", "/targets", body=body, answer=TargetsOutcome))

    def delete(self, target_id: Key) -> None:
        """Remove a target; runs that named it keep what they froze.

        Args:
            target_id: Id of the target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/targets/{part(target_id)}", answer=NoneType))

    def delete_many(self, **body: Unpack[ChosenTargets]) -> TargetsOutcome:
        """Remove many targets, and say what became of each; those that may not be removed stay.

        Args:
            **body: The fields of `ChosenTargets`.

        Returns:
            `TargetsOutcome`: What became of each.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/targets/delete", body=body, answer=TargetsOutcome))

    def preview(self, **body: Unpack[SelectorPreview]) -> PreviewRead:
        """What a run with this selector would run on; the run uses the same function.

        Args:
            **body: The fields of `SelectorPreview`.

        Returns:
            `PreviewRead`: What a run with this selector would run on.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/targets/preview", body=body, answer=PreviewRead))

    def runs(self, target_id: Key, **query: Unpack[TargetsRuns]) -> Iterator[TargetRunRead]:
        """Runs on one target, the newest first, and how each ended there.

        Args:
            target_id: Id of the target.
            **query: The fields of `TargetsRuns`.

        Returns:
            One after the other; the next page is fetched when it is read. `TargetRunRead`: A run, and how it ended on
            one target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/targets/{part(target_id)}/runs", query=query, answer=Page[TargetRunRead]))

    def accept_host_key(self, target_id: Key, **body: Unpack[HostKeyAccept]) -> TargetRead:
        """Trust another host key from now on, such as that of a host that was rebuilt.

        Args:
            target_id: Id of the target.
            **body: The fields of `HostKeyAccept`.

        Returns:
            `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/targets/{part(target_id)}/accept-host-key", body=body, answer=TargetRead))

    def credential(self, target_id: Key, **query: Unpack[TargetsCredential]) -> TargetCredentialRead:
        """Which credential a target signs in with, and why: its own, its nearest group's, or the job's.

        Args:
            target_id: Id of the target.
            **query: The fields of `TargetsCredential`.

        Returns:
            `TargetCredentialRead`: Which credential a target signs in with, and why.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(
            Call("GET", f"/targets/{part(target_id)}/credential", query=query, answer=TargetCredentialRead)
        )

    def test(self, target_id: Key) -> ConnectionTestRead:
        """Log in to a target, with its own credential.

        Args:
            target_id: Id of the target.

        Returns:
            `ConnectionTestRead`: A test of one target or many; its id is that of the run that makes it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("POST", f"/targets/{part(target_id)}/test", answer=ConnectionTestRead))

    def list_health(self, **query: Unpack[TargetsListHealth]) -> Iterator[TargetHealthRead]:
        """Every target that was checked, and how it is, the latest change first.

        Args:
            **query: The fields of `TargetsListHealth`.

        Returns:
            One after the other; the next page is fetched when it is read. `TargetHealthRead`: How a target is, in a
            list of them.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/target-health", query=query, answer=Page[TargetHealthRead]))

    def health(self, target_id: Key) -> HealthRead:
        """How a target is, and how it is checked.

        Args:
            target_id: Id of the target.

        Returns:
            `HealthRead`: How a target is.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/targets/{part(target_id)}/health", answer=HealthRead))

    def health_history(self, target_id: Key, **query: Unpack[TargetsHealthHistory]) -> Iterator[HealthRecordRead]:
        """What the checks of a target found, the newest first.

        Args:
            target_id: Id of the target.
            **query: The fields of `TargetsHealthHistory`.

        Returns:
            One after the other; the next page is fetched when it is read. `HealthRecordRead`: What one check found.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(
            Call("GET", f"/targets/{part(target_id)}/health/history", query=query, answer=Page[HealthRecordRead])
        )

    def set_health_check(self, target_id: Key, **body: Unpack[HealthCheckSet]) -> HealthCheckRead:
        """Say how a target is checked, whatever its groups say.

        Args:
            target_id: Id of the target.
            **body: The fields of `HealthCheckSet`.

        Returns:
            `HealthCheckRead`: A check, and whose.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PUT", f"/targets/{part(target_id)}/health/check", body=body, answer=HealthCheckRead))

    def delete_health_check(self, target_id: Key) -> None:
        """Let the target's groups say how it is checked; without one, it is not.

        Args:
            target_id: Id of the target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/targets/{part(target_id)}/health/check", answer=NoneType))


class AsyncTargets(AsyncResource):
    """The targets of a portal."""

    def list(self, **query: Unpack[TargetsList]) -> AsyncIterator[TargetRead]:
        """Targets, a page at a time.

        Args:
            **query: The fields of `TargetsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `TargetRead`: A target.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/targets", query=query, answer=Page[TargetRead]))

    async def create(self, **body: Unpack[TargetCreate]) -> TargetRead:
        """Add a target.

        Args:
            **body: The fields of `TargetCreate`.

        Returns:
            `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/targets", body=body, answer=TargetRead))

    async def get(self, target_id: Key) -> TargetRead:
        """One target.

        Args:
            target_id: Id of the target.

        Returns:
            `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/targets/{part(target_id)}", answer=TargetRead))

    async def update(self, target_id: Key, **body: Unpack[TargetUpdate]) -> TargetRead:
        """Change a target; what is absent stays. No selector follows another name: see `force`.

        Args:
            target_id: Id of the target.
            **body: The fields of `TargetUpdate`.

        Returns:
            `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", f"/targets/{part(target_id)}", body=body, answer=TargetRead))

    async def update_many(self, **body: Unpack[TargetsUpdate]) -> TargetsOutcome:
        """Change many targets, and say what became of each; those that may not be changed stay as they are.

        Args:
            **body: The fields of `TargetsUpdate`.

        Returns:
            `TargetsOutcome`: What became of each.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", "/targets", body=body, answer=TargetsOutcome))

    async def delete(self, target_id: Key) -> None:
        """Remove a target; runs that named it keep what they froze.

        Args:
            target_id: Id of the target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/targets/{part(target_id)}", answer=NoneType))

    async def delete_many(self, **body: Unpack[ChosenTargets]) -> TargetsOutcome:
        """Remove many targets, and say what became of each; those that may not be removed stay.

        Args:
            **body: The fields of `ChosenTargets`.

        Returns:
            `TargetsOutcome`: What became of each.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/targets/delete", body=body, answer=TargetsOutcome))

    async def preview(self, **body: Unpack[SelectorPreview]) -> PreviewRead:
        """What a run with this selector would run on; the run uses the same function.

        Args:
            **body: The fields of `SelectorPreview`.

        Returns:
            `PreviewRead`: What a run with this selector would run on.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/targets/preview", body=body, answer=PreviewRead))

    def runs(self, target_id: Key, **query: Unpack[TargetsRuns]) -> AsyncIterator[TargetRunRead]:
        """Runs on one target, the newest first, and how each ended there.

        Args:
            target_id: Id of the target.
            **query: The fields of `TargetsRuns`.

        Returns:
            One after the other; the next page is fetched when it is read. `TargetRunRead`: A run, and how it ended on
            one target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/targets/{part(target_id)}/runs", query=query, answer=Page[TargetRunRead]))

    async def accept_host_key(self, target_id: Key, **body: Unpack[HostKeyAccept]) -> TargetRead:
        """Trust another host key from now on, such as that of a host that was rebuilt.

        Args:
            target_id: Id of the target.
            **body: The fields of `HostKeyAccept`.

        Returns:
            `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("POST", f"/targets/{part(target_id)}/accept-host-key", body=body, answer=TargetRead)
        )

    async def credential(self, target_id: Key, **query: Unpack[TargetsCredential]) -> TargetCredentialRead:
        """Which credential a target signs in with, and why: its own, its nearest group's, or the job's.

        Args:
            target_id: Id of the target.
            **query: The fields of `TargetsCredential`.

        Returns:
            `TargetCredentialRead`: Which credential a target signs in with, and why.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("GET", f"/targets/{part(target_id)}/credential", query=query, answer=TargetCredentialRead)
        )

    async def test(self, target_id: Key) -> ConnectionTestRead:
        """Log in to a target, with its own credential.

        Args:
            target_id: Id of the target.

        Returns:
            `ConnectionTestRead`: A test of one target or many; its id is that of the run that makes it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("POST", f"/targets/{part(target_id)}/test", answer=ConnectionTestRead))

    def list_health(self, **query: Unpack[TargetsListHealth]) -> AsyncIterator[TargetHealthRead]:
        """Every target that was checked, and how it is, the latest change first.

        Args:
            **query: The fields of `TargetsListHealth`.

        Returns:
            One after the other; the next page is fetched when it is read. `TargetHealthRead`: How a target is, in a
            list of them.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/target-health", query=query, answer=Page[TargetHealthRead]))

    async def health(self, target_id: Key) -> HealthRead:
        """How a target is, and how it is checked.

        Args:
            target_id: Id of the target.

        Returns:
            `HealthRead`: How a target is.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/targets/{part(target_id)}/health", answer=HealthRead))

    def health_history(self, target_id: Key, **query: Unpack[TargetsHealthHistory]) -> AsyncIterator[HealthRecordRead]:
        """What the checks of a target found, the newest first.

        Args:
            target_id: Id of the target.
            **query: The fields of `TargetsHealthHistory`.

        Returns:
            One after the other; the next page is fetched when it is read. `HealthRecordRead`: What one check found.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(
            Call("GET", f"/targets/{part(target_id)}/health/history", query=query, answer=Page[HealthRecordRead])
        )

    async def set_health_check(self, target_id: Key, **body: Unpack[HealthCheckSet]) -> HealthCheckRead:
        """Say how a target is checked, whatever its groups say.

        Args:
            target_id: Id of the target.
            **body: The fields of `HealthCheckSet`.

        Returns:
            `HealthCheckRead`: A check, and whose.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("PUT", f"/targets/{part(target_id)}/health/check", body=body, answer=HealthCheckRead)
        )

    async def delete_health_check(self, target_id: Key) -> None:
        """Let the target's groups say how it is checked; without one, it is not.

        Args:
            target_id: Id of the target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/targets/{part(target_id)}/health/check", answer=NoneType))
