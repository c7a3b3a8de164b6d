"""SSH: connections, commands, markers."""

from .connector import SSHConnector

__all__ = ["SSHConnector"]
