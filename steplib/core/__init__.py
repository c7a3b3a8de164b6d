"""Built-in actions of the flow itself."""

from opsconductor.sdk.library import Library

from . import flow

LIBRARY = Library(
    name="core",
    version="1.0.0",
    requires_sdk=">=1,<2",
    summary="Values, messages, waiting and judging inside a job.",
    actions=(flow.set_values, flow.log, flow.delay, flow.assert_that, flow.fail),
)
