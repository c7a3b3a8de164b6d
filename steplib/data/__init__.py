"""Built-in actions on values."""

from opsconductor.sdk.library import Library

from . import transform

LIBRARY = Library(
    name="data",
    version="1.0.0",
    requires_sdk=">=1,<2",
    summary="Values made from values.",
    actions=(transform.transform,),
)
