"""Built-in actions for Linux hosts."""

from opsconductor.sdk.library import Library

from . import command, connection, directory, disk, facts, file, process, script, service, uptime

LIBRARY = Library(
    name="linux",
    version="1.0.0",
    requires_sdk=">=1,<2",
    summary="Commands, files, services and facts of Linux hosts.",
    actions=(
        command.command,
        command.read,
        command.repeat,
        connection.test,
        directory.create,
        disk.usage,
        facts.facts,
        file.copy,
        file.delete,
        file.read,
        file.stat,
        file.write,
        process.list_processes,
        script.script,
        service.restart,
        service.start,
        service.status,
        service.stop,
        uptime.uptime,
    ),
)
