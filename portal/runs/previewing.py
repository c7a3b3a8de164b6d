"""What starting a run would do: the functions are those that start it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from flows.compiler import ActionCatalogue
from flows.plan import PlannedStep
from opsconductor.errors import ConflictError, InvalidInputError
from opsconductor.sdk.action import AnyAction
from opsconductor.sdk.job import Targets
from portal.authz.actor import Actor
from portal.authz.errors import PermissionDeniedError
from portal.credentials.models import Credential
from portal.jobs.service import check_active
from portal.targets.models import TargetRow
from portal.targets.schemas import DroppedTarget
from portal.targets.selection import Selection, select_targets

from .freezing import find_secrets, freeze_credentials, planned_steps
from .schemas import PreviewStep, PreviewTarget, Refusal, RunPreview, RunStart
from .starting import Asked, Books, bind, check_selection, read_request


class _Refusals:
    """Collects what keeps a run from starting."""

    def __init__(self) -> None:
        self.found: list[Refusal] = []

    @contextmanager
    def collected(self) -> Generator[None]:
        try:
            yield
        except InvalidInputError as error:
            self.found += [Refusal(path=p.path, message=p.message, hint=p.hint) for p in error.problems]
        except (ConflictError, PermissionDeniedError) as error:
            self.found.append(Refusal(path="", message=str(error)))


async def preview(books: Books, actions: ActionCatalogue, actor: Actor, body: RunStart) -> RunPreview:
    """What a run would have, and everything that keeps it from starting."""
    asked = await read_request(books, actor, body)
    refusals = _Refusals()
    parameters: dict[str, Any] = {}
    references: dict[str, str] = {}
    secrets: Mapping[str, Credential] = {}
    wanted: Targets | None = None
    selection = Selection([], [], {})
    with refusals.collected():
        check_active(asked.job)
    with refusals.collected():
        parameters, references = bind(asked.plan, body)
    with refusals.collected():
        secrets = await find_secrets(books.credentials, actor, references)
    with refusals.collected():
        wanted = asked.wanted()
        if wanted is not None:
            selection = await select_targets(books.targets, books.credentials, actor, wanted.select, asked.job.id)
            check_selection(actor, wanted, selection)
    with refusals.collected():
        used = {row.id: row for row in [*selection.credentials.values(), *secrets.values()]}
        await freeze_credentials(books.credentials, actor, list(used.values()))
    return RunPreview(
        job_id=asked.job.id,
        job_version=asked.version,
        check_only=body.check_only,
        parameters=parameters,
        secret_parameters={name: credential.name for name, credential in secrets.items()},
        select=wanted.select if wanted else None,
        total=len(selection.targets),
        targets=[_target(target, selection) for target in selection.targets],
        left_out=await _left_out(books, actor, asked, selection),
        dropped=[DroppedTarget(name=name, same_as=same_as) for name, same_as in selection.dropped],
        steps=[_step(step, actions.find(step.uses), selection) for step in planned_steps(asked.plan.nodes)],
        refusals=refusals.found,
    )


async def _left_out(books: Books, actor: Actor, asked: Asked, selection: Selection) -> list[str]:
    if asked.own is None or asked.override is None:
        return []
    whole = await select_targets(books.targets, books.credentials, actor, asked.own.select, asked.job.id)
    kept = {target.id for target in selection.targets}
    return [target.name for target in whole.targets if target.id not in kept]


def _step(step: PlannedStep, action: AnyAction | None, selection: Selection) -> PreviewStep:
    platforms = action.platforms if action and step.scope == "target" else ()
    return PreviewStep(
        ord=step.ord,
        id=step.id,
        uses=step.uses,
        scope=step.scope,
        effect=step.effect,
        supports_check=action is not None and action.supports_check,
        installed=action is not None,
        unsupported=[row.name for row in selection.targets if platforms and row.platform not in platforms],
    )


def _target(target: TargetRow, selection: Selection) -> PreviewTarget:
    credential = selection.credentials.get(target.credential_id) if target.credential_id else None
    return PreviewTarget(
        id=target.id,
        name=target.name,
        address=target.address,
        port=target.port,
        credential=credential.name if credential else None,
    )
