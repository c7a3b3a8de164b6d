import pytest

from opsconductor.errors import ActionDefinitionError
from opsconductor.sdk.action import Action, Result, StepContext, action
from opsconductor.sdk.library import Library


def an_action(name: str = "nap") -> Action[..., None]:
    @action(name, effect="read", scope="any")
    async def nap(step: StepContext) -> Result[None]:
        """Nap.

        Args:
            step: Where.
        """
        return Result.unchanged("slept")

    return nap


def test_actions_get_their_reference_and_version() -> None:
    nap = an_action()
    library = Library("rest", "2.1.0", ">=1,<2", (nap,))

    assert library.major == 2
    assert nap.ref == "rest/nap@2"
    assert nap.library_version == "2.1.0"
    assert repr(nap) == "<Action rest/nap@2>"


def test_an_action_belongs_to_one_library() -> None:
    nap = an_action()
    Library("rest", "1.0.0", ">=1,<2", (nap,))

    with pytest.raises(ActionDefinitionError, match="rest/nap@1 belongs to another library"):
        Library("sleep", "1.0.0", ">=1,<2", (nap,))
    assert nap.ref == "rest/nap@1"


def test_two_actions_of_one_name_are_refused() -> None:
    with pytest.raises(ActionDefinitionError, match="two actions are named nap"):
        Library("rest", "1.0.0", ">=1,<2", (an_action(), an_action()))


@pytest.mark.parametrize("name", ["", "Rest", "rest-room", "rest/room", "1rest"])
def test_names(name: str) -> None:
    with pytest.raises(ActionDefinitionError, match="its name is one noun in lower case"):
        Library(name, "1.0.0", ">=1,<2", ())


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "01.0.0", "1.0.0 "])
def test_versions(version: str) -> None:
    with pytest.raises(ActionDefinitionError, match="its version is semantic"):
        Library("rest", version, ">=1,<2", ())
