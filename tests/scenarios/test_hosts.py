"""Whatever a URL, an answer or the environment tries: token and client secret go to the hosts that may have them.

Every trick is played on the real command, over real sockets. Each name of the world leads to a thief, who has a valid
certificate for all of them and keeps every byte; only Adobe's two hosts and one port of loopback are honest.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.bench import Bench
from support.chain import declare_chain
from support.network import Asked, Authority, Listener, World, emulating, http, listening, resolving
from support.tricks import ENVIRONMENTS, LINKS, PLACES, PROXY_PASSWORD, REDIRECTS, SPELLINGS, TRUST

TOKEN = "Zq-the-token-0123456789"
CLIENT_SECRET = "Zq-the-client-secret-0123456789"
TARGET = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"}, "spec": {"sandbox": "bench"}}
HONEST = ("platform.adobe.io:443", "ims-na1.adobelogin.com:443")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@dataclass(slots=True)
class Stage:
    """The world of one trick."""

    world: World
    honest: Listener
    thief: Listener
    answer: dict[str, bytes] = field(default_factory=dict)
    """What the honest host answers instead, by method and beginning of the path."""

    def play(self, environ: dict[str, str], *command: str) -> Any:
        """Run a command with these variables added; the secrets must have gone nowhere else."""
        bench = self.world.bench
        bench.environ |= {name: value for name, value in environ.items() if "\x00" not in value}
        ran = self.world.run(*command)
        assert ran.code in (0, 1), ran
        assert "bug:" not in ran.err, ran.err
        stolen = self.thief.bytes
        for secret in (TOKEN, CLIENT_SECRET, PROXY_PASSWORD):
            for form in (secret, quote(secret), base64.b64encode(secret.encode()).decode()[:-4]):
                assert form.encode() not in stolen, (form, self.thief.asked)
            assert secret not in ran.out + ran.err
        return ran


@pytest.fixture
def stage(bench: Bench, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    bench.write("target.json", TARGET)
    declare_chain(bench)
    bench.setting(token=TOKEN)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    emulated = emulating(bench)
    prepared: dict[str, bytes] = {}

    def serve(connection: Any, asked: Asked) -> None:
        found = [answer for start, answer in prepared.items() if f"{asked.method} {asked.path}".startswith(start)]
        connection.sendall(found[0]) if found else emulated(connection, asked)

    honest = Listener(serve, authority)
    body = json.dumps({"access_token": "Zq-of-the-thief", "items": []}).encode()
    thief = Listener(lambda connection, _: connection.sendall(http(200, body)), authority)
    world = World(bench, authority, {"*": thief.port, **dict.fromkeys(HONEST, honest.port)})
    world.names[f"localhost:{honest.port}"] = world.names[f"127.0.0.1:{honest.port}"] = honest.port
    bench.environ |= {
        "AEP_CLIENT_ID": "client-id",
        "AEP_CLIENT_SECRET": CLIENT_SECRET,
        "AEP_SCOPES": "openid",
        "AEP_ORG_ID": "EMULATOR@AdobeOrg",
        "REQUESTS_CA_BUNDLE": str(authority.bundle(tmp_path)),
    }
    with listening(honest, thief), resolving(world, monkeypatch):
        yield Stage(world, honest, thief, prepared)


COUNT = len(SPELLINGS) * 2 + len(TRUST) + len(REDIRECTS) + len(PLACES) * 2 + len(LINKS) + len(ENVIRONMENTS)


def test_these_are_more_than_a_hundred_tricks() -> None:
    """Each is a test of its own below."""
    assert COUNT >= 100
    assert len(set(SPELLINGS.values())) == len(SPELLINGS) >= 100


def test_without_a_trick_the_secrets_go_to_adobe(stage: Stage) -> None:
    """The secret to IMS once, the token with each request to the service; each with the Host header of its own."""
    ran = stage.play({}, "plan")
    assert ran.code == 0, ran.err
    asked = stage.honest.asked
    assert [CLIENT_SECRET.encode() in one.body for one in asked] == [True] + [False] * (len(asked) - 1)
    assert {one.headers.get("authorization") for one in asked[1:]} == {f"Bearer {TOKEN}"}
    assert [one.headers["host"] for one in asked] == ["ims-na1.adobelogin.com"] + ["platform.adobe.io"] * (
        len(asked) - 1
    )
    assert stage.thief.connections == 0


@pytest.mark.parametrize("variable", ["AEP_BASE_URL", "AEP_IMS_URL"])
def test_the_trap_would_catch_them(stage: Stage, variable: str) -> None:
    """A host that somebody vouches for gets them, thief or not: so the record of the thief is worth something."""
    with pytest.raises(AssertionError):
        stage.play({variable: "https://evil.example", "RECONCILER_TRUSTED_HOSTS": "evil.example"}, "plan")
    assert stage.thief.asked


@pytest.mark.parametrize("variable", ["AEP_BASE_URL", "AEP_IMS_URL", "AEP_BENCH_BASE_URL"])
@pytest.mark.parametrize("trick", SPELLINGS)
def test_no_spelling_of_a_base_url(stage: Stage, variable: str, trick: str) -> None:
    """It is refused before anything is sent to anybody, and the variable is named."""
    ran = stage.play({variable: SPELLINGS[trick]}, "plan")
    assert ran.code == 1
    assert variable in ran.err
    assert stage.thief.connections == stage.honest.connections == 0


@pytest.mark.parametrize("trick", TRUST)
def test_no_list_of_trusted_hosts(stage: Stage, trick: str) -> None:
    """Trust is a plain host, exactly; what only looks like one vouches for nobody."""
    ran = stage.play({"AEP_BASE_URL": "https://evil.example", "RECONCILER_TRUSTED_HOSTS": TRUST[trick]}, "plan")
    assert ran.code == 1
    assert stage.thief.connections == 0


@pytest.mark.parametrize(("status", "place"), REDIRECTS)
def test_no_redirect_of_the_service(stage: Stage, status: int, place: str) -> None:
    """It is not followed, not even to where it came from: the way is one request long."""
    stage.answer["GET /data/"] = http(status, Location=PLACES[place])
    ran = stage.play({}, "plan")
    assert ran.code == 1
    assert "redirects are not followed" in ran.err
    assert stage.thief.connections == 0
    assert not any(one.path.startswith("/x") for one in stage.honest.asked)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", [302, 307])
def test_no_redirect_of_ims(stage: Stage, status: int, place: str) -> None:
    """307 would carry the client secret along."""
    stage.answer["POST /ims/"] = http(status, Location=PLACES[place])
    ran = stage.play({}, "plan")
    assert ran.code == 1
    assert stage.thief.connections == 0
    assert len(stage.honest.asked) == 1


@pytest.mark.parametrize("trick", LINKS)
def test_no_link_to_a_next_page(stage: Stage, trick: str) -> None:
    """Only the token is taken out of a link, whatever host it names."""
    page = json.dumps({"items": [], "_links": {"next": {"href": LINKS[trick]}}}).encode()
    stage.answer["GET /data/foundation/flowservice/connections?"] = http(200, page)
    stage.play({}, "plan")
    assert stage.thief.connections == 0
    assert {one.headers["host"] for one in stage.honest.asked} <= {"platform.adobe.io", "ims-na1.adobelogin.com"}
    assert not any(b"\nhost: evil" in one.head.lower() for one in stage.honest.asked)


@pytest.mark.parametrize("place", PLACES)
def test_no_location_of_what_was_made(stage: Stage, place: str) -> None:
    """FACTS 4: a POST answers with a Location, which nobody follows."""
    made = json.dumps({"id": "11111111-0000-0000-0000-000000000001", "etag": '"e"'}).encode()
    stage.answer["POST /data/"] = http(201, made, Location=PLACES[place])
    stage.play({}, "apply", "--yes", "--only", "Connection/warehouse")
    assert any(one.method == "POST" and one.path.startswith("/data/") for one in stage.honest.asked)
    assert stage.thief.connections == 0


@pytest.mark.parametrize("trick", ENVIRONMENTS)
def test_no_variable_of_the_environment(stage: Stage, trick: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither ours nor what the HTTP library would read by itself leads anywhere else."""
    for name, value in ENVIRONMENTS[trick].items():
        monkeypatch.setenv(name, value)
    ran = stage.play(ENVIRONMENTS[trick], "plan")
    assert ran.code == 0, ran.err
    assert stage.thief.connections == 0


