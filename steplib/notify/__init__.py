"""Built-in actions that tell people."""

from opsconductor.sdk.library import Library

from . import email

LIBRARY = Library(
    name="notify",
    version="1.0.0",
    requires_sdk=">=1,<2",
    summary="Messages to people.",
    actions=(email.send,),
)
