"""The credentials of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import (
    CredentialCreate,
    CredentialRotate,
    CredentialsAccesses,
    CredentialsList,
    CredentialTest,
    CredentialUpdate,
    RevealRequest,
)
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import (
    AccessRead,
    BindingRead,
    ConnectionTestRead,
    CredentialRead,
    CredentialsExport,
    CredentialUsesRead,
    RevealRead,
)


class Credentials(Resource):
    """The credentials of a portal."""

    def list(self, **query: Unpack[CredentialsList]) -> Iterator[CredentialRead]:
        """Credentials, a page at a time; never their secrets.

        Args:
            **query: The fields of `CredentialsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `CredentialRead`: A credential without its
            secret.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/credentials", query=query, answer=Page[CredentialRead]))

    def create(self, **body: Unpack[CredentialCreate]) -> CredentialRead:
        """Seal a new credential.

        Args:
            **body: The fields of `CredentialCreate`.

        Returns:
            `CredentialRead`: A credential without its secret.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/credentials", body=body, answer=CredentialRead))

    def get(self, credential_id: Key) -> CredentialRead:
        """One credential, without its secret.

        Args:
            credential_id: Id of the credential.

        Returns:
            `CredentialRead`: A credential without its secret.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/credentials/{part(credential_id)}", answer=CredentialRead))

    def update(self, credential_id: Key, **body: Unpack[CredentialUpdate]) -> CredentialRead:
        """Change what is known about a credential; its secret is changed by rotating it.

        The name that a parameter of a job is filled by stays as long as the job says it.

        Args:
            credential_id: Id of the credential.
            **body: The fields of `CredentialUpdate`.

        Returns:
            `CredentialRead`: A credential without its secret.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", f"/credentials/{part(credential_id)}", body=body, answer=CredentialRead))

    def rotate(self, credential_id: Key, **body: Unpack[CredentialRotate]) -> CredentialRead:
        """Give a credential a new secret as a new version; runs that started keep the one they had.

        Args:
            credential_id: Id of the credential.
            **body: The fields of `CredentialRotate`.

        Returns:
            `CredentialRead`: A credential without its secret.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/credentials/{part(credential_id)}/rotate", body=body, answer=CredentialRead))

    def reveal(self, credential_id: Key, **body: Unpack[RevealRequest]) -> RevealRead:
        """The secret in clear. The reason goes on record; so many an hour, and nothing keeps the answer.

        Args:
            credential_id: Id of the credential.
            **body: The fields of `RevealRequest`.

        Returns:
            `RevealRead`: A secret in clear. Nothing keeps this response.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/credentials/{part(credential_id)}/reveal", body=body, answer=RevealRead))

    def delete(self, credential_id: Key) -> None:
        """Remove a credential that nothing uses.

        Args:
            credential_id: Id of the credential.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(Call("DELETE", f"/credentials/{part(credential_id)}", answer=NoneType))

    def uses(self, credential_id: Key) -> CredentialUsesRead:
        """What would lack a login without it: targets, groups and jobs.

        Args:
            credential_id: Id of the credential.

        Returns:
            `CredentialUsesRead`: Everything that uses a credential.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/credentials/{part(credential_id)}/uses", answer=CredentialUsesRead))

    def accesses(self, credential_id: Key, **query: Unpack[CredentialsAccesses]) -> Iterator[AccessRead]:
        """Who used, tested or saw the secret, the newest first.

        Args:
            credential_id: Id of the credential.
            **query: The fields of `CredentialsAccesses`.

        Returns:
            One after the other; the next page is fetched when it is read. `AccessRead`: One use of a secret.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(
            Call("GET", f"/credentials/{part(credential_id)}/accesses", query=query, answer=Page[AccessRead])
        )

    def bind(self, credential_id: Key, place: Key, place_id: Key) -> BindingRead:
        """Bind a credential to a target, a group or a job, in place of what was bound there.

        Args:
            credential_id: Id of the credential.
            place: One of `target`, `group`, `job`.
            place_id: Id of the place.

        Returns:
            `BindingRead`: A credential bound to a target, a group or a job.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(
            Call(
                "PUT", f"/credentials/{part(credential_id)}/bindings/{part(place)}/{part(place_id)}", answer=BindingRead
            )
        )

    def unbind(self, credential_id: Key, place: Key, place_id: Key) -> None:
        """Take a credential away from a target, a group or a job.

        Args:
            credential_id: Id of the credential.
            place: One of `target`, `group`, `job`.
            place_id: Id of the place.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(
            Call(
                "DELETE", f"/credentials/{part(credential_id)}/bindings/{part(place)}/{part(place_id)}", answer=NoneType
            )
        )

    def test(self, credential_id: Key, **body: Unpack[CredentialTest]) -> ConnectionTestRead:
        """Log in to a target with a credential that it signs in with, or that is for it; never to another host.

        Args:
            credential_id: Id of the credential.
            **body: The fields of `CredentialTest`.

        Returns:
            `ConnectionTestRead`: A test of one target or many; its id is that of the run that makes it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(
            Call("POST", f"/credentials/{part(credential_id)}/test", body=body, answer=ConnectionTestRead)
        )

    def export(self) -> CredentialsExport:
        """All credentials in sight, for a file: names, kinds and dates, never a secret.

        Returns:
            `CredentialsExport`: All credentials that the asking user may see, without their secrets.
        """
        return self._send(Call("GET", "/credentials/export", answer=CredentialsExport))


class AsyncCredentials(AsyncResource):
    """The credentials of a portal."""

    def list(self, **query: Unpack[CredentialsList]) -> AsyncIterator[CredentialRead]:
        """Credentials, a page at a time; never their secrets.

        Args:
            **query: The fields of `CredentialsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `CredentialRead`: A credential without its
            secret.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/credentials", query=query, answer=Page[CredentialRead]))

    async def create(self, **body: Unpack[CredentialCreate]) -> CredentialRead:
        """Seal a new credential.

        Args:
            **body: The fields of `CredentialCreate`.

        Returns:
            `CredentialRead`: A credential without its secret.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/credentials", body=body, answer=CredentialRead))

    async def get(self, credential_id: Key) -> CredentialRead:
        """One credential, without its secret.

        Args:
            credential_id: Id of the credential.

        Returns:
            `CredentialRead`: A credential without its secret.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/credentials/{part(credential_id)}", answer=CredentialRead))

    async def update(self, credential_id: Key, **body: Unpack[CredentialUpdate]) -> CredentialRead:
        """Change what is known about a credential; its secret is changed by rotating it.

        The name that a parameter of a job is filled by stays as long as the job says it.

        Args:
            credential_id: Id of the credential.
            **body: The fields of `CredentialUpdate`.

        Returns:
            `CredentialRead`: A credential without its secret.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", f"/credentials/{part(credential_id)}", body=body, answer=CredentialRead))

    async def rotate(self, credential_id: Key, **body: Unpack[CredentialRotate]) -> CredentialRead:
        """Give a credential a new secret as a new version; runs that started keep the one they had.

        Args:
            credential_id: Id of the credential.
            **body: The fields of `CredentialRotate`.

        Returns:
            `CredentialRead`: A credential without its secret.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("POST", f"/credentials/{part(credential_id)}/rotate", body=body, answer=CredentialRead)
        )

    async def reveal(self, credential_id: Key, **body: Unpack[RevealRequest]) -> RevealRead:
        """The secret in clear. The reason goes on record; so many an hour, and nothing keeps the answer.

        Args:
            credential_id: Id of the credential.
            **body: The fields of `RevealRequest`.

        Returns:
            `RevealRead`: A secret in clear. Nothing keeps this response.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("POST", f"/credentials/{part(credential_id)}/reveal", body=body, answer=RevealRead)
        )

    async def delete(self, credential_id: Key) -> None:
        """Remove a credential that nothing uses.

        Args:
            credential_id: Id of the credential.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(Call("DELETE", f"/credentials/{part(credential_id)}", answer=NoneType))

    async def uses(self, credential_id: Key) -> CredentialUsesRead:
        """What would lack a login without it: targets, groups and jobs.

        Args:
            credential_id: Id of the credential.

        Returns:
            `CredentialUsesRead`: Everything that uses a credential.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/credentials/{part(credential_id)}/uses", answer=CredentialUsesRead))

    def accesses(self, credential_id: Key, **query: Unpack[CredentialsAccesses]) -> AsyncIterator[AccessRead]:
        """Who used, tested or saw the secret, the newest first.

        Args:
            credential_id: Id of the credential.
            **query: The fields of `CredentialsAccesses`.

        Returns:
            One after the other; the next page is fetched when it is read. `AccessRead`: One use of a secret.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(
            Call("GET", f"/credentials/{part(credential_id)}/accesses", query=query, answer=Page[AccessRead])
        )

    async def bind(self, credential_id: Key, place: Key, place_id: Key) -> BindingRead:
        """Bind a credential to a target, a group or a job, in place of what was bound there.

        Args:
            credential_id: Id of the credential.
            place: One of `target`, `group`, `job`.
            place_id: Id of the place.

        Returns:
            `BindingRead`: A credential bound to a target, a group or a job.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(
            Call(
                "PUT", f"/credentials/{part(credential_id)}/bindings/{part(place)}/{part(place_id)}", answer=BindingRead
            )
        )

    async def unbind(self, credential_id: Key, place: Key, place_id: Key) -> None:
        """Take a credential away from a target, a group or a job.

        Args:
            credential_id: Id of the credential.
            place: One of `target`, `group`, `job`.
            place_id: Id of the place.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(
            Call(
                "DELETE", f"/credentials/{part(credential_id)}/bindings/{part(place)}/{part(place_id)}", answer=NoneType
            )
        )

    async def test(self, credential_id: Key, **body: Unpack[CredentialTest]) -> ConnectionTestRead:
        """Log in to a target with a credential that it signs in with, or that is for it; never to another host.

        Args:
            credential_id: Id of the credential.
            **body: The fields of `CredentialTest`.

        Returns:
            `ConnectionTestRead`: A test of one target or many; its id is that of the run that makes it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("POST", f"/credentials/{part(credential_id)}/test", body=body, answer=ConnectionTestRead)
        )

    async def export(self) -> CredentialsExport:
        """All credentials in sight, for a file: names, kinds and dates, never a secret.

        Returns:
            `CredentialsExport`: All credentials that the asking user may see, without their secrets.
        """
        return await self._send(Call("GET", "/credentials/export", answer=CredentialsExport))
