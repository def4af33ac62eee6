"""Variables become checked settings, or one error that a reader can act on."""

import os

import pytest

from reconciler.model.errors import UsageError
from reconciler.model.resources import Target
from reconciler.model.secrets import Secret
from reconciler.service.environment import ClientCredentials, Settings
from reconciler.service.proxies import endpoint

PROD = Target("prod", "prod")
EU = Target("eu-prod", "eu")
TOKEN = {"AEP_ACCESS_TOKEN": "token-1234", "AEP_API_KEY": "key", "AEP_ORG_ID": "org@AdobeOrg"}
CLIENT = {"AEP_CLIENT_ID": "id", "AEP_CLIENT_SECRET": "s3cret", "AEP_SCOPES": "openid", "AEP_ORG_ID": "org@AdobeOrg"}


def test_the_defaults_are_adobes_hosts():
    """Without base URLs the service and IMS are Adobe's, and the service's path is appended."""
    settings = Settings.read(PROD, TOKEN)
    assert settings.service.base == "https://platform.adobe.io/data/foundation/flowservice"
    assert settings.ims.base == "https://ims-na1.adobelogin.com"
    assert (settings.organisation, settings.sandbox, settings.api_key) == ("org@AdobeOrg", "prod", "key")
    assert settings.credentials == Secret("token-1234")
    assert settings.ca_bundle is None


def test_the_api_key_is_the_client_id_unless_it_is_given():
    """With client credentials AEP_API_KEY may be left out."""
    settings = Settings.read(PROD, CLIENT)
    assert settings.api_key == "id"
    assert settings.credentials == ClientCredentials("id", Secret("s3cret"), "openid")
    assert Settings.read(PROD, {**CLIENT, "AEP_API_KEY": "key"}).api_key == "key"


def test_a_ready_token_is_of_the_client_that_is_named_beside_it():
    """AEP_API_KEY may be left out then, too; not where one of both is everybody's and the other the target's own."""
    ready = {"AEP_ACCESS_TOKEN": "t", "AEP_ORG_ID": "org@AdobeOrg"}
    settings = Settings.read(PROD, {**ready, "AEP_CLIENT_ID": "id"})
    assert (settings.api_key, settings.credentials) == ("id", Secret("t"))
    assert Settings.read(PROD, {**ready, "AEP_CLIENT_ID": "id", "AEP_API_KEY": "key"}).api_key == "key"
    own = {"AEP_PROD_ACCESS_TOKEN": "own", "AEP_ORG_ID": "org@AdobeOrg"}
    with pytest.raises(UsageError, match="AEP_API_KEY"):
        Settings.read(PROD, {**own, "AEP_CLIENT_ID": "id"})
    assert Settings.read(PROD, {**own, "AEP_PROD_CLIENT_ID": "own-id"}).api_key == "own-id"


def test_a_targets_own_variables_come_first():
    """Target eu-prod reads AEP_EU_PROD_… before AEP_…, one by one."""
    settings = Settings.read(EU, {**TOKEN, "AEP_EU_PROD_ACCESS_TOKEN": "eu-token", "AEP_EU_PROD_API_KEY": " eu-key\n"})
    assert settings.credentials == Secret("eu-token")
    assert (settings.api_key, settings.organisation) == ("eu-key", "org@AdobeOrg")


def test_a_targets_own_client_is_nearer_than_everybodys_token():
    """A token meant for all targets does not hide the credentials of the one."""
    own = {"AEP_EU_PROD_CLIENT_ID": "eu-id", "AEP_EU_PROD_CLIENT_SECRET": "eu-secret", "AEP_EU_PROD_SCOPES": "openid"}
    assert isinstance(Settings.read(EU, {**TOKEN, **own}).credentials, ClientCredentials)
    nearest = {**TOKEN, **own, "AEP_EU_PROD_ACCESS_TOKEN": "eu-token"}
    assert Settings.read(EU, nearest).credentials == Secret("eu-token")


def test_an_empty_variable_is_a_missing_one():
    """Pipelines set a variable to nothing where its secret is not defined."""
    settings = Settings.read(EU, {**TOKEN, "AEP_EU_PROD_ACCESS_TOKEN": "", "AEP_CLIENT_ID": ""})
    assert settings.credentials == Secret("token-1234")


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, ["AEP_ACCESS_TOKEN", "AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "AEP_SCOPES", "AEP_API_KEY", "AEP_ORG_ID"]),
        ({"AEP_CLIENT_ID": "id"}, ["AEP_CLIENT_SECRET", "AEP_SCOPES", "AEP_ORG_ID"]),
        ({"AEP_CLIENT_SECRET": "s3cret"}, ["AEP_CLIENT_ID", "AEP_SCOPES", "AEP_ORG_ID"]),
        ({"AEP_ACCESS_TOKEN": "t"}, ["AEP_API_KEY", "AEP_ORG_ID"]),
    ],
)
def test_all_that_is_missing_is_named_at_once(environ, missing):
    """One error names every variable, and how the target may have its own."""
    with pytest.raises(UsageError) as caught:
        Settings.read(EU, environ)
    for name in [*missing, "AEP_EU_PROD_"]:
        assert name in str(caught.value)


