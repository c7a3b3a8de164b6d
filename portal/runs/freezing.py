"""What a run keeps of the world as it was when it was asked for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flows.ledger.tables import JobRun, JobRunTarget
from flows.plan import Plan, PlannedBlock, PlannedNode, PlannedStep
from opsconductor.errors import InvalidInputError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_credentials
from portal.credentials.dates import check_valid
from portal.credentials.models import Credential
from portal.credentials.repository import CredentialRepository
from portal.kit.ids import now
from portal.targets.models import TargetRow

_HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Frozen:
    """Targets and credentials of a run.

    Attributes:
        targets: Rows of job_run_targets but for the run's key.
        credentials: Reference → block document and version.
    """

    targets: Sequence[Mapping[str, Any]] = ()
    credentials: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def rows(self) -> list[dict[str, Any]]:
        """The frozen targets in the order that a run keeps them in."""
        return [{"ord": index, **row} for index, row in enumerate(self.targets)]


def planned_steps(nodes: Iterable[PlannedNode]) -> list[PlannedStep]:
    """Every step of a plan, lanes included, in document order."""
    found: list[PlannedStep] = []
    for node in nodes:
        if isinstance(node, PlannedBlock):
            for lane in (node.steps, node.rescue, node.always):
                found += planned_steps(lane)
        else:
            found.append(node)
    return found


def needs_targets(plan: Plan) -> bool:
    """Whether some step runs on targets."""
    return any(step.scope == "target" for step in planned_steps(plan.nodes))


def freeze_target(target: TargetRow, credential: Credential | None) -> dict[str, Any]:
    """A target as a run keeps it."""
    return {
        "target_id": str(target.id),
        "name": target.name,
        "address": target.address,
        "port": target.port,
        "platform": target.platform,
        "variables": target.variables,
        "tags": target.tags,
        "host_keys": target.host_keys,
        "encoding": target.encoding,
        "credential": credential.name if credential else None,
        "reason": "",
    }


def refreeze_target(row: JobRunTarget) -> dict[str, Any]:
    """A target as an earlier run kept it, for when the target itself is gone."""
    return row.model_dump(exclude={"run_id", "ord", "outcome", "reason", "first_seen_key"}) | {"reason": ""}


async def freeze_credentials(
    credentials: CredentialRepository, actor: Actor, found: Sequence[Credential]
) -> dict[str, Any]:
    """The current version of each credential, by its name.

    Raises:
        PermissionDeniedError: The actor may not use credentials.
        CredentialExpiredError: One has expired, or is not good yet.
    """
    if not found:
        return {}
    check_valid(found, now())
    check_credentials(actor, Permission.CREDENTIALS_USE, [(row.id, row.name) for row in found])
    versions = await credentials.find_versions(found)
    return {
        row.name: {
            "block_document_id": str(versions[row.id].block_document_id),
            "version": row.version,
            "credential_id": str(row.id),
        }
        for row in found
    }


async def note_use(
    credentials: CredentialRepository, audit: AuditLog, actor: Actor, run: JobRun, frozen: Frozen
) -> None:
    """Put on record that a run uses its credentials, and on how many targets.

    Health checks come every few minutes; of them only the last use is kept.
    """
    signing_in = Counter(row["credential"] for row in frozen.targets)
    for name, entry in frozen.credentials.items() if run.trigger != _HEALTH else ():
        facts = {"run_id": str(run.id), "job": run.job_name, "version": entry["version"], "targets": signing_in[name]}
        audit.record(actor, "credential.used", "credential", entry["credential_id"], name=name, **facts)
    await credentials.note_use([UUID(entry["credential_id"]) for entry in frozen.credentials.values()])


async def find_secrets(
    credentials: CredentialRepository, actor: Actor, references: Mapping[str, str]
) -> dict[str, Credential]:
    """Secret parameter → the credential it names.

    Raises:
        InvalidInputError: There is no such credential, or it is no secret text.
    """
    rows = await credentials.find_by_names(actor, sorted(set(references.values())))
    found = {row.name.lower(): row for row in rows}
    problems: list[Problem] = []
    for name, reference in references.items():
        credential = found.get(reference.lower())
        if credential is None:
            problems.append(Problem(f"parameters.{name}", "there is no credential of that name"))
        elif credential.kind != "secret_text":
            hint = "add a credential of kind secret_text"
            problems.append(Problem(f"parameters.{name}", f"is a credential of kind {credential.kind}", hint))
    if problems:
        raise InvalidInputError(problems)
    return {name: found[reference.lower()] for name, reference in references.items()}
