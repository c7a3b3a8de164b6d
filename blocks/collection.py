"""Every block type. Prefect imports this module at start, so it holds blocks only."""

from .api_key import APIKeyCredential
from .bearer_token import BearerTokenCredential
from .certificate import CertificateCredential
from .http_basic import HTTPBasicCredential
from .secret_text import SecretText
from .ssh_key import SSHKeyCredential
from .ssh_password import SSHPasswordCredential
from .winrm import WinRMCredential

__all__ = [
    "APIKeyCredential",
    "BearerTokenCredential",
    "CertificateCredential",
    "HTTPBasicCredential",
    "SSHKeyCredential",
    "SSHPasswordCredential",
    "SecretText",
    "WinRMCredential",
]
