"""Environment variables as checked settings for one target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model.errors import UsageError
from reconciler.model.resources import Target
from reconciler.model.secrets import Secret
from reconciler.service.certificates import ca_bundle
from reconciler.service.hosts import TRUSTED_VARIABLE, TrustedHosts, check_base
from reconciler.service.proxies import Endpoint, endpoint

SERVICE_PATH: Final = "/data/foundation/flowservice"
DEFAULT_BASE: Final = "https://platform.adobe.io"
DEFAULT_IMS: Final = "https://ims-na1.adobelogin.com"
EMULATOR_BASE: Final = "http://localhost"

HEADER_VALUE: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What IMS turns into a token (FACTS 3); ``scopes`` is a comma list."""

    client_id: str
    client_secret: Secret
    scopes: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a client needs to know of its target."""

    service: Endpoint
    ims: Endpoint
    organisation: str
    sandbox: str
    api_key: str
    credentials: Secret | ClientCredentials
    ca_bundle: str | None = None

    @classmethod
    def read(cls, target: Target, environ: Mapping[str, str]) -> Settings:
        """Read what a target needs; raises one UsageError that names every missing variable."""
        if target.sandbox is None:
            return _embedded(target)
        variables = _Variables(target.name, environ)
        _check_sandbox(target, target.sandbox, variables)
        credentials = _credentials(variables)
        api_key = variables.header("API_KEY", needed=False) or _client_of(credentials, variables)
        organisation = variables.header("ORG_ID")
        variables.complain()
        return cls(
            *_endpoints(variables),
            organisation=organisation,
            sandbox=target.sandbox,
            api_key=api_key,
            credentials=credentials,
            ca_bundle=ca_bundle(environ),
        )


class _Variables:
    """Variables of one target: ``AEP_EU_PROD_…`` before ``AEP_…``; an empty one is a missing one.

    Pipelines set a variable to nothing where a secret is not defined.
    """

    def __init__(self, target: str, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.own = f"AEP_{target.upper().replace('-', '_')}_"
        self.missing: list[str] = []

    def has_own(self, name: str) -> bool:
        """Iff the target has this variable to itself."""
        return bool(self.environ.get(self.own + name, "").strip())

    def find(self, name: str) -> tuple[str, str]:
        """Return the variable that counts, and its value: empty if there is none."""
        for variable in (self.own + name, "AEP_" + name):
            if value := self.environ.get(variable, "").strip():
                return variable, value
        return "AEP_" + name, ""

    def need(self, name: str) -> str:
        """Return a value, and note that it is missing if it is."""
        variable, value = self.find(name)
        if not value:
            self.missing.append(variable)
        return value

    def header(self, name: str, *, needed: bool = True) -> str:
        """Return a value that goes into a header: visible ASCII, or somebody could write headers of their own."""
        value = self.need(name) if needed else self.find(name)[1]
        if value and not HEADER_VALUE.fullmatch(value):
            raise UsageError(f"{self.find(name)[0]}: a header value cannot hold spaces, control characters or umlauts")
        return value

    def complain(self) -> None:
        """Raise one error for all that was missing."""
        if self.missing:
            names = ", ".join(self.missing)
            raise UsageError(
                f"not set in the environment: {names} (each may also be written {self.own}… for this target)"
            )


def _check_sandbox(target: Target, sandbox: str, variables: _Variables) -> None:
    variable, value = variables.find("SANDBOX")
    if value not in ("", sandbox):
        raise UsageError(
            f"{variable} is {value!r}, but target {target.name} is sandbox {sandbox!r}; "
            "a target's sandbox stands in its manifest and the variable may only repeat it"
        )
    if not HEADER_VALUE.fullmatch(sandbox):
        raise UsageError(f"target {target.name}: {sandbox!r} is no sandbox name")


def _credentials(variables: _Variables) -> Secret | ClientCredentials:
    # A target's own client is nearer than everybody's token.
    own_client = variables.has_own("CLIENT_ID") or variables.has_own("CLIENT_SECRET")
    if variables.find("ACCESS_TOKEN")[1] and (variables.has_own("ACCESS_TOKEN") or not own_client):
        return Secret(_token(variables))
    if not variables.find("CLIENT_ID")[1] and not variables.find("CLIENT_SECRET")[1]:
        variables.missing.append("AEP_ACCESS_TOKEN (or AEP_CLIENT_ID, AEP_CLIENT_SECRET and AEP_SCOPES)")
        return Secret("")
    client_id = variables.header("CLIENT_ID")
    return ClientCredentials(client_id, Secret(variables.need("CLIENT_SECRET")), variables.need("SCOPES"))


def _token(variables: _Variables) -> str:
    variable, token = variables.find("ACCESS_TOKEN")
    if not HEADER_VALUE.fullmatch(token):
        raise UsageError(f"{variable}: the token alone is wanted, without 'Bearer', spaces or line breaks")
    return token


def _client_of(credentials: Secret | ClientCredentials, variables: _Variables) -> str:
    """Return the client that a token is made for, as far as it is named; notes that AEP_API_KEY is missing if not."""
    if isinstance(credentials, ClientCredentials):
        return credentials.client_id
    # Everybody's client and a target's own token, or the other way round, need not belong together.
    together = variables.has_own("CLIENT_ID") == variables.has_own("ACCESS_TOKEN")
    return (variables.header("CLIENT_ID", needed=False) if together else "") or variables.header("API_KEY")


def _endpoints(variables: _Variables) -> tuple[Endpoint, Endpoint]:
    trusted = TrustedHosts.read(variables.environ.get(TRUSTED_VARIABLE, ""))
    base_variable, base = variables.find("BASE_URL")
    service = check_base(base or DEFAULT_BASE, base_variable, trusted)
    if service.endswith(SERVICE_PATH):
        raise UsageError(f"{base_variable}: leave {SERVICE_PATH} out; it is appended")
    ims_variable, base = variables.find("IMS_URL")
    ims = check_base(base or DEFAULT_IMS, ims_variable, trusted)
    return (
        endpoint(service + SERVICE_PATH, variables.environ, base_variable),
        endpoint(ims, variables.environ, ims_variable),
    )


def _embedded(target: Target) -> Settings:
    """Return settings for the emulator inside this process: it needs no credentials, and must not be sent real ones."""
    return Settings(
        service=Endpoint(EMULATOR_BASE + SERVICE_PATH),
        ims=Endpoint(EMULATOR_BASE),
        organisation="EMULATOR@AdobeOrg",
        sandbox=target.name,
        api_key="flow-reconciler",
        credentials=Secret("the-emulator-takes-any-token"),
    )
