"""The JSON Schema of job documents, for editors."""

from typing import Any

from .document import JobDocument

SCHEMA_ID = "https://opsconductor.dev/schema/job/v1.json"


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a job document, as editors complete and check it."""
    schema = JobDocument.model_json_schema(by_alias=True)
    need = schema["$defs"]["Need"]
    schema["$defs"]["Need"] = {
        "description": need.pop("description", ""),
        "anyOf": [{"type": "string", "description": "Id of the node that comes first."}, need],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "OpsConductor job",
    }
