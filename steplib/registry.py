"""The actions that jobs can use, by reference."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opsconductor.errors import ActionDefinitionError
from opsconductor.sdk.action import AnyAction
from opsconductor.sdk.library import Library


class Registry:
    """Libraries side by side; of one library, one version per major.

    Attributes:
        libraries: The libraries, by name and major.
        broken: Why libraries that were found are not here, by their name.
    """

    def __init__(self, libraries: Iterable[Library] = (), broken: Mapping[str, str] | None = None) -> None:
        self.libraries: dict[tuple[str, int], Library] = {}
        self.broken: dict[str, str] = dict(broken or {})
        self._actions: dict[str, AnyAction] = {}
        for library in libraries:
            self.add(library)

    def add(self, library: Library) -> None:
        """Take a library.

        Raises:
            ActionDefinitionError: Another library has that name and major version.
        """
        key = (library.name, library.major)
        if known := self.libraries.get(key):
            raise ActionDefinitionError(
                f"library {library.name} {library.version} is refused: version {known.version} is already loaded"
            )
        self.libraries[key] = library
        self._actions.update({action.ref: action for action in library.actions})

    def __iter__(self) -> Iterator[AnyAction]:
        return iter(sorted(self._actions.values(), key=lambda action: action.ref))

    @property
    def versions(self) -> dict[str, str]:
        """Version of each library; `name@major` for all but the highest major of a name."""
        found: dict[str, str] = {}
        for (name, major), library in sorted(self.libraries.items(), reverse=True):
            found[f"{name}@{major}" if name in found else name] = library.version
        return found

    def find(self, ref: str) -> AnyAction | None:
        """The action of that reference, such as `linux/service.start@1`."""
        return self._actions.get(ref)

    def suggest(self, ref: str) -> str | None:
        """The reference that was probably meant by one that is not found."""
        if newest := self._newest(ref.split("@", 1)[0]):
            return newest
        close = difflib.get_close_matches(ref, self._actions, n=1, cutoff=0.75)
        return close[0] if close else self._in_any_library(ref)

    def _newest(self, bare: str) -> str | None:
        found = [ref for ref in self._actions if ref.split("@", 1)[0] == bare]
        return max(found, key=lambda ref: int(ref.rsplit("@", 1)[1]), default=None)

    def _in_any_library(self, ref: str) -> str | None:
        name = ref.split("/", 1)[-1].split("@", 1)[0]
        return min((known for known in self._actions if known.split("/", 1)[1].split("@", 1)[0] == name), default=None)

    def catalogue(self) -> list[dict[str, Any]]:
        """Every action as JSON values, for listings and generated documentation."""
        return [_entry(action) for action in self]


def _entry(action: AnyAction) -> dict[str, Any]:
    return {
        "ref": action.ref,
        "library_version": action.library_version,
        "summary": action.summary,
        "effect": action.effect,
        "scope": action.scope,
        "platforms": list(action.platforms),
        "supports_check": action.supports_check,
        "shell_parameters": dict(action.shell_parameters),
        "secret_parameters": sorted(action.secret_parameters),
        "dynamic_outputs": action.dynamic_outputs,
        "parameters": action.parameters.model_json_schema(),
        "outputs": action.outputs.model_json_schema(mode="serialization") if action.outputs else None,
    }
