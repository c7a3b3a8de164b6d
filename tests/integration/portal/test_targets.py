import httpx


async def test_a_target_that_was_added_can_be_read(api: httpx.AsyncClient):
    made = await api.post("/api/v1/targets", json={"name": "web01", "address": "10.0.0.1", "groups": ["web"]})
    assert made.status_code == 201, made.text
    read = await api.get(f"/api/v1/targets/{made.json()['id']}")
    assert read.json() == made.json()
    listed = await api.get("/api/v1/targets")
    assert [row["name"] for row in listed.json()["items"]] == ["web01"]
