"""Built-in actions for Linux hosts."""

from opsconductor.sdk.library import Library

from . import command

LIBRARY = Library(
    name="linux",
    version="1.0.0",
    requires_sdk=">=1,<2",
    summary="Commands, files, services and facts of Linux hosts.",
    actions=(command.command, command.script),
)
