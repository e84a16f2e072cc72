"""Settings of notifications: names without our prefix, refusals that say why, secrets that are not repeated."""

from collections.abc import Iterator

import pytest

from warehouse.errors import SettingsError
from warehouse.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def test_the_platforms_own_names_work_and_ours_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORBI_SMTP_HOST", "mail.example.com")
    monkeypatch.setenv("ALERTS_EMAIL_TO", "ops@example.com")
    monkeypatch.setenv("ALERTS_WEBHOOK_URL", "https://example.com/hook")
    monkeypatch.setenv("ALERTS_NOTIFY_URLS", "json://example.com")
    monkeypatch.setenv("CORBI_ALERTS_NOTIFY_URLS", "xml://example.com")
    settings = load_settings()
    assert settings.alerts_email_to == "ops@example.com"
    assert settings.required("alerts_webhook_url") == "https://example.com/hook"
    assert settings.required("alerts_notify_urls") == "xml://example.com"


@pytest.mark.parametrize("seconds", ["0", "5", "901"])
def test_a_grouping_window_that_can_not_work_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    monkeypatch.setenv("CORBI_ALERTS_GROUP_SECONDS", seconds)
    with pytest.raises(SettingsError, match=r"CORBI_ALERTS_GROUP_SECONDS: must be between 10 and 900: .* storm"):
        load_settings()


def test_a_webhook_that_is_not_http_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS_WEBHOOK_URL", "file:///etc/passwd?token=abc")
    with pytest.raises(SettingsError, match="CORBI_ALERTS_WEBHOOK_URL: must be an address") as refused:
        load_settings()
    assert "abc" not in str(refused.value)


def test_mail_without_a_server_is_refused() -> None:
    with pytest.raises(ValueError, match="CORBI_SMTP_HOST"):
        Settings(alerts_email_to="ops@example.com", _env_file=None)
