"""Making the tokens of a sign-in."""

from dataclasses import dataclass
from datetime import timedelta

from portal.kit.ids import now
from portal.settings import Settings

from .client import Client
from .models import Session, SessionToken, User
from .schemas import TokenRead
from .tokens import AccessClaims, TokenKeys, opaque_token, token_hash


@dataclass(frozen=True, slots=True)
class Issuer:
    """Makes sign-ins and their tokens as the settings say."""

    settings: Settings
    keys: TokenKeys

    def session(self, user: User, client: Client) -> Session:
        """A new sign-in."""
        at = now()
        return Session(
            user_id=user.id,
            kind="api",
            source=client.source,
            user_agent=client.user_agent,
            created_at=at,
            last_used_at=at,
            expires_at=at + timedelta(seconds=self.settings.session_seconds),
            idle_at=at + self.idle,
        )

    @property
    def idle(self) -> timedelta:
        """How long a sign-in lasts when it is not used."""
        return timedelta(seconds=self.settings.session_idle_seconds)

    def tokens(self, user: User, session: Session) -> tuple[TokenRead, SessionToken]:
        """A pair of tokens, and the row that remembers the refresh token."""
        refresh = opaque_token()
        seconds = self.settings.access_token_seconds
        read = TokenRead(
            access_token=self.keys.sign(AccessClaims(user.id, session.id), lifetime_seconds=seconds),
            expires_in_seconds=seconds,
            refresh_token=refresh,
            must_change_password=user.must_change_password,
            username=user.username,
        )
        row = SessionToken(
            token_hash=token_hash(refresh), session_id=session.id, purpose="refresh", expires_at=session.expires_at
        )
        return read, row
