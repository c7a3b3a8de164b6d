"""The actions that documents may use."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from flows.compiler import ActionCatalogue


def get_actions(connection: HTTPConnection) -> ActionCatalogue:
    """The actions that are installed here."""
    return connection.app.state.actions


ActionsDep = Annotated[ActionCatalogue, Depends(get_actions)]
