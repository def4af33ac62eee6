"""Which part explains that the service refuses a read, and where to mend it (FACTS 6).

A refusal is blamed on the first part that explains it: what all reads share, if its code says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reconciler.service.environment import ClientCredentials, Settings
from reconciler.service.refusals import UNAUTHENTICATED, find_code, may_pass
from reconciler.service.transport import Answer

CREDENTIALS: Final = "credentials"
SERVICE: Final = "Flow Service"
ACCESS: Final = "organisation, sandbox"

_FORBIDDEN: Final = 403
_KEY: Final = frozenset({"403000", "403003"})
_ORGANISATION: Final = frozenset({"400003", "403025", "403027"})
_SANDBOX: Final = frozenset({"2100-404", "2101-404", "2103-404", "2105-400", "2110-400", "2111-403"})
_NO_TOKEN: Final = "403010"  # noqa: S105 - a code of the gateway's


@dataclass(frozen=True, slots=True)
class Blame:
    """The row that explains a refusal, None for the row of the read itself, and where to mend it."""

    row: str | None
    mend: str


def blame(answer: Answer, settings: Settings, client: str | None) -> Blame:
    """Return what explains a refusal; ``client`` is the one that the token says it was made for, where it says so."""
    code, status = find_code(answer), answer.status
    if may_pass(answer):
        return Blame(SERVICE, "the service is in trouble or busy: try again in some minutes")
    if code in _ORGANISATION or code in _SANDBOX:
        return Blame(ACCESS, _ORGANISATION_MEND if code in _ORGANISATION else _sandbox(settings))
    other = _other_client(settings, client)
    if code in _KEY:
        return Blame(CREDENTIALS, other or _KEY_MEND)
    if status == UNAUTHENTICATED or code == _NO_TOKEN:
        return Blame(CREDENTIALS, other or _token_mend(settings))
    if status == _FORBIDDEN:
        return Blame(None, other or _permission(settings))
    return Blame(SERVICE, "check AEP_BASE_URL: what answers there is not the service we know")


_ORGANISATION_MEND: Final = "AEP_ORG_ID must be the organisation of the credential, as …@AdobeOrg (Developer Console)"
_KEY_MEND: Final = "AEP_API_KEY must be the client id of the token's credential (Developer Console)"


def _sandbox(settings: Settings) -> str:
    return (
        f"the target's spec.sandbox is {settings.sandbox!r}: write the name (not the title) of one that is there, and "
        "that this account may enter"
    )


def _other_client(settings: Settings, client: str | None) -> str | None:
    """Return what to do where token and API key surely do not belong together."""
    ours = settings.credentials.client_id if isinstance(settings.credentials, ClientCredentials) else client
    if ours is None or ours == settings.api_key:
        return None
    if isinstance(settings.credentials, ClientCredentials):
        return "AEP_API_KEY is not AEP_CLIENT_ID: leave it unset, then it is"
    return "the token says that it was made for another client than AEP_API_KEY: take both from one credential"


def _token_mend(settings: Settings) -> str:
    if isinstance(settings.credentials, ClientCredentials):
        return (
            "IMS has made this token just now: AEP_IMS_URL and AEP_BASE_URL must be of one environment; it may mean a "
            f"missing permission, too: {_permission(settings)}"
        )
    return "AEP_ACCESS_TOKEN is not valid here, or has expired: mint another, or let IMS (AEP_CLIENT_ID …)"


def _permission(settings: Settings) -> str:
    return (
        f"in Admin Console / Permissions give the technical account of this credential a role with this permission in "
        f"sandbox {settings.sandbox!r}, and the product profile of the credential"
    )