def test_no_netrc(stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A netrc for Adobe's host would replace the token by a password of somebody's."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"default login me password {PROXY_PASSWORD}\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    stage.play({"NETRC": str(netrc)}, "plan")
    assert {one.headers.get("authorization") for one in stage.honest.asked[1:]} == {f"Bearer {TOKEN}"}


def test_no_cookie(stage: Stage) -> None:
    """What a host sets is not sent again, to nobody."""
    body = json.dumps({"items": []}).encode()
    stage.answer["GET /data/"] = http(200, body, **{"Set-Cookie": "session=x; Domain=adobe.io; Path=/"})
    assert stage.play({}, "plan").code == 0
    assert not any("cookie" in one.headers for one in stage.honest.asked)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_no_proxy_for_loopback(stage: Stage, variable: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stays on this machine is not shown to a proxy."""
    base, proxy = f"http://{host}:{stage.honest.port}", f"http://me:{PROXY_PASSWORD}@evil.example:3128"
    monkeypatch.setenv(variable, proxy)
    ran = stage.play({"AEP_BASE_URL": base, "AEP_IMS_URL": base, variable: proxy}, "plan")
    assert ran.code == 0, ran.err
    assert stage.thief.connections == 0


def test_a_wrong_certificate_gets_nothing(stage: Stage, tmp_path: Path) -> None:
    """A thief at Adobe's own address, with a certificate that nobody vouches for."""
    stage.world.names |= dict.fromkeys(HONEST, stage.thief.port)
    other = tmp_path / "other"
    other.mkdir()
    ran = stage.play({"REQUESTS_CA_BUNDLE": str(Authority().bundle(other))}, "plan")
    assert ran.code == 1
    assert "its certificate was refused" in ran.err
    assert stage.thief.asked == []
