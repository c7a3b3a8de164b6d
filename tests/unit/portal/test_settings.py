"""What the portal is told from outside."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from portal.settings import Settings, SsoSettings

TOML = """\
second_factor_roles = ["admin"]

[sso]
issuer = "https://id.example.org/realms/ops"
client_id = "opsconductor"
client_secret_file = "/etc/opsconductor/sso.secret"
roles = [{group = "platform", role = "admin"}, {group = "ops", role = "operator"}]
"""


def test_the_file_in_the_home_is_read_and_what_is_given_counts_more(tmp_path: Path):
    (tmp_path / "portal.toml").write_text(TOML + "\n")
    settings = Settings(home=tmp_path, database_url="")
    assert settings.sso is not None
    assert [mapped.role for mapped in settings.sso.roles] == ["admin", "operator"]
    assert settings.needs_second_factor("Admin")
    other = Settings(home=tmp_path, database_url="", second_factor_roles=frozenset({"viewer"}))
    assert (other.needs_second_factor("admin"), other.needs_second_factor("viewer")) == (False, True)


def test_variables_count_more_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "portal.toml").write_text("port = 1000\nsession_seconds = 900\n")
    monkeypatch.setenv("OPSCONDUCTOR_HOME", str(tmp_path))
    monkeypatch.setenv("OPSCONDUCTOR_DATABASE_URL", "")
    monkeypatch.setenv("OPSCONDUCTOR_PORT", "2000")
    settings = Settings()  # pyright: ignore[reportCallIssue]
    assert (settings.port, settings.session_seconds) == (2000, 900)


@pytest.mark.parametrize("text", ["second_factor_role = ['admin']", "[sso]\nissuer = 'https://a.test'\nsecret = 'x'"])
def test_a_misspelt_setting_stops_the_start(tmp_path: Path, text: str):
    (tmp_path / "portal.toml").write_text(text)
    with pytest.raises(ValueError, match=r"second_factor_role|secret"):
        Settings(home=tmp_path, database_url="")


@pytest.mark.parametrize(
    "issuer", ["http://id.example.org", "id.example.org", "https://u:p@a.test", "https://a.test?b", ""]
)
def test_a_provider_is_reached_over_https(issuer: str):
    with pytest.raises(ValidationError):
        SsoSettings(issuer=issuer, client_id="a", client_secret_file=Path("b"))