@pytest.mark.parametrize("name", ["AEP_SANDBOX", "AEP_EU_PROD_SANDBOX"])
def test_the_sandbox_variable_may_only_repeat_the_target(name):
    """The sandbox is the target's; another one in the environment is an error."""
    assert Settings.read(EU, {**TOKEN, name: "eu"}).sandbox == "eu"
    with pytest.raises(UsageError, match=name):
        Settings.read(EU, {**TOKEN, name: "dev"})


@pytest.mark.parametrize("token", ["Bearer abc", "a\nb", "a\u00e4b"])
def test_a_token_is_the_token_alone(token):
    """A pasted header value is refused without showing it."""
    with pytest.raises(UsageError, match="AEP_ACCESS_TOKEN") as caught:
        Settings.read(PROD, {**TOKEN, "AEP_ACCESS_TOKEN": token})
    assert token not in str(caught.value)


def test_header_values_are_visible_ascii():
    """Nobody adds a header through the organisation, the key or the sandbox."""
    with pytest.raises(UsageError, match="AEP_ORG_ID"):
        Settings.read(PROD, {**TOKEN, "AEP_ORG_ID": "org\r\nx-sandbox-name: other"})
    with pytest.raises(UsageError, match="no sandbox name"):
        Settings.read(Target("prod", "prod\nx: y"), TOKEN)


def test_base_urls_are_checked():
    """Both base URLs pass the trust check, and the service's path is not repeated."""
    with pytest.raises(UsageError, match="AEP_BASE_URL"):
        Settings.read(PROD, {**TOKEN, "AEP_BASE_URL": "https://evil.example"})
    with pytest.raises(UsageError, match="AEP_PROD_IMS_URL"):
        Settings.read(PROD, {**TOKEN, "AEP_PROD_IMS_URL": "https://evil.example"})
    with pytest.raises(UsageError, match="leave /data/foundation/flowservice out"):
        Settings.read(PROD, {**TOKEN, "AEP_BASE_URL": "https://platform.adobe.io/data/foundation/flowservice"})
    trusted = {**TOKEN, "AEP_BASE_URL": "https://gate.example", "RECONCILER_TRUSTED_HOSTS": "gate.example"}
    assert Settings.read(PROD, trusted).service.base == "https://gate.example/data/foundation/flowservice"


def test_the_emulator_is_never_sent_real_credentials():
    """A target that is the embedded emulator reads nothing from the environment."""
    settings = Settings.read(Target("local", None, emulator=True), {**TOKEN, "AEP_BASE_URL": "https://evil.example"})
    assert settings.service.base.startswith("http://localhost/")
    assert settings.credentials != Secret("token-1234")
    assert settings.sandbox == "local"


def test_settings_show_no_secret():
    """Printing settings gives neither token nor client secret nor a proxy's password."""
    environ = {**CLIENT, "HTTPS_PROXY": "http://user:hunter2@proxy.example:3128"}
    assert "hunter2" not in repr(Settings.read(PROD, environ))
    assert "s3cret" not in repr(Settings.read(PROD, environ))
    assert "token-1234" not in repr(Settings.read(PROD, TOKEN))


@pytest.mark.parametrize(
    ("base", "environ", "proxy"),
    [
        ("https://platform.adobe.io", {}, None),
        ("https://platform.adobe.io", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://platform.adobe.io", {"https_proxy": "http://q:1", "HTTPS_PROXY": "http://p:1"}, "http://q:1"),
        ("https://platform.adobe.io", {"HTTP_PROXY": "http://p:1"}, None),
        ("https://platform.adobe.io", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "adobe.io"}, None),
        ("https://platform.adobe.io", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ("https://platform.adobe.io", {"HTTPS_PROXY": "http://p:1", "no_proxy": "example.com"}, "http://p:1"),
        ("http://localhost:8080", {"HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1"}, None),
        ("https://localhost:8443", {"HTTPS_PROXY": "http://p:1"}, None),
        ("https://127.0.0.1:8443", {"HTTPS_PROXY": "http://p:1"}, None),
        ("https://[::1]:8443", {"HTTPS_PROXY": "http://p:1"}, None),
    ],
)
def test_proxy_variables_count_for_https_only_and_never_for_loopback(base, environ, proxy, monkeypatch):
    """HTTPS_PROXY counts unless NO_PROXY names the host; the process's own variables are not looked at."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    found = endpoint(base, environ).proxy
    assert (found.reveal() if found else None) == proxy
