"""Whether a login works, and where it leads."""

from pydantic import BaseModel

from opsconductor.sdk.action import Result, action
from opsconductor.sdk.transport import Host

from .posix import pairs, sh

_READ = """
echo "user=$(id -un)"
echo "hostname=$(uname -n)"
echo "kernel=$(uname -s) $(uname -r)"
for file in /etc/os-release /usr/lib/os-release; do
  if [ -r "$file" ]; then
    (. "$file" && printf 'os=%s\\n' "${PRETTY_NAME:-$NAME}")
    break
  fi
done
"""


class Reached(BaseModel):
    """A login that worked.

    Attributes:
        user: Login name on the host.
        hostname: The host's own name.
        os: Its operating system, such as `Debian GNU/Linux 12 (bookworm)`.
        kernel: Name and release of its kernel, such as `Linux 6.1.0-1-amd64`.
        login_ms: Milliseconds from the first packet until the login was accepted.
        host_key: Public key that the host showed, OpenSSH text.
        fingerprint: Its fingerprint, such as `SHA256:…`.
    """

    user: str
    hostname: str
    os: str
    kernel: str
    login_ms: float
    host_key: str
    fingerprint: str


@action("connection.test", effect="read", platforms=("linux", "unix", "macos", "other"))
async def test(host: Host) -> Result[Reached]:
    """Log in and say where that leads: user, host name, system, kernel, how long it took, and the host's key.

    Args:
        host: Where.
    """
    found = pairs((await sh(host, "connection.test", _READ)).stdout)
    outputs = Reached(
        user=found["user"],
        hostname=found["hostname"],
        os=found.get("os") or found["kernel"].split(" ", 1)[0],
        kernel=found["kernel"],
        login_ms=round(host.login.seconds * 1000, 1),
        host_key=host.login.host_key,
        fingerprint=host.login.fingerprint,
    )
    return Result.unchanged(f"{outputs.user}@{outputs.hostname}, {outputs.os}, {outputs.login_ms:g} ms", outputs)
