"""The secret that we share with the provider: a 0600 file, never an environment value."""

import stat
from pathlib import Path

from opsconductor.errors import SealedError


def client_secret(file: Path) -> str:
    """The first line of the file, read anew each time, so that a new secret counts at once.

    Raises:
        SealedError: It is missing, empty, or open to others.
    """
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise SealedError(f"{file} is open to others; make it 0600: it holds the secret of single sign-on")
        secret = file.read_text().split("\n", 1)[0].strip()
    except OSError as error:
        raise SealedError(f"{file} cannot be read ({error.strerror}): it holds the secret of single sign-on") from error
    except UnicodeDecodeError as error:
        raise SealedError(f"{file} holds no text; its first line is the secret of single sign-on") from error
    if not secret:
        raise SealedError(f"{file} is empty; its first line is the secret of single sign-on")
    return secret
