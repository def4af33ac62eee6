"""Credentials go to Adobe, to loopback, and to whom somebody vouched for."""

import pytest

from reconciler.model.errors import UsageError
from reconciler.service.hosts import TrustedHosts, check_base, is_loopback

NOBODY = TrustedHosts()


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://platform.adobe.io", "https://platform.adobe.io"),
        ("https://platform.adobe.io/", "https://platform.adobe.io"),
        ("https://platform.adobe.io:443", "https://platform.adobe.io:443"),
        ("HTTPS://Platform.Adobe.IO", "https://platform.adobe.io"),
        ("https://platform-stage.adobe.io", "https://platform-stage.adobe.io"),
        ("https://platform-nld2.adobe.io", "https://platform-nld2.adobe.io"),
        ("https://ims-na1.adobelogin.com", "https://ims-na1.adobelogin.com"),
        ("https://ims-eu1.adobelogin.com", "https://ims-eu1.adobelogin.com"),
        ("https://ims-na1-stg1.adobelogin.com", "https://ims-na1-stg1.adobelogin.com"),
        ("http://localhost", "http://localhost"),
        ("http://LOCALHOST:8080/", "http://localhost:8080"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://127.9.8.7:5000/prefix/of/ours/", "http://127.9.8.7:5000/prefix/of/ours"),
        ("https://localhost:8443", "https://localhost:8443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_known_hosts_are_sent_credentials(url, canonical):
    """Adobe's hosts over https, and loopback over either scheme, pass in their canonical spelling."""
    assert check_base(url, "AEP_BASE_URL", NOBODY) == canonical


TRICKS = [
    "",
    "platform.adobe.io",
    "//platform.adobe.io",
    "https:platform.adobe.io",
    "https:/platform.adobe.io",
    "https:///platform.adobe.io",
    "http://platform.adobe.io",
    "http://ims-na1.adobelogin.com",
    "ftp://platform.adobe.io",
    "file:///etc/passwd",
    "javascript://platform.adobe.io",
    "http+unix://localhost",
    "https://evil.example",
    "https://platform.adobe.io.evil.example",
    "https://evil-platform.adobe.io",
    "https://evilplatform.adobe.io",
    "https://platform-adobe.io",
    "https://platformxadobe.io",
    "https://adobe.io",
    "https://console.adobe.io",
    "https://x.platform.adobe.io",
    "https://platform-evil.example.adobe.io",
    "https://ims-na1.adobelogin.com.evil.example",
    "https://ims-.adobelogin.com",
    "https://ims-na1.evil.adobelogin.com",
    "https://adobelogin.com",
    "https://platform.adobe.io.",
    "https://platform..adobe.io",
    "https://platform.adobe.io:8443",
    "https://platform.adobe.io:80",
    "https://platform.adobe.io:0",
    "https://platform.adobe.io:0443",
    "https://platform.adobe.io:",
    "https://platform.adobe.io:99999",
    "https://platform.adobe.io:443:443",
    "https://platform.adobe.io:443@evil.example",
    "https://platform.adobe.io@evil.example",
    "https://user:hunter2@platform.adobe.io",
    "https://@platform.adobe.io",
    "https://evil.example#@platform.adobe.io",
    "https://evil.example?@platform.adobe.io",
    "https://evil.example\\@platform.adobe.io",
    "https://platform.adobe.io\\.evil.example",
    "https:\\\\platform.adobe.io",
    "https://evil.example\\platform.adobe.io",
    "https://platform.adobe.io?x=1",
    "https://platform.adobe.io#x",
    "https://platform.adobe.io/?x",
    " https://platform.adobe.io",
    "https://platform.adobe.io ",
    "https://platform.adobe.io\n",
    "https://platform.adobe.io\t",
    "https://plat\tform.adobe.io",
    "https://platform.adobe.io\r\nHost: evil.example",
    "https://platform.adobe.io\x00.evil.example",
    "https://platform.adobe.io%00.evil.example",
    "https://platform%2eadobe.io",
    "https://pl\u0430tform.adobe.io",
    "https://platform.adobe.\u0131o",
    "https://platform\u3002adobe.io",
    "https://platform.adobe\uff0eio",
    "https://platform.adobe.io\u2044.evil.example",
    "https://\u24df\u24db\u24d0tform.adobe.io",
    "http\u017f://platform.adobe.io",
    "https://\u212aelvin.adobe.io",
    "https://xn--pltform-2fg.adobe.io",
    "https://platform.adobe.io//evil.example",
    "https://platform.adobe.io/../x",
    "https://platform.adobe.io/a/./b",
    "https://platform.adobe.io/%2e%2e",
    "https://platform.adobe.io/a b",
    "https://platform.adobe.io/;x",
    "http://localhost.evil.example",
    "http://localhost.",
    "http://evil.localhost",
    "http://127.0.0.1.evil.example",
    "http://127.1",
    "http://127.0.0.01",
    "http://0127.0.0.1",
    "http://0x7f.0.0.1",
    "http://2130706433",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://10.0.0.1",
    "http://169.254.169.254",
    "http://[::]",
    "http://[::2]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::1]evil.example",
    "http://[::1",
    "http://::1",
    "http://127.0.0.1@evil.example",
    "http://localhost:80:80",
    "http://localhost\\.evil.example",
]


@pytest.mark.parametrize("url", TRICKS)
def test_no_spelling_leads_credentials_elsewhere(url):
    """What is not plainly one of the known hosts is refused, and the variable is named."""
    with pytest.raises(UsageError, match="AEP_BASE_URL"):
        check_base(url, "AEP_BASE_URL", NOBODY)


def test_a_password_in_a_url_is_not_shown():
    """The message about a URL with userinfo does not repeat it."""
    with pytest.raises(UsageError) as caught:
        check_base("https://user:hunter2@platform.adobe.io", "AEP_BASE_URL", NOBODY)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("trusted", "url"),
    [
        ("proxy.corp.example", "https://proxy.corp.example"),
        ("proxy.corp.example", "https://proxy.corp.example:8443"),
        ("proxy.corp.example:8443", "https://proxy.corp.example:8443"),
        ("proxy.corp.example:443", "https://proxy.corp.example"),
        ("a.example, Proxy.Corp.Example ,", "https://proxy.corp.example/aep"),
        ("10.0.0.1", "https://10.0.0.1"),
        ("[fd00::1]:8443", "https://[fd00::1]:8443"),
        ("platform.adobe.io:8443", "https://platform.adobe.io:8443"),
    ],
)
def test_a_host_that_is_vouched_for_passes(trusted, url):
    """An entry is a host, any port, or a host with the one port."""
    assert check_base(url, "AEP_BASE_URL", TrustedHosts.read(trusted)) == url


@pytest.mark.parametrize(
    ("trusted", "url"),
    [
        ("proxy.corp.example:8443", "https://proxy.corp.example"),
        ("proxy.corp.example", "http://proxy.corp.example"),
        ("proxy.corp.example", "https://x.proxy.corp.example"),
        ("corp.example", "https://proxy.corp.example"),
        ("", "https://proxy.corp.example"),
    ],
)
def test_trust_is_exact(trusted, url):
    """A vouched host vouches for no other port, subdomain or plain http."""
    with pytest.raises(UsageError):
        check_base(url, "AEP_BASE_URL", TrustedHosts.read(trusted))


@pytest.mark.parametrize(
    "text", ["*", "*.corp.example", "https://corp.example", "a b", ".corp.example", "corp.example:"]
)
def test_a_trusted_host_is_a_plain_host(text):
    """Patterns and URLs among the trusted hosts are refused rather than read as something."""
    with pytest.raises(UsageError, match="RECONCILER_TRUSTED_HOSTS"):
        TrustedHosts.read(text)


def test_plain_http_to_a_vouched_host_says_that_https_is_required():
    """The refusal names what to change."""
    with pytest.raises(UsageError, match="https is required"):
        check_base("http://proxy.corp.example", "AEP_BASE_URL", TrustedHosts.read("proxy.corp.example"))


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("[::1]", True), ("::1", True), ("8.8.8.8", False)]
)
def test_loopback(host, loopback):
    """127.0.0.0/8, ::1 and localhost are loopback."""
    assert is_loopback(host) is loopback
