"""Opens SSH connections."""

import asyncio
import logging
import socket
import time
from functools import partial

import asyncssh
import stamina

from opsconductor.errors import HostError, HostUnreachableError
from opsconductor.sdk.credential import SSHLogin
from opsconductor.sdk.transport import LoginFacts, Target

from .connection import SSHConnection
from .login import Applicant, KeyPair, PrivateKeys, unreachable
from .output import check_encoding
from .trust import HostTrust

ATTEMPTS = 7
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 3.0
KEEPALIVE_SECONDS = 15
KEEPALIVE_MISSES = 4
ENCRYPTION = "^aes256-gcm@openssh.com,aes128-gcm@openssh.com"
"""First what processors do by themselves: ChaCha20 costs three times the CPU a packet. Others stay behind it."""

# At level INFO asyncssh logs command lines, which are none of the log's business.
logging.getLogger("asyncssh").setLevel(logging.WARNING)


class SSHConnector:
    """Logs in on hosts by SSH, with what the credential holds and nothing else.

    Neither this user's keys, agent and known hosts nor any ssh configuration are looked at.

    Args:
        sync_markers: Force markers of `once` commands to the host's disk before the command starts. They survive a
            power cut then, for some milliseconds a command; else trust `never` only if the host was not restarted.
    """

    def __init__(self, *, sync_markers: bool = False) -> None:
        self._keys = PrivateKeys()
        self._sync_markers = sync_markers

    async def connect(self, target: Target, login: SSHLogin, *, timeout_seconds: float) -> SSHConnection:
        """Log in. Retried is only what comes before the login: refused, reset or dropped connections.

        Raises:
            HostUnreachableError: No connection, after the retries.
            HostKeyError: The key is not the recorded one; no credential was offered.
            LoginRefusedError: The server refused the login.
            InvalidInputError: A recorded host key or the target's encoding is none.
        """
        check_encoding(target.encoding)
        trust = HostTrust(target.name, target.host_keys)
        dial = partial(self._dial, target, login, trust, timeout_seconds)
        begun = time.monotonic()
        line = await dial()
        facts = LoginFacts(trust.offered, trust.fingerprint, time.monotonic() - begun)
        return SSHConnection(target, login, line, dial, trust.first_seen, facts=facts, sync_markers=self._sync_markers)

    async def _dial(
        self, target: Target, login: SSHLogin, trust: HostTrust, timeout_seconds: float
    ) -> asyncssh.SSHClientConnection:
        dropped: _DroppedError | None = None
        try:
            async with asyncio.timeout(timeout_seconds):
                pair = await self._keys.read(login, target.name)
                async for attempt in stamina.retry_context(
                    on=_is_worth_retrying,
                    attempts=ATTEMPTS,
                    timeout=timeout_seconds,
                    wait_initial=FIRST_WAIT_SECONDS,
                    wait_max=LONGEST_WAIT_SECONDS,
                    wait_jitter=FIRST_WAIT_SECONDS,
                ):
                    with attempt:
                        try:
                            return await _log_in(target, login, trust, pair)
                        except _DroppedError as error:
                            dropped = error
                            raise
        except TimeoutError as error:
            last = f"; {dropped.reason.reason}" if dropped else ""
            raise HostUnreachableError(f"no login within {timeout_seconds:g} s{last}", host=target.name) from error
        except _DroppedError as error:
            raise error.reason from error
        raise AssertionError  # the last attempt returns or raises


class _DroppedError(Exception):
    """The connection ended before the login began."""

    def __init__(self, reason: HostError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _is_worth_retrying(error: Exception) -> bool:
    return isinstance(error, _DroppedError)


async def _log_in(
    target: Target, login: SSHLogin, trust: HostTrust, pair: KeyPair | None
) -> asyncssh.SSHClientConnection:
    applicant = Applicant(trust, login)
    try:
        return await asyncssh.connect(
            target.address,
            target.port,
            config=None,
            client_factory=lambda: applicant,
            known_hosts=([], [], []),  # empty, so that the applicant is asked
            server_host_key_algs=trust.algorithms,
            username=login.username,
            client_keys=None if pair is None else [pair if pair[1] else pair[0]],
            agent_path=None,
            gss_host=None,
            host_based_auth=False,
            x509_trusted_certs=None,
            encryption_algs=ENCRYPTION,
            compression_algs=["none"],
            preferred_auth=["publickey", "password", "keyboard-interactive"],
            login_timeout=0,  # the caller's timeout covers it
            keepalive_interval=KEEPALIVE_SECONDS,
            keepalive_count_max=KEEPALIVE_MISSES,
        )
    except asyncssh.HostKeyNotVerifiable as error:
        raise trust.refusal() from error
    except asyncssh.PermissionDenied as error:
        raise applicant.refusal(target.name) from error
    except socket.gaierror as error:
        raise unreachable(error, target.name) from error
    except (asyncssh.DisconnectError, OSError) as error:
        if applicant.offering and isinstance(error, asyncssh.ProtocolError):
            raise applicant.refusal(target.name) from error  # "Too many authentication failures"
        raise _sort(error, applicant, target.name) from error


def _sort(error: Exception, applicant: Applicant, host: str) -> Exception:
    """Whether it is worth another attempt: only a connection that ended before the login began."""
    reason = unreachable(error, host)
    dropped = isinstance(error, (OSError, asyncssh.ConnectionLost)) and not applicant.offering
    return _DroppedError(reason) if dropped else reason
