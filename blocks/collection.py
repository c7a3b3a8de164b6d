"""Every block type. Prefect imports this module at start, so it holds blocks only."""

from .secret_text import SecretText
from .ssh_key import SSHKeyCredential
from .ssh_password import SSHPasswordCredential

__all__ = ["SSHKeyCredential", "SSHPasswordCredential", "SecretText"]
