"""The way to GitHub, as a job finds it: its own server, behind a proxy, with a company's certificates."""

from __future__ import annotations

import pytest

from reconciler.cli.github_access import connect
from reconciler.cli.surroundings import Surroundings
from reconciler.model.errors import UsageError
from reconciler.model.secrets import MASK

ENVIRON = {
    "GITHUB_TOKEN": "ghs_the-token-of-the-job",
    "GITHUB_REPOSITORY": "acme/estate",
    "GITHUB_API_URL": "https://ghe.example/api/v3",
}


def test_a_session_reads_nothing_from_the_environment_but_what_we_say():
    """No netrc, no proxy for what is left out; the token and other secrets are masked from then on."""
    environ = ENVIRON | {"https_proxy": "http://proxy.example:3128", "FLOW_SECRET_X": "canary-x"}
    around = Surroundings(environ=environ)
    http = connect(around)._http
    assert http.trust_env is False
    assert http.verify is True
    assert http.proxies == {"https": "http://proxy.example:3128"}
    assert around.redactor.redact("ghs_the-token-of-the-job canary-x") == f"{MASK} {MASK}"
    around = Surroundings(environ=environ | {"no_proxy": "ghe.example"})
    assert connect(around)._http.proxies == {}


def test_certificates_that_are_none_are_told(tmp_path):
    """Before anything is sent."""
    path = tmp_path / "ca.pem"
    path.write_text("nonsense")
    with pytest.raises(UsageError, match="REQUESTS_CA_BUNDLE"):
        connect(Surroundings(environ=ENVIRON | {"REQUESTS_CA_BUNDLE": str(path)}))


def test_a_wait_is_told(capsys):
    """In the log, so that nobody takes it for a hang."""
    connect(Surroundings(environ=ENVIRON))._on_wait(60, "too often")
    assert capsys.readouterr().err == "waiting 60 s: too often\n"
