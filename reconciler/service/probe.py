"""What one careful look at IMS and Flow Service tells, by reads alone: which part is wrong, and where to mend it.

Each request is made once: a person waits, and a service in trouble is an answer too. The rows stand in the order in
which they depend on one another; what lies behind the part that a refusal is blamed on is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import requests

from reconciler.diff.document import is_object
from reconciler.model.errors import BadAnswer, OutcomeUnknown, ServiceError, Unreachable
from reconciler.model.health import Check, Status
from reconciler.model.kinds import Kind
from reconciler.model.secrets import Redactor, Secret
from reconciler.service.auth import make_auth
from reconciler.service.blame import ACCESS, CREDENTIALS, SERVICE, blame
from reconciler.service.claims import client, lifetime
from reconciler.service.environment import ClientCredentials, Settings
from reconciler.service.reaching import answers, why_unreached
from reconciler.service.refusals import describe, find_code, is_success
from reconciler.service.retry import Budget, Clock, Repeater
from reconciler.service.skew import Skew
from reconciler.service.transport import Answer, Request, Transport
from reconciler.service.wire import decode

IMS: Final = "IMS"
CLOCK: Final = "clock"
_COLLECTIONS: Final = {kind: f"read {kind.collection}" for kind in Kind}
REMOTE: Final = (IMS, CREDENTIALS, SERVICE, ACCESS, *_COLLECTIONS.values(), CLOCK)
"""Every row that needs the network."""

SKEW_ODD: Final = 30.0
SKEW_WRONG: Final = 300.0


class Probe:
    """Asks as a run would ask, once each."""

    def __init__(self, settings: Settings, clock: Clock, redactor: Redactor, session: requests.Session | None) -> None:
        self._settings, self._clock, self._redactor = settings, clock, redactor
        self._is_ready = not isinstance(settings.credentials, ClientCredentials)
        self._skew = Skew()
        self._transport = Transport(settings, session, clock, redactor, pool=1, on_request=self._skew)
        # No repetition: a budget of none.
        repeater = Repeater(clock, Budget(0))
        self._auth = make_auth(settings, self._transport, repeater, clock, redactor)

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
        if self._is_ready:
            none = Check(IMS, Status.NOT_CHECKED, "not needed: AEP_ACCESS_TOKEN is a ready token")
            return self._auth.token(), (none,)
        try:
            token = self._auth.token()
        except ServiceError as error:
            return None, self._not_signed_in(error)
        taken = f"IMS took client id, secret and scopes; {self._lifetime()}"
        return token, (self._ims_answers(), Check(CREDENTIALS, Status.OK, taken))

    def _ims_answers(self) -> Check:
        return Check(IMS, Status.OK, answers(self._settings.ims))

    def _lifetime(self) -> str:
        return lifetime(self._auth.expires(), self._clock.now())

    def _not_signed_in(self, error: ServiceError) -> tuple[Check, ...]:
        if error.status in (400, 401, 403):
            told = str(error)
            return self._ims_answers(), Check(CREDENTIALS, Status.FAILED, told, _credential_hint(told))
        if error.status is None:
            return (Check(IMS, Status.FAILED, *why_unreached(error, self._settings.ims)),)
        return (Check(IMS, Status.FAILED, str(error), "check AEP_IMS_URL; if it is right, IMS is in trouble: wait"),)

    def _reading(self, token: Secret) -> tuple[Check, ...]:
        found: list[Check] = []
        for kind, row in _COLLECTIONS.items():
            check = self._read(kind, row, token)
            found.append(check)
            if check.check != row:  # what all six share is wrong: five more refusals would tell nothing
                return (*self._before(check.check), check)
        if all(check.status is Status.FAILED for check in found):
            return (*self._before(ACCESS), self._nothing_readable(), *found)
        return (*self._before(None), *found)

    def _nothing_readable(self) -> Check:
        where = f"sandbox {self._settings.sandbox} of {self._settings.organisation}"
        found = f"nothing in {where} may be read: the account has no role there, or another sandbox is meant"
        return Check(ACCESS, Status.WARNING, found, "see what the reads below say")

    def _before(self, blamed: str | None) -> Iterator[Check]:
        """Yield what must have been right for a request to come as far as the row that is to blame."""
        passed = {
            SERVICE: answers(self._settings.service),
            CREDENTIALS: f"the service took token and API key; {self._lifetime()}" if self._is_ready else "",
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
        items = self._items(answer)
        if items is None:
            found = f"the answer to GET /{kind.collection} is not Flow Service's: {describe(answer, self._redactor)}"
            return Check(SERVICE, Status.FAILED, found, "a proxy or sign-in page answers: check AEP_BASE_URL and proxy")
        took = f"{1000 * (self._clock.now() - started):.0f} ms"
        return Check(row, Status.OK, f"readable ({items} shown), {took}")

    def _refused(self, row: str, answer: Answer, token: Secret) -> Check:
        code, text = find_code(answer), describe(answer, self._redactor)
        told = f"{answer.status}{f' {code}' if code and code not in text else ''}: {text}"
        found = blame(answer, self._settings, client(token))
        if found.row == CREDENTIALS:
            told = f"{told}; {self._lifetime()}"
        return Check(found.row or row, Status.FAILED, told, found.mend)

    def _send(self, kind: Kind, token: Secret) -> Answer:
        headers = {
            "Accept": "application/json",
            "x-api-key": self._settings.api_key,
            "x-gw-ims-org-id": self._settings.organisation,
            "x-sandbox-name": self._settings.sandbox,
        }
        query = "" if kind.is_spec else "limit=1"  # lists of specs declare no limit (FACTS 5)
        return self._transport.send(
            self._settings.service, Request("GET", f"/{kind.collection}", query, headers), token
        )

    def _items(self, answer: Answer) -> int | None:
        """Return how many items a list holds, None for what is no list of the service."""
        try:
            document = decode(answer, self._redactor)
        except BadAnswer:
            return None
        items = document.get("items") if is_object(document) else None
        return len(items) if isinstance(items, list) else None

    def _clock_check(self) -> Check:
        skew = self._skew.seconds
        if skew is None:
            return Check(CLOCK, Status.NOT_CHECKED, "no answer told its time")
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
