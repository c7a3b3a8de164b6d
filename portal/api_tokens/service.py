"""Making, listing and revoking API tokens."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.identity.tokens import token_hash
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .authentication import PREFIX, new_token
from .errors import ApiTokenNameTakenError
from .models import ApiToken
from .repository import ApiTokenFilter, ApiTokenRepository
from .schemas import ApiTokenCreate, ApiTokenCreated, ApiTokenRead

_HINT_LENGTH = len(PREFIX) + 4


async def list_tokens(
    tokens: ApiTokenRepository, actor: Actor, wanted: ApiTokenFilter, page: PageParams
) -> dict[str, Any]:
    """Tokens, a page at a time."""
    found = await tokens.list_page(actor, wanted, page)
    owners = await tokens.owners(found.items)
    return paged(found, lambda token: _read(token, owners[token.user_id]))


async def create(tokens: ApiTokenRepository, audit: AuditLog, actor: Actor, body: ApiTokenCreate) -> ApiTokenCreated:
    """Make a token of the actor's own; shown this once."""
    scopes = sorted(set(body.scopes))
    _refuse_more_than_owned(actor, body.scopes)
    token = new_token()
    row = ApiToken(
        user_id=actor.user_id,
        name=body.name,
        token_hash=token_hash(token),
        hint=token[:_HINT_LENGTH],
        scopes=[str(scope) for scope in scopes],
        expires_at=now() + timedelta(days=body.expires_in_days),
    )
    tokens.add(row)
    await _flush(tokens, body.name)
    audit.record(
        actor, "api_token.created", "api_token", row.id,
        name=row.name, scopes=row.scopes, expires_at=row.expires_at.isoformat(),
    )  # fmt: skip
    return ApiTokenCreated(token=token, **_read(row, actor.username).model_dump())


async def get(tokens: ApiTokenRepository, actor: Actor, token_id: UUID) -> ApiTokenRead:
    """One token."""
    token = await _get(tokens, actor, token_id)
    return _read(token, (await tokens.owners([token]))[token.user_id])


async def revoke(tokens: ApiTokenRepository, audit: AuditLog, actor: Actor, token_id: UUID) -> None:
    """Revoke a token; the audit log remembers it."""
    token = await _get(tokens, actor, token_id, lock=True)
    owner = (await tokens.owners([token]))[token.user_id]
    await tokens.delete(token)
    audit.record(actor, "api_token.revoked", "api_token", token.id, name=token.name, owner=owner)


async def _get(tokens: ApiTokenRepository, actor: Actor, token_id: UUID, *, lock: bool = False) -> ApiToken:
    token = await tokens.find(actor, token_id, lock=lock)
    if token is None:
        raise NotFoundError("token", token_id)
    return token


def _refuse_more_than_owned(actor: Actor, scopes: list[Permission]) -> None:
    missing = [
        Problem(f"scopes[{index}]", f"you do not have the permission {scope} yourself")
        for index, scope in enumerate(scopes)
        if not actor.may(scope)
    ]
    if missing:
        raise InvalidInputError(missing)


def _read(token: ApiToken, owner: str) -> ApiTokenRead:
    return ApiTokenRead(owner=owner, **token.model_dump(include=set(ApiTokenRead.model_fields)))


async def _flush(tokens: ApiTokenRepository, name: str) -> None:
    try:
        await tokens.flush()
    except IntegrityError as error:
        if "api_tokens_name_key" in str(error.orig):
            raise ApiTokenNameTakenError(name) from error
        raise
