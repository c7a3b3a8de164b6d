"""Signing in with an authenticator app, as RFC 6238 has it."""

import asyncio
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pyotp
import pytest
from fastapi import FastAPI

from blocks.keyring import Keyring
from opsconductor.errors import NotFoundError
from portal.app import create_app
from portal.keyring_rotation import rotate_keyring
from portal.second_factor.errors import NoSecondFactorError
from portal.second_factor.recovery import reset_second_factor
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import Prepared, serving, sign_in

OWN = "/api/v1/auth/second-factor"
LOGIN = "/api/v1/auth/login"
CODE = "/api/v1/auth/login/code"


class Person:
    """The admin, who knows their password, and their authenticator app."""

    def __init__(self, client: httpx.AsyncClient, database: str, password: str) -> None:
        self.client, self.database, self.password = client, database, password
        self.secret = ""

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.database) as connection:
            connection.execute(statement)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.client.post(path, json=body)

    async def log_in(self) -> dict[str, Any]:
        answer = await self.post(LOGIN, username="admin", password=self.password)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def code(self) -> str:
        """The app's code now; a test does not wait for the next step, so the record forgets the last one."""
        self.sql("UPDATE second_factors SET last_step = 0")
        return pyotp.TOTP(self.secret).now()

    def wrong_code(self) -> str:
        totp = pyotp.TOTP(self.secret)
        near = {totp.generate_otp(totp.timecode(time.time()) + step) for step in range(-3, 4)}
        return next(code for code in (f"{number:06}" for number in range(1_000_000)) if code not in near)

    async def enrol(self) -> list[str]:
        made = await self.post(OWN, password=self.password)
        assert made.status_code == 201, made.text
        self.secret = made.json()["secret"]
        confirmed = await self.post(f"{OWN}/confirm", code=self.code())
        assert confirmed.status_code == 200, confirmed.text
        return confirmed.json()["recovery_codes"]


@pytest.fixture
async def person(api: httpx.AsyncClient, portal_database: str, prepared: Prepared) -> Person:
    person = Person(api, portal_database, prepared.password)
    person.sql("UPDATE users SET must_change_password = false")
    return person


async def test_an_app_is_enrolled_and_asked_for_from_then_on(person: Person):
    made = (await person.post(OWN, password=person.password)).json()
    uri = urlsplit(made["uri"])
    assert (uri.scheme, uri.netloc, parse_qs(uri.query)["secret"]) == ("otpauth", "totp", [made["secret"]])
    assert "access_token" in await person.log_in(), "it does not count before a code confirmed it"
    person.secret = made["secret"]
    confirmed = (await person.post(f"{OWN}/confirm", code=person.code())).json()
    assert len(set(confirmed["recovery_codes"])) == 10
    first = await person.log_in()
    assert "access_token" not in first
    assert first["enrolment_due"] is False
    second = await person.post(CODE, challenge=first["challenge"], code=person.code())
    tokens = second.json()
    assert (tokens["username"], tokens["recovery_codes"]) == ("admin", [])
    me = await person.client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.status_code == 200
    again = await person.post(CODE, challenge=first["challenge"], code=person.code())
    assert (again.status_code, again.json()["type"]) == (401, "urn:opsconductor:problem:challenge-not-valid")


