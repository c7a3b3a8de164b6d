import httpx

YAML = """\
# what it is for
apiVersion: opsconductor/v1
kind: Job
name: look
parameters:
  unit: {type: string, default: nginx.service}
targets: {select: "group:web"}
steps:
  - {id: probe, uses: linux/command@1, with: {line: uptime}}
"""


async def test_a_job_keeps_the_text_its_author_wrote(api: httpx.AsyncClient):
    made = await api.post("/api/v1/jobs", json={"yaml": YAML})
    assert made.status_code == 201, made.text
    read = (await api.get(f"/api/v1/jobs/{made.json()['id']}")).json()
    assert read["yaml"] == YAML
    assert read["version"] == 1
