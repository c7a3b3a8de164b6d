"""What a document names that is kept here: credentials, groups and hosts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select

from opsconductor.errors import InvalidInputError, Problem
from opsconductor.sdk.job import JobDocument
from opsconductor.sdk.selector import And, Is, Not, Or, Selector, parse_selector
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_groups
from portal.credentials.models import Credential
from portal.credentials.repository import CredentialRepository
from portal.groups.models import TargetGroup
from portal.targets.models import Target

_LOOKED_UP = 100
_SECRET_KIND = "secret_text"  # noqa: S105 (a kind of credential)


class SurroundingsRepository:
    """Looks up what documents name, as far as the actor may see it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._credentials = CredentialRepository(session)

    async def find_credentials(self, actor: Actor, names: Iterable[str]) -> Mapping[str, Credential]:
        """The credentials of these names, by the name in lower case."""
        rows = await self._credentials.find_by_names(actor, sorted(set(names)))
        return {row.name.lower(): row for row in rows}

    async def is_group(self, actor: Actor, name: str) -> bool:
        """Whether there is a group of that name, or a target in one."""
        scope = actor.scope(Permission.TARGETS_VIEW)
        groups = select(TargetGroup.id).where(func.lower(TargetGroup.name) == name.lower()).limit(1)
        if (scope.everywhere or name in scope.groups) and await self._session.scalar(groups) is not None:
            return True
        visible = in_groups(scope, Target.groups)
        targets = select(Target.id).where(visible, col(Target.groups).contains([name])).limit(1)
        return await self._session.scalar(targets) is not None

    async def is_target(self, actor: Actor, name: str) -> bool:
        """Whether there is a target of that name."""
        visible = in_groups(actor.scope(Permission.TARGETS_VIEW), Target.groups)
        query = select(Target.id).where(visible, col(Target.name) == name).limit(1)
        return await self._session.scalar(query) is not None

    async def is_variable(self, actor: Actor, name: str) -> bool:
        """Whether a target sets that variable."""
        visible = in_groups(actor.scope(Permission.TARGETS_VIEW), Target.groups)
        query = select(Target.id).where(visible, col(Target.variables).op("?")(name)).limit(1)
        return await self._session.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """What looking around found.

    Attributes:
        credentials: The credentials that secrets fall back to.
    """

    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[Problem] = field(default_factory=list[Problem])
    credentials: list[Credential] = field(default_factory=list[Credential])


async def look_around(repository: SurroundingsRepository, actor: Actor, document: JobDocument) -> Found:
    """Hold what a document names against what is kept here."""
    found = Found()
    await _look_for_credentials(repository, actor, document, found)
    await _look_for_targets(repository, actor, document, found)
    return found


async def _look_for_credentials(
    repository: SurroundingsRepository, actor: Actor, document: JobDocument, found: Found
) -> None:
    named = {name: one.credential for name, one in document.parameters.items() if one.credential is not None}
    known = await repository.find_credentials(actor, named.values())
    for name, wanted in named.items():
        credential = known.get(wanted.lower())
        line = document.line_of(("parameters", name, "credential"))
        path = f"parameters.{name}.credential"
        if credential is None:
            hint = "name one of `opsconductor credential list`, never the secret itself"
            found.problems.append(Problem(path, "there is no credential of that name", hint, line))
        elif credential.kind != _SECRET_KIND:
            hint = f"name one of kind {_SECRET_KIND}"
            found.problems.append(Problem(path, f"is a credential of kind {credential.kind}", hint, line))
        else:
            found.credentials.append(credential)


async def _look_for_targets(
    repository: SurroundingsRepository, actor: Actor, document: JobDocument, found: Found
) -> None:
    line = document.line_of(("targets", "select"))
    for condition in list(dict.fromkeys(_named(document)))[:_LOOKED_UP]:
        is_group = condition.field == "group"
        there = await (repository.is_group if is_group else repository.is_target)(actor, condition.pattern)
        if not there:
            kind = "group" if is_group else "target"
            message = f"there is no {kind} `{condition.pattern}` now"
            found.warnings.append(Problem("targets.select", message, "check how it is written", line))


def _named(document: JobDocument) -> Iterator[Is]:
    """The groups and hosts that the document's selector names in full."""
    if document.targets is not None:
        try:
            yield from _conditions(parse_selector(document.targets.select))
        except InvalidInputError:
            return  # the compiler says what is wrong with it


def _conditions(selector: Selector) -> Iterator[Is]:
    match selector:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _conditions(part)
        case Not(inner):
            yield from _conditions(inner)
        case Is(field="group" | "name", pattern=pattern) if "*" not in pattern and "?" not in pattern:
            yield selector
        case _:
            return
