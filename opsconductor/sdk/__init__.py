"""What job authors and library authors import; third parties import nothing below it."""

from .action import Action, Result, RunContext, StepContext, action
from .credential import APIKey, BearerToken, ClientCertificate, Credential, HTTPLogin, Secret, SSHLogin, WinRMLogin
from .job.builder import BlockTerm, Job, StepTerm, after, retry
from .job.terms import Term, choose, has, is_in, raw, run, size, target
from .library import Library
from .markers import CmdLine, PowerShellLine, ShellLine
from .outcome import Outcome, RunOutcome
from .transport import CommandOutput, Host

__all__ = [
    "APIKey",
    "Action",
    "BearerToken",
    "BlockTerm",
    "ClientCertificate",
    "CmdLine",
    "CommandOutput",
    "Credential",
    "HTTPLogin",
    "Host",
    "Job",
    "Library",
    "Outcome",
    "PowerShellLine",
    "Result",
    "RunContext",
    "RunOutcome",
    "SSHLogin",
    "Secret",
    "ShellLine",
    "StepContext",
    "StepTerm",
    "Term",
    "WinRMLogin",
    "action",
    "after",
    "choose",
    "has",
    "is_in",
    "raw",
    "retry",
    "run",
    "size",
    "target",
]
