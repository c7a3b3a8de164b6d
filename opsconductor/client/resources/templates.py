"""The templates of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import JobSource, TemplateCreate, TemplatesList, TemplatesVersions, TemplateUpdate
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import (
    TemplateDetail,
    TemplateRead,
    TemplateValidation,
    TemplateVersionDetail,
    TemplateVersionRead,
    UsersRead,
)


class Templates(Resource):
    """The templates of a portal."""

    def list(self, **query: Unpack[TemplatesList]) -> Iterator[TemplateRead]:
        """Templates, a page at a time.

        Args:
            **query: The fields of `TemplatesList`.

        Returns:
            One after the other; the next page is fetched when it is read. `TemplateRead`: A template.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/job-templates", query=query, answer=Page[TemplateRead]))

    def create(self, **body: Unpack[TemplateCreate]) -> TemplateDetail:
        """Keep a new template; every problem of its document is named at once.

        Args:
            **body: The fields of `TemplateCreate`.

        Returns:
            `TemplateDetail`: A template with its newest document.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/job-templates", body=body, answer=TemplateDetail))

    def get(self, template_id: Key) -> TemplateDetail:
        """One template with its newest document.

        Args:
            template_id: Id of the template.

        Returns:
            `TemplateDetail`: A template with its newest document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/job-templates/{part(template_id)}", answer=TemplateDetail))

    def update(
        self, template_id: Key, *, if_match: str | None = None, **body: Unpack[TemplateUpdate]
    ) -> TemplateDetail:
        """Keep a new version of a template, or another folder or tags; jobs go on with the version they name.

        Args:
            template_id: Id of the template.
            if_match: Refuse when the job is at another version: `"3"`, as `ETag` said.
            **body: The fields of `TemplateUpdate`.

        Returns:
            `TemplateDetail`: A template with its newest document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(
            Call("PATCH", f"/job-templates/{part(template_id)}", if_match=if_match, body=body, answer=TemplateDetail)
        )

    def delete(self, template_id: Key) -> None:
        """Take a template away that nothing uses as it is now.

        Args:
            template_id: Id of the template.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(Call("DELETE", f"/job-templates/{part(template_id)}", answer=NoneType))

    def validate(self, **body: Unpack[JobSource]) -> TemplateValidation:
        """Find everything wrong with a template; nothing is kept.

        Args:
            **body: The fields of `JobSource`.

        Returns:
            `TemplateValidation`: What checking a template found; nothing was kept.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/job-templates/validate", body=body, answer=TemplateValidation))

    def uses(self, template_id: Key) -> UsersRead:
        """Jobs and templates that use a template as they are now, and for which a newer version is there.

        Args:
            template_id: Id of the template.

        Returns:
            `UsersRead`: Where a template is used, as far as somebody may see.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/job-templates/{part(template_id)}/uses", answer=UsersRead))

    def versions(self, template_id: Key, **query: Unpack[TemplatesVersions]) -> Iterator[TemplateVersionRead]:
        """Versions of a template, the newest first, a page at a time.

        Args:
            template_id: Id of the template.
            **query: The fields of `TemplatesVersions`.

        Returns:
            One after the other; the next page is fetched when it is read. `TemplateVersionRead`: One version of a
            template, without its document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(
            Call("GET", f"/job-templates/{part(template_id)}/versions", query=query, answer=Page[TemplateVersionRead])
        )

    def version(self, template_id: Key, version: int) -> TemplateVersionDetail:
        """One version of a template.

        Args:
            template_id: Id of the template.
            version: Number of the version.

        Returns:
            `TemplateVersionDetail`: One version of a template.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(
            Call("GET", f"/job-templates/{part(template_id)}/versions/{part(version)}", answer=TemplateVersionDetail)
        )


class AsyncTemplates(AsyncResource):
    """The templates of a portal."""

    def list(self, **query: Unpack[TemplatesList]) -> AsyncIterator[TemplateRead]:
        """Templates, a page at a time.

        Args:
            **query: The fields of `TemplatesList`.

        Returns:
            One after the other; the next page is fetched when it is read. `TemplateRead`: A template.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/job-templates", query=query, answer=Page[TemplateRead]))

    async def create(self, **body: Unpack[TemplateCreate]) -> TemplateDetail:
        """Keep a new template; every problem of its document is named at once.

        Args:
            **body: The fields of `TemplateCreate`.

        Returns:
            `TemplateDetail`: A template with its newest document.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/job-templates", body=body, answer=TemplateDetail))

    async def get(self, template_id: Key) -> TemplateDetail:
        """One template with its newest document.

        Args:
            template_id: Id of the template.

        Returns:
            `TemplateDetail`: A template with its newest document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/job-templates/{part(template_id)}", answer=TemplateDetail))

    async def update(
        self, template_id: Key, *, if_match: str | None = None, **body: Unpack[TemplateUpdate]
    ) -> TemplateDetail:
        """Keep a new version of a template, or another folder or tags; jobs go on with the version they name.

        Args:
            template_id: Id of the template.
            if_match: Refuse when the job is at another version: `"3"`, as `ETag` said.
            **body: The fields of `TemplateUpdate`.

        Returns:
            `TemplateDetail`: A template with its newest document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("PATCH", f"/job-templates/{part(template_id)}", if_match=if_match, body=body, answer=TemplateDetail)
        )

    async def delete(self, template_id: Key) -> None:
        """Take a template away that nothing uses as it is now.

        Args:
            template_id: Id of the template.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(Call("DELETE", f"/job-templates/{part(template_id)}", answer=NoneType))

    async def validate(self, **body: Unpack[JobSource]) -> TemplateValidation:
        """Find everything wrong with a template; nothing is kept.

        Args:
            **body: The fields of `JobSource`.

        Returns:
            `TemplateValidation`: What checking a template found; nothing was kept.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/job-templates/validate", body=body, answer=TemplateValidation))

    async def uses(self, template_id: Key) -> UsersRead:
        """Jobs and templates that use a template as they are now, and for which a newer version is there.

        Args:
            template_id: Id of the template.

        Returns:
            `UsersRead`: Where a template is used, as far as somebody may see.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/job-templates/{part(template_id)}/uses", answer=UsersRead))

    def versions(self, template_id: Key, **query: Unpack[TemplatesVersions]) -> AsyncIterator[TemplateVersionRead]:
        """Versions of a template, the newest first, a page at a time.

        Args:
            template_id: Id of the template.
            **query: The fields of `TemplatesVersions`.

        Returns:
            One after the other; the next page is fetched when it is read. `TemplateVersionRead`: One version of a
            template, without its document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(
            Call("GET", f"/job-templates/{part(template_id)}/versions", query=query, answer=Page[TemplateVersionRead])
        )

    async def version(self, template_id: Key, version: int) -> TemplateVersionDetail:
        """One version of a template.

        Args:
            template_id: Id of the template.
            version: Number of the version.

        Returns:
            `TemplateVersionDetail`: One version of a template.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(
            Call("GET", f"/job-templates/{part(template_id)}/versions/{part(version)}", answer=TemplateVersionDetail)
        )
