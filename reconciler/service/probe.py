"""What one careful look at IMS and Flow Service tells, by reads alone: which part is wrong, and where to mend it.

Each request is made once: a person waits, and a service in trouble is an answer too. The rows stand in the order in
which they depend on one another; a refusal is blamed on the first part that explains it (FACTS 6), and what lies behind
that part is not checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

import requests

from reconciler.diff.document import is_object
from reconciler.model.errors import OutcomeUnknown, ServiceError, Unreachable
from reconciler.model.health import Check, Status
from reconciler.model.kinds import Kind
from reconciler.model.secrets import Redactor, Secret
from reconciler.service.auth import make_auth
from reconciler.service.environment import ClientCredentials, Settings
from reconciler.service.lifetime import lifetime
from reconciler.service.reaching import answers, why_unreached
from reconciler.service.refusals import UNAUTHENTICATED, describe, find_code, is_success, may_pass
from reconciler.service.retry import Budget, Clock, Repeater
from reconciler.service.transport import Answer, Request, Transport

IMS: Final = "IMS"
CREDENTIALS: Final = "credentials"
SERVICE: Final = "Flow Service"
ACCESS: Final = "organisation, sandbox"
CLOCK: Final = "clock"
_COLLECTIONS: Final = {kind: f"read {kind.collection}" for kind in Kind}
REMOTE: Final = (IMS, CREDENTIALS, SERVICE, ACCESS, *_COLLECTIONS.values(), CLOCK)
"""Every row that needs the network."""

SKEW_ODD: Final = 30.0
SKEW_WRONG: Final = 300.0

_KEY: Final = frozenset({"403000", "403003"})
_ORGANISATION: Final = frozenset({"400003", "403025", "403027"})
_SANDBOX: Final = frozenset({"2100-404", "2101-404", "2103-404", "2105-400", "2110-400", "2111-403"})

_PERMISSION: Final = (
    "in Admin Console / Permissions give the technical account of this credential a role with this permission in this "
    "sandbox, and the product profile of the credential"
)


class Probe:
    """Asks as a run would ask, once each; ``answers`` are what came back, for the clock."""

    def __init__(self, settings: Settings, clock: Clock, redactor: Redactor, session: requests.Session | None) -> None:
        self._settings, self._clock, self._redactor = settings, clock, redactor
        self._transport = Transport(settings, session, clock, redactor, pool=1, on_request=None)
        # No repetition: a budget of none.
        repeater = Repeater(clock, Budget(0))
        self._auth = make_auth(settings, self._transport, repeater, clock, redactor)
        self._skews: list[float] = []

    def checks(self) -> tuple[Check, ...]:
        """Return the rows of REMOTE, each once."""
        token, found = self._sign_in()
        found += self._reading(token) if token is not None else ()
        found += (self._clock_check(),)
        done = {check.check: check for check in found}
        return tuple(done.get(row) or Check(row, Status.NOT_CHECKED, "something before it failed") for row in REMOTE)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _sign_in(self) -> tuple[Secret | None, tuple[Check, ...]]:
        if not isinstance(self._settings.credentials, ClientCredentials):
            none = Check(IMS, Status.NOT_CHECKED, "not needed: AEP_ACCESS_TOKEN is a ready token")
            return self._auth.token(), (none,)
        try:
            token = self._auth.token()
        except ServiceError as error:
            return None, self._not_signed_in(error)
        reached = Check(IMS, Status.OK, answers(self._settings.ims))
        holds = lifetime(token, self._clock.now())
        return token, (reached, Check(CREDENTIALS, Status.OK, f"IMS took client id, secret and scopes; {holds}"))

    def _not_signed_in(self, error: ServiceError) -> tuple[Check, ...]:
        if error.status in (400, 401, 403):
            reached = Check(IMS, Status.OK, answers(self._settings.ims))
            return reached, Check(CREDENTIALS, Status.FAILED, str(error), _credential_hint(str(error)))
        if error.status is None:
            return (Check(IMS, Status.FAILED, *why_unreached(error, self._settings.ims)),)
        return (Check(IMS, Status.FAILED, str(error), "check AEP_IMS_URL; if it is right, IMS is in trouble: wait"),)

    def _reading(self, token: Secret) -> tuple[Check, ...]:
        found: list[Check] = []
        for kind, row in _COLLECTIONS.items():
            check = self._read(kind, row, token)
            found.append(check)
            if check.check != row:  # what all six share is wrong: five more refusals would tell nothing
                return (*self._before(check.check, token), check)
        return (*self._before(None, token), *found)

    def _before(self, blamed: str | None, token: Secret) -> Iterator[Check]:
        """Yield what must have been right for a request to come as far as the row that is to blame."""
        ready = not isinstance(self._settings.credentials, ClientCredentials)
        passed = {
            SERVICE: answers(self._settings.service),
            CREDENTIALS: f"the service took token and API key; {lifetime(token, self._clock.now())}" if ready else "",
            ACCESS: f"{self._settings.organisation} has sandbox {self._settings.sandbox}",
        }
        for row, text in passed.items():
            if row == blamed:
                return
            if text:
                yield Check(row, Status.OK, text)

    def _read(self, kind: Kind, row: str, token: Secret) -> Check:
        started = self._clock.now()
        try:
            answer = self._send(kind, token)
        except (Unreachable, OutcomeUnknown) as error:
            return Check(SERVICE, Status.FAILED, *why_unreached(error, self._settings.service))
        if not is_success(answer):
            return self._refused(row, answer, token)
        items = _items(answer)
        if items is None:
            found = f"the answer to GET /{kind.collection} is not Flow Service's: {describe(answer, self._redactor)}"
            return Check(SERVICE, Status.FAILED, found, "a proxy or sign-in page answers: check AEP_BASE_URL and proxy")
        took = f"{1000 * (self._clock.now() - started):.0f} ms"
        return Check(row, Status.OK, f"readable ({items} shown), {took}")

    def _refused(self, row: str, answer: Answer, token: Secret) -> Check:
        code, status = find_code(answer), answer.status
        told = f"{status}{f' {code}' if code else ''}: {describe(answer, self._redactor)}"
        blamed, mend = self._blame(row, code, status)
        if may_pass(answer):
            blamed, mend = SERVICE, "the service is in trouble or busy: try again in some minutes"
        if blamed == CREDENTIALS:
            told = f"{told}; {lifetime(token, self._clock.now())}"
        return Check(blamed, Status.FAILED, told, mend)

    def _blame(self, row: str, code: str | None, status: int) -> tuple[str, str]:
        """Return the row that explains a refusal, and where to mend it."""
        if code in _KEY:
            return CREDENTIALS, "AEP_API_KEY must be the client id of the token's credential (Developer Console)"
        if code in _ORGANISATION:
            return ACCESS, "AEP_ORG_ID must be the organisation of the credential, as …@AdobeOrg (Developer Console)"
        if code in _SANDBOX:
            return ACCESS, f"the target's spec.sandbox is {self._settings.sandbox!r}: write one that this account sees"
        if status == UNAUTHENTICATED or code == "403010":
            return (
                CREDENTIALS,
                "the token is not valid here, or has expired: mint another, or let IMS (AEP_CLIENT_ID …)",
            )
        if status == 403:  # noqa: PLR2004 - HTTP's own number
            return row, _PERMISSION
        return SERVICE, "check AEP_BASE_URL: what answers there is not the service we know"

    def _send(self, kind: Kind, token: Secret) -> Answer:
        headers = {
            "Accept": "application/json",
            "x-api-key": self._settings.api_key,
            "x-gw-ims-org-id": self._settings.organisation,
            "x-sandbox-name": self._settings.sandbox,
        }
        query = "" if kind.is_spec else "limit=1"  # lists of specs declare no limit (FACTS 5)
        before = self._clock.now()
        answer = self._transport.send(
            self._settings.service, Request("GET", f"/{kind.collection}", query, headers), token
        )
        self._note_time(answer, (before + self._clock.now()) / 2)
        return answer

    def _note_time(self, answer: Answer, local: float) -> None:
        try:
            theirs = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
        except (ValueError, OverflowError):
            return
        self._skews.append(local - theirs - 0.5)  # Date is cut to whole seconds

    def _clock_check(self) -> Check:
        if not self._skews:
            return Check(CLOCK, Status.NOT_CHECKED, "no answer told its time")
        skew = min(self._skews, key=abs)  # the quickest answer is nearest to the truth
        found = f"this machine is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service"
        mend = "set the machine's clock (NTP): leases, token renewal and start times go by it"
        if abs(skew) > SKEW_WRONG:
            return Check(CLOCK, Status.FAILED, found, mend)
        if abs(skew) > SKEW_ODD:
            return Check(CLOCK, Status.WARNING, found, mend)
        return Check(CLOCK, Status.OK, "agrees with the service's")


def _credential_hint(told: str) -> str:
    where = "compare with the OAuth server-to-server credential in Developer Console"
    if "invalid_scope" in told or "scope" in told.partition("(check")[0]:
        return f"AEP_SCOPES is not what the credential has: {where}"
    if "client_secret" in told:
        return f"AEP_CLIENT_SECRET does not belong to AEP_CLIENT_ID, or was rotated: {where}"
    if "client_id" in told:
        return f"AEP_CLIENT_ID is not known to IMS: {where}"
    return f"AEP_CLIENT_ID, AEP_CLIENT_SECRET or AEP_SCOPES is wrong: {where}"


def _items(answer: Answer) -> int | None:
    """Return how many items a list holds, None for what is no list of the service."""
    try:
        document = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    items = document.get("items") if is_object(document) else None
    return len(items) if isinstance(items, list) else None
