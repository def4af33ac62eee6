"""Every point on which the sources are silent or contradict each other, as one switch each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass
class Settings:
    """How this Flow Service behaves; may be changed while it runs."""

    secrets: Literal["clear", "masked", "emptied", "nulled", "hinted", "encrypted", "absent"] = "clear"
    """How a GET shows password fields: FACTS 14 (U)."""

    list_secrets: Literal["same", "absent"] = "same"
    """Whether a list shows of password fields what a GET shows, or less: FACTS 4, 14 (U)."""

    error_shape: Literal["details", "short", "message", "problem"] = "details"
    """Which documented body a refusal has: a message with details, without, by another name, a problem: FACTS 6."""

    error_code: Literal["details", "message", "field", "absent"] = "details"
    """Where in it the numbered code sits, if anywhere: FACTS 6 (U)."""

    gateway_codes: Literal["strings", "numbers"] = "strings"
    """Whether the gateway's codes are strings or numbers: FACTS 6 (X)."""

    etag_form: Literal["standard", "uuid", "unquoted", "weak"] = "standard"
    """How an etag is written; unquoted ones still want quotes in If-Match: FACTS 7 (O)."""

    spec_etags: bool = False
    """Iff specs have an etag and a PUT must send it; the header's text mentions PUT, no call shows it: FACTS 7 (X)."""

    operation_words: Literal["completed", "enum", "queued", "absent"] = "completed"
    """The words of lastOperation's status, those seen or those of the enum; or no lastOperation at all: FACTS 9 (I)."""

    transient_words: Literal["named", "inProgress", "pending", "finalizing"] = "named"
    """How a state on its way is called: updating and its like, or another of the documented words: FACTS 8."""

    mapping_versions: Literal["strings", "echoed"] = "strings"
    """Whether a mapping version that was sent as 0 comes back as "0": FACTS 11 (O)."""

    key_order: Literal["sent", "sorted"] = "sent"
    """Whether replies keep the order of keys: FACTS 15 (O)."""

    expires_in: Literal["seconds", "milliseconds"] = "seconds"
    """The unit of a token's lifetime: FACTS 3 (X)."""

    post_spec_reply: Literal["bare", "wrapped"] = "bare"
    """Whether POST of a spec answers the body or ``{"items": [body]}``: FACTS 4 (X)."""

    patch_reply: Literal["id_etag", "envelope"] = "id_etag"
    """Whether PATCH answers ``{id, etag}`` or the whole object in the list envelope: FACTS 4 (X)."""

    content_path: Literal["kept", "collapsed"] = "kept"
    """Whether replies show a spec's contentPath object, or its path alone: FACTS 15 (X)."""

    quoted_if_match_required: bool = True
    """Iff an If-Match without its double quotes is a 412: FACTS 7 (X, later documents agree)."""

    settle_seconds: float = 0.0
    """How long a flow's lastOperation stays in progress after a write; 0 is settled at once: FACTS 7, 9 (I)."""

    delete_seconds: float = 0.0
    """How long a deleted object is still shown, DELETE answering 202; 0 is gone at once, 204: FACTS 4 (X)."""

    transient_state: bool = True
    """Iff an unsettled flow shows a transient state and refuses writes with 1420/1421: FACTS 6, 8."""

    post_etag: Literal["current", "moved", "absent"] = "current"
    """The etag that a POST answers: the object's, one that the service has moved already, or none: FACTS 4, 7 (O)."""

    numbers: Literal["echoed", "numbers", "strings"] = "echoed"
    """Whether a schedule's "15" and 15 come back as they were sent, or all in one form: FACTS 10 (I)."""

    leaf_patches: bool = True
    """Iff a patch may address a leaf that no document shows, such as ``/scheduleParams/interval``: FACTS 9, 10 (U)."""

    remove_needs_value: bool = True
    """Iff a remove without a value is refused: FACTS 9 (X)."""

    list_order: Literal["stable", "shuffled"] = "stable"
    """Whether the objects of a page keep their order from call to call: FACTS 5 (U)."""

    pages_overlap: bool = False
    """Iff a page begins with the last object of the one before, as if it had moved in the meantime: FACTS 5 (U)."""

    property_filters: bool = True
    """Iff ``property`` filters a list; otherwise it only projects, and every object is listed: FACTS 4 (X)."""

    bare_match: bool = False
    """Iff a filtered list of flow specs that finds one answers it bare, without ``items``: FACTS 4 (O)."""

    token_alone: bool = False
    """Iff nothing may stand beside a ``continuationToken``; otherwise what is repeated says the same: FACTS 5 (U)."""

    token_padding: str = ""
    """What a token ends in; ``==`` and ``%3D`` are what a careless client loses: FACTS 5 (I)."""

    spec_version_required: bool = False
    """Iff a connection without ``connectionSpec.version`` is a 422; otherwise it is filled in: FACTS 6 (X)."""

    sandbox_header_required: bool = True
    """Iff a call without ``x-sandbox-name`` is refused; otherwise it means the sandbox prod: FACTS 2 (X)."""

    spec_description: Literal["omitted", "kept"] = "omitted"
    """Whether replies show the description of a spec: FACTS 15 (O)."""

    transformation_specs: Literal["transformationSpecs", "transformationSpec"] = "transformationSpecs"
    """How replies spell a flow spec's transformations: FACTS 15 (X)."""

    check_schemas: bool = True
    """Iff credentials and schedules are held against their specs' schemas; no document says it is done: FACTS 14."""

    flow_takes_ends: bool = False
    """Iff deleting a flow takes its source and target connections along: FACTS 12 (U)."""

    last_links: Literal["empty", "absent", "self"] = "empty"
    """Whether the last page carries an empty ``_links``, none at all, or one without a ``next``: FACTS 5 (X)."""

    connection_links: bool = True
    """Iff lists of connections lead to their next page; by OAS they have no ``_links``, and end at a full page: FACTS 5
    (X)."""

    page_cap: int | None = None
    """How many items a page holds at most, whatever was asked for: FACTS 5 (U)."""

    pages_lose: bool = False
    """Iff now and then an object is on no page, having moved to one that was read already: FACTS 5 (U)."""

    list_lag: float = 0.0
    """For how many seconds a list still shows what was before a write: FACTS 16 (U)."""

    get_lag: float = 0.0
    """For how many seconds a GET still shows what was before a write: FACTS 16 (U)."""

    index_ops: Literal["refused", "sequential", "original"] = "refused"
    """Whether several ops by index within one list of one patch are refused, their meaning being unknown, count in the
    list as the op before has left it, as RFC 6902 has it, or in the list from before the patch: FACTS 9 (X)."""

    draft_changes: Literal["patched", "refused", "free"] = "patched"
    """What may be done to a draft: a PATCH, as its tutorial does, nothing, as code 1416 says, or a DELETE too: FACTS 6
    and 12 (X)."""

    auth_leaves: bool = False
    """Iff a patch may address a leaf below ``/auth/params``; no document shows one: FACTS 9 (U)."""

    custom_specs_allowed: bool = True
    """Iff connection specs may be written; otherwise 1426-400: FACTS 6, 15."""

    check_references: bool = True
    """Iff ids in a body must exist; off, documents can be replayed that name ids of somewhere else."""

    default_limit: int = 20
    """How many items a page has when the caller does not say: FACTS 5 (U)."""

    token: str | None = None
    """The one bearer token that is valid; None takes any that is not empty: FACTS 3."""

    client_id: str | None = None
    """The client that may ask IMS for a token; None takes any: FACTS 3."""

    client_secret: str | None = None
    """Its secret; None takes any: FACTS 3."""

    organisation: str | None = None
    """The one organisation that may be named; None takes any: FACTS 6."""

    sandboxes: frozenset[str] | None = None
    """The sandboxes that exist; None takes any name, otherwise 2100-404: FACTS 6."""

    user: str = "technical@AdobeID"
    """Who is written into createdBy and updatedBy for callers of the API: FACTS 8 (O)."""

    record: bool = True
    """Iff requests are kept for tests to count; off for a server that runs for days."""

    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""

    sleep: Callable[[float], None] = time.sleep
    """How a slow answer waits."""
