"""The groups of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import (
    GroupCreate,
    GroupsDelete,
    GroupsList,
    GroupsTargets,
    GroupUpdate,
    HealthCheckSet,
    MembersUpdate,
)
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import GroupRead, GroupUse, HealthCheckRead, MembersRead, TargetRead, TreeRead


class Groups(Resource):
    """The groups of a portal."""

    def list(self, **query: Unpack[GroupsList]) -> Iterator[GroupRead]:
        """Groups, a page at a time.

        Args:
            **query: The fields of `GroupsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `GroupRead`: A group.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/groups", query=query, answer=Page[GroupRead]))

    def tree(self) -> TreeRead:
        """How groups are nested.

        Returns:
            `TreeRead`: All groups; one that is in two others is named by both.
        """
        return self._send(Call("GET", "/groups/tree", answer=TreeRead))

    def create(self, **body: Unpack[GroupCreate]) -> GroupRead:
        """Make a group.

        Args:
            **body: The fields of `GroupCreate`.

        Returns:
            `GroupRead`: A group.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/groups", body=body, answer=GroupRead))

    def get(self, group_id: Key) -> GroupRead:
        """One group.

        Args:
            group_id: Id of the group.

        Returns:
            `GroupRead`: A group.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/groups/{part(group_id)}", answer=GroupRead))

    def update(self, group_id: Key, **body: Unpack[GroupUpdate]) -> GroupRead:
        """Change a group; what is absent stays. Another name is followed everywhere but in jobs: see `force`.

        Args:
            group_id: Id of the group.
            **body: The fields of `GroupUpdate`.

        Returns:
            `GroupRead`: A group.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", f"/groups/{part(group_id)}", body=body, answer=GroupRead))

    def delete(self, group_id: Key, **query: Unpack[GroupsDelete]) -> None:
        """Remove a group; its targets and the groups inside it stay. With force, roles that people had in it go.

        Args:
            group_id: Id of the group.
            **query: The fields of `GroupsDelete`.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("DELETE", f"/groups/{part(group_id)}", query=query, answer=NoneType))

    def change_members(self, group_id: Key, **body: Unpack[MembersUpdate]) -> MembersRead:
        """Put targets into a group and take others out of it.

        Args:
            group_id: Id of the group.
            **body: The fields of `MembersUpdate`.

        Returns:
            `MembersRead`: What became of it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", f"/groups/{part(group_id)}/members", body=body, answer=MembersRead))

    def targets(self, group_id: Key, **query: Unpack[GroupsTargets]) -> Iterator[TargetRead]:
        """The targets in it, those of groups inside it included.

        Args:
            group_id: Id of the group.
            **query: The fields of `GroupsTargets`.

        Returns:
            One after the other; the next page is fetched when it is read. `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/groups/{part(group_id)}/targets", query=query, answer=Page[TargetRead]))

    def uses(self, group_id: Key) -> GroupUse:
        """What names the group: grants, groups and jobs.

        Args:
            group_id: Id of the group.

        Returns:
            `GroupUse`: What uses a group.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/groups/{part(group_id)}/use", answer=GroupUse))

    def health_check(self, group_id: Key) -> HealthCheckRead:
        """How every target of a group is checked, unless it has a check of its own.

        Args:
            group_id: Id of the group.

        Returns:
            `HealthCheckRead`: A check, and whose.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/groups/{part(group_id)}/health/check", answer=HealthCheckRead))

    def set_health_check(self, group_id: Key, **body: Unpack[HealthCheckSet]) -> HealthCheckRead:
        """Say how every target of a group is checked, unless it has a check of its own.

        Args:
            group_id: Id of the group.
            **body: The fields of `HealthCheckSet`.

        Returns:
            `HealthCheckRead`: A check, and whose.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PUT", f"/groups/{part(group_id)}/health/check", body=body, answer=HealthCheckRead))

    def delete_health_check(self, group_id: Key) -> None:
        """Check the targets of a group no more, as far as the group goes.

        Args:
            group_id: Id of the group.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/groups/{part(group_id)}/health/check", answer=NoneType))


