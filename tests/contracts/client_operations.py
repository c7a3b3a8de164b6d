"""What the typed client offers: resource → method → operation of the API."""

OPERATIONS: dict[str, dict[str, str]] = {
    "targets": {
        "list": "GET /targets",
        "create": "POST /targets",
        "get": "GET /targets/{target_id}",
        "update": "PATCH /targets/{target_id}",
        "delete": "DELETE /targets/{target_id}",
        "preview": "POST /targets/preview",
        "runs": "GET /targets/{target_id}/runs",
        "accept_host_key": "POST /targets/{target_id}/accept-host-key",
    },
    "groups": {
        "list": "GET /groups",
        "create": "POST /groups",
        "get": "GET /groups/{group_id}",
        "update": "PATCH /groups/{group_id}",
        "delete": "DELETE /groups/{group_id}",
        "change_members": "PATCH /groups/{group_id}/members",
        "targets": "GET /groups/{group_id}/targets",
    },
    "credentials": {
        "list": "GET /credentials",
        "create": "POST /credentials",
        "get": "GET /credentials/{credential_id}",
        "update": "PATCH /credentials/{credential_id}",
        "rotate": "POST /credentials/{credential_id}/rotate",
        "delete": "DELETE /credentials/{credential_id}",
        "uses": "GET /credentials/{credential_id}/uses",
    },
    "jobs": {
        "list": "GET /jobs",
        "create": "POST /jobs",
        "get": "GET /jobs/{job_id}",
        "update": "PATCH /jobs/{job_id}",
        "delete": "DELETE /jobs/{job_id}",
        "validate": "POST /jobs/validate",
        "versions": "GET /jobs/{job_id}/versions",
        "statistics": "GET /jobs/{job_id}/statistics",
    },
    "runs": {
        "list": "GET /runs",
        "start": "POST /runs",
        "preview": "POST /runs/preview",
        "get": "GET /runs/{run_id}",
        "events": "GET /runs/{run_id}/events",
        "targets": "GET /runs/{run_id}/targets",
        "cancel": "POST /runs/{run_id}/cancel",
        "rerun": "POST /runs/{run_id}/rerun",
        "resume": "POST /runs/{run_id}/resume",
        "decide": "POST /runs/{run_id}/decisions",
    },
    "users": {
        "list": "GET /users",
        "create": "POST /users",
        "get": "GET /users/{user_id}",
        "update": "PATCH /users/{user_id}",
        "delete": "DELETE /users/{user_id}",
    },
    "roles": {
        "list": "GET /roles",
        "create": "POST /roles",
        "get": "GET /roles/{role_id}",
        "update": "PATCH /roles/{role_id}",
        "delete": "DELETE /roles/{role_id}",
    },
    "tokens": {
        "list": "GET /tokens",
        "create": "POST /tokens",
        "get": "GET /tokens/{token_id}",
        "delete": "DELETE /tokens/{token_id}",
    },
    "audit": {
        "list": "GET /audit",
        "verify": "GET /audit/chain",
        "events": "GET /audit/events",
    },
}

SECRETS: set[tuple[str, str]] = {("ApiTokenCreated", "token"), ("UserCreated", "one_time_password")}
"""Fields of answers that are shown once: (schema, field)."""
