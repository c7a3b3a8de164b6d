"""The jobs of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from types import NoneType
from typing import Any, Unpack

from opsconductor.client.bodies import (
    JobClone,
    JobCreate,
    JobsDiff,
    JobsList,
    JobSource,
    JobsParametersSchema,
    JobsStatistics,
    JobsVersions,
    JobUpdate,
    Restore,
)
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import (
    DiffRead,
    JobDetail,
    JobRead,
    StatisticsRead,
    ValidationRead,
    VersionDetail,
    VersionRead,
)


class Jobs(Resource):
    """The jobs of a portal."""

    def list(self, **query: Unpack[JobsList]) -> Iterator[JobRead]:
        """Jobs, a page at a time.

        Args:
            **query: The fields of `JobsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `JobRead`: A job.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/jobs", query=query, answer=Page[JobRead]))

    def create(self, **body: Unpack[JobCreate]) -> JobDetail:
        """Keep a new job; every problem of its document is named at once.

        Args:
            **body: The fields of `JobCreate`.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/jobs", body=body, answer=JobDetail))

    def get(self, job_id: Key) -> JobDetail:
        """One job with its current document.

        Args:
            job_id: Id of the job.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/jobs/{part(job_id)}", answer=JobDetail))

    def update(self, job_id: Key, *, if_match: str | None = None, **body: Unpack[JobUpdate]) -> JobDetail:
        """Keep a new version of a job's document, or another folder, tags or state.

        Args:
            job_id: Id of the job.
            if_match: Refuse when the job is at another version: `"3"`, as `ETag` said.
            **body: The fields of `JobUpdate`.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", f"/jobs/{part(job_id)}", if_match=if_match, body=body, answer=JobDetail))

    def clone(self, job_id: Key, **body: Unpack[JobClone]) -> JobDetail:
        """Keep the current document of a job as a new job of another name.

        Args:
            job_id: Id of the job.
            **body: The fields of `JobClone`.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/jobs/{part(job_id)}/clone", body=body, answer=JobDetail))

    def delete(self, job_id: Key) -> None:
        """Take a job away; its runs stay, and running ones go on.

        Args:
            job_id: Id of the job.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/jobs/{part(job_id)}", answer=NoneType))

    def validate(self, **body: Unpack[JobSource]) -> ValidationRead:
        """Find everything wrong with a document; nothing is kept.

        Args:
            **body: The fields of `JobSource`.

        Returns:
            `ValidationRead`: What compiling a document found; nothing was kept.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/jobs/validate", body=body, answer=ValidationRead))

    def versions(self, job_id: Key, **query: Unpack[JobsVersions]) -> Iterator[VersionRead]:
        """Versions of a job, the newest first, a page at a time.

        Args:
            job_id: Id of the job.
            **query: The fields of `JobsVersions`.

        Returns:
            One after the other; the next page is fetched when it is read. `VersionRead`: One version of a job, without
            its document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/jobs/{part(job_id)}/versions", query=query, answer=Page[VersionRead]))

    def version(self, job_id: Key, version: int) -> VersionDetail:
        """One version of a job.

        Args:
            job_id: Id of the job.
            version: Number of the version.

        Returns:
            `VersionDetail`: One version of a job.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/jobs/{part(job_id)}/versions/{part(version)}", answer=VersionDetail))

    def restore(self, job_id: Key, version: int, *, if_match: str | None = None, **body: Unpack[Restore]) -> JobDetail:
        """Bring an old version back as a new one.

        Args:
            job_id: Id of the job.
            version: Number of the version.
            if_match: Refuse when the job is at another version: `"3"`, as `ETag` said.
            **body: The fields of `Restore`.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(
            Call(
                "POST",
                f"/jobs/{part(job_id)}/versions/{part(version)}/restore",
                if_match=if_match,
                body=body,
                answer=JobDetail,
            )
        )

    def diff(self, job_id: Key, **query: Unpack[JobsDiff]) -> DiffRead:
        """What changed between two versions: as texts, and step by step.

        Args:
            job_id: Id of the job.
            **query: The fields of `JobsDiff`.

        Returns:
            `DiffRead`: What changed between two versions.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("GET", f"/jobs/{part(job_id)}/diff", query=query, answer=DiffRead))

    def parameters_schema(self, job_id: Key, **query: Unpack[JobsParametersSchema]) -> dict[str, Any]:
        """JSON Schema (2020-12) of the parameters that a run may give.

        Args:
            job_id: Id of the job.
            **query: The fields of `JobsParametersSchema`.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("GET", f"/jobs/{part(job_id)}/parameters/schema", query=query, answer=dict[str, Any]))

    def statistics(self, job_id: Key, **query: Unpack[JobsStatistics]) -> StatisticsRead:
        """How a job's runs of the last days went.

        Args:
            job_id: Id of the job.
            **query: The fields of `JobsStatistics`.

        Returns:
            `StatisticsRead`: How a job's runs went; dry runs do not count.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("GET", f"/jobs/{part(job_id)}/statistics", query=query, answer=StatisticsRead))


class AsyncJobs(AsyncResource):
    """The jobs of a portal."""

    def list(self, **query: Unpack[JobsList]) -> AsyncIterator[JobRead]:
        """Jobs, a page at a time.

        Args:
            **query: The fields of `JobsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `JobRead`: A job.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/jobs", query=query, answer=Page[JobRead]))

    async def create(self, **body: Unpack[JobCreate]) -> JobDetail:
        """Keep a new job; every problem of its document is named at once.

        Args:
            **body: The fields of `JobCreate`.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/jobs", body=body, answer=JobDetail))

    async def get(self, job_id: Key) -> JobDetail:
        """One job with its current document.

        Args:
            job_id: Id of the job.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/jobs/{part(job_id)}", answer=JobDetail))

    async def update(self, job_id: Key, *, if_match: str | None = None, **body: Unpack[JobUpdate]) -> JobDetail:
        """Keep a new version of a job's document, or another folder, tags or state.

        Args:
            job_id: Id of the job.
            if_match: Refuse when the job is at another version: `"3"`, as `ETag` said.
            **body: The fields of `JobUpdate`.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", f"/jobs/{part(job_id)}", if_match=if_match, body=body, answer=JobDetail))

    async def clone(self, job_id: Key, **body: Unpack[JobClone]) -> JobDetail:
        """Keep the current document of a job as a new job of another name.

        Args:
            job_id: Id of the job.
            **body: The fields of `JobClone`.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", f"/jobs/{part(job_id)}/clone", body=body, answer=JobDetail))

    async def delete(self, job_id: Key) -> None:
        """Take a job away; its runs stay, and running ones go on.

        Args:
            job_id: Id of the job.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/jobs/{part(job_id)}", answer=NoneType))

    async def validate(self, **body: Unpack[JobSource]) -> ValidationRead:
        """Find everything wrong with a document; nothing is kept.

        Args:
            **body: The fields of `JobSource`.

        Returns:
            `ValidationRead`: What compiling a document found; nothing was kept.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/jobs/validate", body=body, answer=ValidationRead))

    def versions(self, job_id: Key, **query: Unpack[JobsVersions]) -> AsyncIterator[VersionRead]:
        """Versions of a job, the newest first, a page at a time.

        Args:
            job_id: Id of the job.
            **query: The fields of `JobsVersions`.

        Returns:
            One after the other; the next page is fetched when it is read. `VersionRead`: One version of a job, without
            its document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/jobs/{part(job_id)}/versions", query=query, answer=Page[VersionRead]))

    async def version(self, job_id: Key, version: int) -> VersionDetail:
        """One version of a job.

        Args:
            job_id: Id of the job.
            version: Number of the version.

        Returns:
            `VersionDetail`: One version of a job.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/jobs/{part(job_id)}/versions/{part(version)}", answer=VersionDetail))

    async def restore(
        self, job_id: Key, version: int, *, if_match: str | None = None, **body: Unpack[Restore]
    ) -> JobDetail:
        """Bring an old version back as a new one.

        Args:
            job_id: Id of the job.
            version: Number of the version.
            if_match: Refuse when the job is at another version: `"3"`, as `ETag` said.
            **body: The fields of `Restore`.

        Returns:
            `JobDetail`: A job with its current document.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call(
                "POST",
                f"/jobs/{part(job_id)}/versions/{part(version)}/restore",
                if_match=if_match,
                body=body,
                answer=JobDetail,
            )
        )

    async def diff(self, job_id: Key, **query: Unpack[JobsDiff]) -> DiffRead:
        """What changed between two versions: as texts, and step by step.

        Args:
            job_id: Id of the job.
            **query: The fields of `JobsDiff`.

        Returns:
            `DiffRead`: What changed between two versions.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("GET", f"/jobs/{part(job_id)}/diff", query=query, answer=DiffRead))

    async def parameters_schema(self, job_id: Key, **query: Unpack[JobsParametersSchema]) -> dict[str, Any]:
        """JSON Schema (2020-12) of the parameters that a run may give.

        Args:
            job_id: Id of the job.
            **query: The fields of `JobsParametersSchema`.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("GET", f"/jobs/{part(job_id)}/parameters/schema", query=query, answer=dict[str, Any])
        )

    async def statistics(self, job_id: Key, **query: Unpack[JobsStatistics]) -> StatisticsRead:
        """How a job's runs of the last days went.

        Args:
            job_id: Id of the job.
            **query: The fields of `JobsStatistics`.

        Returns:
            `StatisticsRead`: How a job's runs went; dry runs do not count.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("GET", f"/jobs/{part(job_id)}/statistics", query=query, answer=StatisticsRead))