async def test_neither_the_secret_nor_a_code_is_stored_in_clear(person: Person):
    codes = await person.enrol()
    await person.log_in()
    with psycopg.connect(person.database) as connection:
        tables = ("second_factors", "recovery_codes", "login_challenges", "audit_log")
        stored = "".join(str(connection.execute(f"SELECT t::text FROM {table} t").fetchall()) for table in tables)
    for secret in (person.secret, *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in stored


async def test_a_code_works_once(person: Person):
    await person.enrol()
    code = person.code()
    first, other = await person.log_in(), await person.log_in()
    assert (await person.post(CODE, challenge=first["challenge"], code=code)).status_code == 200
    replayed = await person.post(CODE, challenge=other["challenge"], code=code)
    assert replayed.status_code == 401
    entry = (await person.client.get("/api/v1/audit", params={"event": "second_factor.failed"})).json()["items"][0]
    assert entry["facts"] == {"username": "admin"}
    assert code not in str(entry)


async def test_of_many_uses_of_a_code_at_once_one_succeeds(person: Person):
    await person.enrol()
    code = person.code()
    challenges = [(await person.log_in())["challenge"] for _ in range(4)]
    answers = await asyncio.gather(*(person.post(CODE, challenge=one, code=code) for one in challenges))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_codes_of_other_times_are_refused(person: Person):
    await person.enrol()
    challenge = (await person.log_in())["challenge"]
    totp = pyotp.TOTP(person.secret)
    step = totp.timecode(time.time())
    person.sql("UPDATE second_factors SET last_step = 0")
    for distant in (step - 3, step + 3):
        refused = await person.post(CODE, challenge=challenge, code=totp.generate_otp(distant))
        assert refused.status_code == 401


async def test_guessing_has_to_wait_also_many_at_once(person: Person):
    await person.enrol()
    challenges = [(await person.log_in())["challenge"] for _ in range(3)]
    wrong = person.wrong_code()
    answers = await asyncio.gather(*(person.post(CODE, challenge=challenges[n % 3], code=wrong) for n in range(9)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 4
    right = await person.post(CODE, challenge=challenges[0], code=person.code())
    assert right.status_code == 429, "the right one waits as well"
    assert int(right.headers["Retry-After"]) > 0
    person.sql("UPDATE second_factors SET blocked_until = now()")
    assert (await person.post(CODE, challenge=challenges[0], code=person.code())).status_code == 200


async def test_a_recovery_code_works_once_however_it_is_typed(person: Person):
    codes = await person.enrol()
    typed = f" {codes[0].upper().replace('-', ' ')} "
    first = await person.log_in()
    assert (await person.post(CODE, challenge=first["challenge"], code=typed)).status_code == 200
    second = await person.log_in()
    assert (await person.post(CODE, challenge=second["challenge"], code=codes[0])).status_code == 401
    assert (await person.client.get(OWN)).json()["recovery_codes_left"] == 9
    renewed = (await person.post(f"{OWN}/recovery-codes", password=person.password)).json()["recovery_codes"]
    assert (await person.post(CODE, challenge=second["challenge"], code=codes[1])).status_code == 401
    assert (await person.post(CODE, challenge=second["challenge"], code=renewed[0])).status_code == 200


async def test_disabling_and_enrolling_take_the_password(person: Person):
    for path in (OWN, f"{OWN}/disable", f"{OWN}/recovery-codes"):
        refused = await person.post(path, password="not it, surely")
        assert refused.status_code == 422
        assert refused.json()["problems"][0]["path"] == "password"
    await person.enrol()
    assert (await person.post(OWN, password=person.password)).status_code == 409
    assert (await person.post(f"{OWN}/disable", password=person.password)).status_code == 204
    assert (await person.client.get(OWN)).json()["enabled"] is False
    assert "access_token" in await person.log_in()
    assert (await person.post(f"{OWN}/disable", password=person.password)).status_code == 409


async def test_an_admin_resets_the_second_factor_of_somebody_who_lost_it(person: Person):
    await person.enrol()
    user_id = (await person.client.get("/api/v1/auth/me")).json()["user"]["id"]
    assert (await person.client.delete(f"/api/v1/users/{user_id}/second-factor")).status_code == 204
    assert (await person.client.get("/api/v1/auth/me")).status_code == 401, "their sign-ins have ended"
    assert "access_token" in await person.log_in()


async def test_challenges_end_and_do_not_outlive_the_user(person: Person):
    await person.enrol()
    late = (await person.log_in())["challenge"]
    person.sql("UPDATE login_challenges SET expires_at = now()")
    assert (await person.post(CODE, challenge=late, code=person.code())).status_code == 401
    challenge = (await person.log_in())["challenge"]
    person.sql("UPDATE users SET active = false")
    assert (await person.post(CODE, challenge=challenge, code=person.code())).status_code == 401


async def test_odd_codes_and_challenges_are_refused_and_never_repeated(person: Person):
    await person.enrol()
    challenge = (await person.log_in())["challenge"]
    for code in ("", "12345", "1234567", "١٢٣٤٥٦", "-1", "1e5", "x" * 64, "😀", "'; --", "000 000 0"):
        person.sql("UPDATE second_factors SET failures = 0, blocked_until = NULL")
        refused = await person.post(CODE, challenge=challenge, code=code)
        assert refused.status_code == 401, code
    for body in ({"challenge": challenge, "code": "\x00"}, {"challenge": challenge, "code": "y" * 65}, {"code": "1"}):
        assert (await person.client.post(CODE, json=body)).status_code == 422
    for unknown in ("", "x", challenge[:-1]):
        assert (await person.post(CODE, challenge=unknown, code="123456")).status_code == 401


async def test_without_its_keyring_nothing_is_taken_and_a_recovery_code_still_helps(person: Person, tmp_path: Path):
    codes = await person.enrol()
    (tmp_path / "keyring.json").rename(tmp_path / "away.json")
    challenge = (await person.log_in())["challenge"]
    assert (await person.post(CODE, challenge=challenge, code=person.code())).status_code == 503
    assert (await person.post(CODE, challenge=challenge, code=codes[0])).status_code == 200


async def test_an_app_goes_on_after_the_keyring_was_rotated(person: Person, portal_app: FastAPI, tmp_path: Path):
    await person.enrol()
    file = tmp_path / "keyring.json"
    done = await rotate_keyring(portal_app.state.sessions, portal_app.state.gateway, file, lambda *_: None)
    assert (done.resealed, len(done.retired), len(Keyring.load(file).key_ids)) == (1, 1, 1)
    challenge = (await person.log_in())["challenge"]
    assert (await person.post(CODE, challenge=challenge, code=person.code())).status_code == 200


async def test_a_secret_that_does_not_open_keeps_the_old_key(person: Person, portal_app: FastAPI, tmp_path: Path):
    await person.enrol()
    person.sql("UPDATE second_factors SET sealed_secret = left(sealed_secret, -4) || 'AAAA'")
    file = tmp_path / "keyring.json"
    done = await rotate_keyring(portal_app.state.sessions, portal_app.state.gateway, file, lambda *_: None)
    assert (done.retired, len(done.stuck), len(Keyring.load(file).key_ids)) == ((), 1, 2)


async def test_a_secret_copied_to_another_user_does_not_open(person: Person):
    await person.enrol()
    person.sql(
        "CREATE TEMP TABLE eve AS SELECT * FROM users; UPDATE eve SET id = gen_random_uuid(), username = 'eve';"
        "CREATE TEMP TABLE hers AS SELECT * FROM second_factors; UPDATE hers SET user_id = (SELECT id FROM eve);"
        "INSERT INTO users SELECT * FROM eve; INSERT INTO second_factors SELECT * FROM hers"
    )
    first = await person.post(LOGIN, username="eve", password=person.password)
    refused = await person.post(CODE, challenge=first.json()["challenge"], code=person.code())
    assert refused.status_code == 503
    assert "recovery code" in refused.json()["detail"]


async def test_the_only_admin_who_lost_everything_is_let_in_by_the_machine(person: Person, portal_app: FastAPI):
    await person.enrol()
    assert (await person.log_in())["challenge"]
    await reset_second_factor(portal_app.state.sessions, "ADMIN")
    assert (await person.client.get(OWN)).status_code == 401, "their sign-ins have ended"
    assert (await person.log_in())["access_token"]
    with pytest.raises(NoSecondFactorError):
        await reset_second_factor(portal_app.state.sessions, "admin")
    with pytest.raises(NotFoundError):
        await reset_second_factor(portal_app.state.sessions, "nobody")


async def test_an_api_token_does_not_touch_the_second_factor(person: Person):
    made = (await person.post("/api/v1/tokens", name="robot", scopes=["users:manage"])).json()
    robot = {"Authorization": f"Bearer {made['token']}"}
    body = {"password": person.password}
    assert (await person.client.post(OWN, json=body, headers=robot)).status_code == 403
    user = "018f0000-0000-7000-8000-000000000000"
    assert (await person.client.delete(f"/api/v1/users/{user}/second-factor", headers=robot)).status_code == 403
    assert (await person.client.post(f"/api/v1/users/{user}/reset-password", json={}, headers=robot)).status_code == 403
    assert (await person.client.delete(f"/api/v1/users/{user}/second-factor")).status_code == 404


async def test_who_may_do_less_does_not_reset_it(person: Person):
    await person.enrol()
    user_id = (await person.client.get("/api/v1/auth/me")).json()["user"]["id"]
    person.sql(
        "INSERT INTO roles (id, name, description, permissions, built_in, created_at, updated_at) "
        "VALUES (gen_random_uuid(), 'desk', '', '[\"users:manage\"]', false, now(), now());"
        "CREATE TEMP TABLE eve AS SELECT * FROM users; UPDATE eve SET id = gen_random_uuid(), username = 'eve',"
        "role_id = (SELECT id FROM roles WHERE name = 'desk'); INSERT INTO users SELECT * FROM eve"
    )
    eve = await person.post(LOGIN, username="eve", password=person.password)
    hers = {"Authorization": f"Bearer {eve.json()['access_token']}"}
    assert (await person.client.delete(f"/api/v1/users/{user_id}/second-factor", headers=hers)).status_code == 403
    link = await person.client.post(f"/api/v1/users/{user_id}/sso", json={"subject": "eve"}, headers=hers)
    assert link.status_code in (403, 404)
    assert (await person.client.get("/api/v1/auth/second-factor")).json()["enabled"] is True


async def test_a_browser_gets_its_cookies_after_the_second_step(person: Person):
    await person.enrol()
    del person.client.headers["Authorization"]
    ours = {"Sec-Fetch-Site": "same-origin"}
    body = {"username": "admin", "password": person.password}
    first = await person.client.post("/api/v1/auth/browser/login", json=body, headers=ours)
    assert "set-cookie" not in first.headers
    answer = {"challenge": first.json()["challenge"], "code": person.code()}
    strange = await person.client.post(
        "/api/v1/auth/browser/login/code", json=answer, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert strange.status_code == 403
    second = await person.client.post("/api/v1/auth/browser/login/code", json=answer, headers=ours)
    assert second.status_code == 200
    assert "access_token" not in second.json()
    assert (await person.client.get("/api/v1/auth/me", headers=ours)).json()["user"]["username"] == "admin"


async def test_a_role_that_needs_it_enrols_while_signing_in(
    portal_settings: Settings, portal_database: str, prepared: Prepared
):
    strict = portal_settings.model_copy(update={"second_factor_roles": frozenset({"Admin"})})
    app = await asyncio.to_thread(create_app, strict, lambda _: RememberingGateway())
    async with serving(app) as client:
        person = Person(client, portal_database, prepared.password)
        person.sql("UPDATE users SET must_change_password = false")
        first = await person.log_in()
        assert first["enrolment_due"] is True
        early = await person.post(CODE, challenge=first["challenge"], code="123456")
        assert early.status_code == 401
        enrolment = await person.post("/api/v1/auth/login/enrol", challenge=first["challenge"])
        person.secret = enrolment.json()["secret"]
        tokens = (await person.post(CODE, challenge=first["challenge"], code=person.code())).json()
        assert len(tokens["recovery_codes"]) == 10
        client.headers["Authorization"] = f"Bearer {await sign_in(app)}"
        kept = await person.post(f"{OWN}/disable", password=person.password)
        assert (kept.status_code, kept.json()["type"]) == (409, "urn:opsconductor:problem:second-factor-required")
        second = await person.log_in()
        assert second["enrolment_due"] is False
        again = await person.post("/api/v1/auth/login/enrol", challenge=second["challenge"])
        assert again.status_code == 409, "a password alone does not replace the app"