class AsyncGroups(AsyncResource):
    """The groups of a portal."""

    def list(self, **query: Unpack[GroupsList]) -> AsyncIterator[GroupRead]:
        """Groups, a page at a time.

        Args:
            **query: The fields of `GroupsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `GroupRead`: A group.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/groups", query=query, answer=Page[GroupRead]))

    async def tree(self) -> TreeRead:
        """How groups are nested.

        Returns:
            `TreeRead`: All groups; one that is in two others is named by both.
        """
        return await self._send(Call("GET", "/groups/tree", answer=TreeRead))

    async def create(self, **body: Unpack[GroupCreate]) -> GroupRead:
        """Make a group.

        Args:
            **body: The fields of `GroupCreate`.

        Returns:
            `GroupRead`: A group.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/groups", body=body, answer=GroupRead))

    async def get(self, group_id: Key) -> GroupRead:
        """One group.

        Args:
            group_id: Id of the group.

        Returns:
            `GroupRead`: A group.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/groups/{part(group_id)}", answer=GroupRead))

    async def update(self, group_id: Key, **body: Unpack[GroupUpdate]) -> GroupRead:
        """Change a group; what is absent stays. Another name is followed everywhere but in jobs: see `force`.

        Args:
            group_id: Id of the group.
            **body: The fields of `GroupUpdate`.

        Returns:
            `GroupRead`: A group.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", f"/groups/{part(group_id)}", body=body, answer=GroupRead))

    async def delete(self, group_id: Key, **query: Unpack[GroupsDelete]) -> None:
        """Remove a group; its targets and the groups inside it stay. With force, roles that people had in it go.

        Args:
            group_id: Id of the group.
            **query: The fields of `GroupsDelete`.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("DELETE", f"/groups/{part(group_id)}", query=query, answer=NoneType))

    async def change_members(self, group_id: Key, **body: Unpack[MembersUpdate]) -> MembersRead:
        """Put targets into a group and take others out of it.

        Args:
            group_id: Id of the group.
            **body: The fields of `MembersUpdate`.

        Returns:
            `MembersRead`: What became of it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", f"/groups/{part(group_id)}/members", body=body, answer=MembersRead))

    def targets(self, group_id: Key, **query: Unpack[GroupsTargets]) -> AsyncIterator[TargetRead]:
        """The targets in it, those of groups inside it included.

        Args:
            group_id: Id of the group.
            **query: The fields of `GroupsTargets`.

        Returns:
            One after the other; the next page is fetched when it is read. `TargetRead`: A target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/groups/{part(group_id)}/targets", query=query, answer=Page[TargetRead]))

    async def uses(self, group_id: Key) -> GroupUse:
        """What names the group: grants, groups and jobs.

        Args:
            group_id: Id of the group.

        Returns:
            `GroupUse`: What uses a group.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/groups/{part(group_id)}/use", answer=GroupUse))

    async def health_check(self, group_id: Key) -> HealthCheckRead:
        """How every target of a group is checked, unless it has a check of its own.

        Args:
            group_id: Id of the group.

        Returns:
            `HealthCheckRead`: A check, and whose.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/groups/{part(group_id)}/health/check", answer=HealthCheckRead))

    async def set_health_check(self, group_id: Key, **body: Unpack[HealthCheckSet]) -> HealthCheckRead:
        """Say how every target of a group is checked, unless it has a check of its own.

        Args:
            group_id: Id of the group.
            **body: The fields of `HealthCheckSet`.

        Returns:
            `HealthCheckRead`: A check, and whose.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("PUT", f"/groups/{part(group_id)}/health/check", body=body, answer=HealthCheckRead)
        )

    async def delete_health_check(self, group_id: Key) -> None:
        """Check the targets of a group no more, as far as the group goes.

        Args:
            group_id: Id of the group.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/groups/{part(group_id)}/health/check", answer=NoneType))
