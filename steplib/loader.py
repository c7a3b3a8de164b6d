"""Finding libraries by their entry points."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from opsconductor.errors import ActionDefinitionError
from opsconductor.sdk.library import SDK_VERSION, Library

from .registry import Registry

GROUP = "opsconductor.libraries"


def load(found: Iterable[EntryPoint] | None = None) -> Registry:
    """All installed libraries, each loaded alone: a broken one is reported and the others serve.

    Args:
        found: Entry points to load; the installed ones of group `opsconductor.libraries` when absent.
    """
    registry = Registry()
    for entry in sorted(found if found is not None else entry_points(group=GROUP)):
        if reason := _take(registry, entry):
            registry.broken[entry.name] = reason
    return registry


def _take(registry: Registry, entry: EntryPoint) -> str | None:
    try:
        library = entry.load()
        registry.add(_checked(entry, library))
    except ActionDefinitionError as error:
        return str(error)
    # Somebody else's module may raise anything at import; it must not take the other libraries along.
    except Exception as error:
        return f"{entry.value} cannot be imported: {type(error).__name__}: {error}"
    return None


def _checked(entry: EntryPoint, library: object) -> Library:
    if not isinstance(library, Library):
        raise ActionDefinitionError(f"{entry.value} is not a Library")
    if library.name != entry.name:
        raise ActionDefinitionError(f"{entry.value} is named {library.name}, its entry point {entry.name}")
    try:
        suits = SpecifierSet(library.requires_sdk).contains(SDK_VERSION)
    except InvalidSpecifier:
        raise ActionDefinitionError(f"requires_sdk `{library.requires_sdk}` is not a range such as `>=1,<2`") from None
    if not suits:
        raise ActionDefinitionError(f"it needs SDK {library.requires_sdk}, this is {SDK_VERSION}")
    return library
