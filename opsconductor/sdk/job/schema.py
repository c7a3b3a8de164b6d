"""The JSON Schema of job and template documents, for editors."""

from typing import Any

from pydantic import BaseModel

from .document import JobDocument
from .template_document import TemplateDocument

SCHEMA_ID = "https://opsconductor.dev/schema/job/v1.json"
TEMPLATE_SCHEMA_ID = "https://opsconductor.dev/schema/template/v1.json"


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a job document, as editors complete and check it."""
    return _schema(JobDocument, SCHEMA_ID, "OpsConductor job")


def template_json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a template document, as editors complete and check it."""
    return _schema(TemplateDocument, TEMPLATE_SCHEMA_ID, "OpsConductor template")


def _schema(model: type[BaseModel], schema_id: str, title: str) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    need = schema["$defs"]["Need"]
    schema["$defs"]["Need"] = {
        "description": need.pop("description", ""),
        "anyOf": [{"type": "string", "description": "Id of the node that comes first."}, need],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": schema_id, **schema, "title": title}
