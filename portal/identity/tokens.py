"""Access tokens: JWT with a fixed algorithm, signed by keys of a 0600 file."""

import hashlib
import json
import os
import secrets
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from opsconductor.errors import SealedError
from portal.kit.ids import new_id

from .errors import NotSignedInError

_ALGORITHM = "HS256"
_ISSUER = "opsconductor-portal"
_AUDIENCE = "opsconductor-api"
_MAX_TOKEN_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says."""

    user_id: UUID
    session_id: UUID


class TokenKeys:
    """The signing keys; the first one signs, all of them verify."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    @classmethod
    def load(cls, file: Path) -> "TokenKeys":
        """The keys of a file, made with one key when it is absent.

        Raises:
            SealedError: The file is readable by others, or holds no keys.
        """
        if not file.exists():
            _create(file)
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise SealedError(f"{file} is open to others; make it 0600, or remove it to sign everybody out")
        try:
            keys = KeySet.import_key_set(json.loads(file.read_text()))
        except (ValueError, KeyError, TypeError, JoseError) as error:
            raise SealedError(f"{file} holds no keys; remove it to sign everybody out") from error
        if not keys.keys:
            raise SealedError(f"{file} holds no keys; remove it to sign everybody out")
        return cls(keys)

    def sign(self, claims: AccessClaims, *, lifetime_seconds: int) -> str:
        """An access token."""
        key = self._keys.keys[0]
        issued = int(time.time())
        body = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "iat": issued,
            "exp": issued + lifetime_seconds,
        }
        return jwt.encode({"alg": _ALGORITHM, "kid": key.kid}, body, key)

    def verify(self, token: str) -> AccessClaims:
        """What a token says, if it is ours and valid now.

        Raises:
            NotSignedInError: It is not.
        """
        if len(token) > _MAX_TOKEN_LENGTH:
            raise NotSignedInError
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[_ALGORITHM])
            _CLAIMS.validate(decoded.claims)
            return AccessClaims(UUID(decoded.claims["sub"]), UUID(decoded.claims["sid"]))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotSignedInError from error


_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": _ISSUER},
    aud={"essential": True, "value": _AUDIENCE},
    sub={"essential": True},
    sid={"essential": True},
    exp={"essential": True},
)


def _create(file: Path) -> None:
    key = OctKey.generate_key(256, {"kid": str(new_id()), "use": "sig", "alg": _ALGORITHM})
    text = json.dumps({"keys": [key.as_dict(private=True)]})
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    made.touch(0o600)
    made.write_text(text)
    try:
        os.link(made, file)  # of two portals that start at once, one wins
    except FileExistsError:
        pass
    finally:
        made.unlink()


def opaque_token() -> str:
    """A random token that means something only to our database."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """How an opaque token is stored: SHA-256 does, since it holds 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
