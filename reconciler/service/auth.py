"""The bearer token: given as it is, or fetched from IMS with client credentials (FACTS 3)."""

from __future__ import annotations

import threading
from typing import Final, Protocol
from urllib.parse import urlencode

from reconciler.diff.document import Json, is_number, is_object
from reconciler.diff.reading import read_json
from reconciler.model.errors import OutcomeUnknown, ServiceError, Unauthorised, Unreachable
from reconciler.model.secrets import Redactor, Secret
from reconciler.service.claims import expiry
from reconciler.service.environment import HEADER_VALUE, ClientCredentials, Settings
from reconciler.service.losses import Hopeless
from reconciler.service.refusals import describe, is_success, may_pass, refusal
from reconciler.service.retry import Again, Clock, Repeater
from reconciler.service.transport import Answer, Request, Transport
from reconciler.service.wire import bad_answer

TOKEN_PATH: Final = "/ims/token/v3"  # noqa: S105 - a path, no password
RENEW_BEFORE: Final = 300.0
UNKNOWN_LIFETIME: Final = 3600.0
REPLACE_AGAIN: Final = 300.0
"""Seconds between two tokens that were fetched because one was refused."""

EARLY_AGAIN: Final = 30.0
"""Seconds until IMS is asked again for a token that is not needed yet."""

_DEEPEST: Final = 20  # levels; an answer with a token has one

# One retired exchange gives milliseconds under the same name (FACTS 3): a token of eleven days in seconds is none.
MOST_SECONDS: Final = 1e6


class Auth(Protocol):
    """Where the bearer token comes from. Thread-safe."""

    def token(self) -> Secret:
        """Return a token that should hold."""

    def renew(self, refused: Secret) -> Secret | None:
        """Return another token than the one that was refused, or None if there is none to be had."""

    def expires(self) -> float | None:
        """Return when the last token that was returned expires, in epoch seconds; None where nobody has told."""

    def advice(self, *, accepted: bool) -> str:
        """Return what to do about a 401 that stands; ``accepted`` iff the service has taken a token in this run."""


class ReadyToken:
    """A token that somebody minted for us, and that only they can renew."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def token(self) -> Secret:
        """Return the token."""
        return self._token

    def renew(self, refused: Secret) -> Secret | None:  # noqa: ARG002 - the protocol's argument
        """Return None: there is no other."""
        return None

    def expires(self) -> float | None:
        """Return what the token says of itself."""
        return expiry(self._token)

    def advice(self, *, accepted: bool) -> str:
        """Tell a token that has expired meanwhile from one that never held."""
        mint = "mint a new one, and run the command again"
        if accepted:
            return (
                f"AEP_ACCESS_TOKEN was taken before in this run, so it has expired: {mint}: what is done by now is not "
                "done twice. With AEP_CLIENT_ID, AEP_CLIENT_SECRET and AEP_SCOPES tokens are renewed by themselves"
            )
        return f"AEP_ACCESS_TOKEN is invalid or has expired: {mint}; check that AEP_API_KEY and AEP_ORG_ID belong to it"


class ImsToken:
    """A token fetched when it is first needed, and again shortly before it expires or when it is refused."""

    def __init__(
        self, settings: Settings, client: ClientCredentials, transport: Transport, repeater: Repeater,
        clock: Clock, redactor: Redactor,
    ) -> None:  # fmt: skip
        self._endpoint = settings.ims
        self._client = client
        self._transport = transport
        self._repeater = repeater
        self._clock = clock
        self._redactor = redactor
        self._token: Secret | None = None
        self._renew_at = 0.0
        self._expires_at = 0.0
        self._told_expiry: float | None = None
        self._replaced_at: float | None = None
        self._refused: ServiceError | None = None
        self._lock = threading.Lock()

    def token(self) -> Secret:
        """Return the token; the first caller fetches it, the others wait for that."""
        with self._lock:
            now = self._clock.now()
            if self._token is None or now >= self._expires_at:
                return self._fetch()
            return self._token if now < self._renew_at else self._fetch_early(self._token)

    def renew(self, refused: Secret) -> Secret | None:
        """Return a fresh token: ours, or the one that another thread fetched since.

        None where the last refusal was answered by a fresh token only a moment ago: the refusal is not about the token
        (FACTS 6: 401 may mean a permission), and IMS is not asked for one more with every such object.
        """
        with self._lock:
            if self._token is not None and self._token != refused:
                return self._token
            now = self._clock.now()
            if self._replaced_at is not None and 0 <= now - self._replaced_at < REPLACE_AGAIN:
                return None
            token = self._fetch()
            self._replaced_at = now
            return token

    def expires(self) -> float | None:
        """Return what IMS said with the token (``expires_in``), else what the token says of itself."""
        if self._told_expiry is not None or self._token is None:
            return self._told_expiry
        return expiry(self._token)

    def advice(self, *, accepted: bool) -> str:  # noqa: ARG002 - the protocol's argument
        """Blame what a fresh token does not mend."""
        return (
            "a fresh token of IMS was refused as well: check that AEP_API_KEY and AEP_ORG_ID belong to AEP_CLIENT_ID, "
            "and that the technical account has the permission in this sandbox"
        )

    def _fetch_early(self, token: Secret) -> Secret:
        """Return a fresh token; or this one, which holds a little longer, while IMS is out of reach."""
        try:
            return self._fetch()
        except Unreachable:
            self._renew_at = self._clock.now() + EARLY_AGAIN
            return token

    def _fetch(self) -> Secret:
        if self._refused is not None:
            raise self._refused  # asked once for all: wrong credentials, tried again and again, lock a client out
        asked = self._clock.now()
        document = self._repeater.run(self._ask)
        token, told = Secret(document["access_token"]), _lifetime(document.get("expires_in"))
        self._redactor.learn(token.reveal())
        lifetime = UNKNOWN_LIFETIME if told is None else told
        self._token, self._expires_at = token, asked + lifetime
        self._told_expiry = None if told is None else self._expires_at
        self._renew_at = self._expires_at - min(RENEW_BEFORE, lifetime / 10)
        return token

    def _ask(self) -> dict[str, Json]:
        try:
            answer = self._transport.send(self._endpoint, self._request())
        except Hopeless:
            raise
        except (Unreachable, OutcomeUnknown) as error:
            # A token asked for twice is no harm.
            raise Again(Unreachable(str(error))) from error
        if may_pass(answer):
            after = self._repeater.retry_after(answer.headers.get("Retry-After"))
            raise Again(refusal(answer, self._redactor, "IMS"), after=after)
        try:
            return self._understood(answer)
        except ServiceError as error:
            self._refused = error
            raise

    def _understood(self, answer: Answer) -> dict[str, Json]:
        if answer.status in (400, 401, 403):
            raise Unauthorised(
                f"IMS refused the client credentials: {answer.status}: {describe(answer, self._redactor)} "
                "(check AEP_CLIENT_ID, AEP_CLIENT_SECRET and AEP_SCOPES)",
                status=answer.status,
            )
        if not is_success(answer):
            raise refusal(answer, self._redactor, "IMS")
        return _token_document(answer)

    def _request(self) -> Request:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client.client_id,
            "client_secret": self._client.client_secret.reveal(),
            "scope": self._client.scopes,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return Request("POST", TOKEN_PATH, headers=headers, body=urlencode(form).encode(), confidential=True)


def make_auth(settings: Settings, transport: Transport, repeater: Repeater, clock: Clock, redactor: Redactor) -> Auth:
    """Return the auth that the settings' credentials ask for, and teach the redactor its secrets."""
    if isinstance(settings.credentials, Secret):
        redactor.learn(settings.credentials.reveal())
        return ReadyToken(settings.credentials)
    redactor.learn(settings.credentials.client_secret.reveal())
    return ImsToken(settings, settings.credentials, transport, repeater, clock, redactor)


def _token_document(answer: Answer) -> dict[str, Json]:
    try:
        document = read_json(answer.content, _DEEPEST)
    except ValueError:
        document = None
    token = document.get("access_token") if is_object(document) else None
    # The body is not shown: whatever it is, a token may be in it.
    if not is_object(document) or not isinstance(token, str) or not HEADER_VALUE.fullmatch(token):
        raise bad_answer(answer, "of IMS holds no access_token")
    return document


def _lifetime(expires_in: Json) -> float | None:
    """Return how many seconds a token holds, None where IMS does not say."""
    if isinstance(expires_in, str) and expires_in.isascii() and expires_in.isdecimal() and len(expires_in) < 20:  # noqa: PLR2004 - no number of seconds or milliseconds is longer
        expires_in = int(expires_in)
    if not is_number(expires_in) or not 0 < expires_in < float("inf"):
        return None
    return expires_in / 1000 if expires_in > MOST_SECONDS else float(expires_in)
