"""What an editor says of each key of a manifest."""

from __future__ import annotations

from typing import Final

METADATA: Final = {
    "name": "What git calls it: lower-case letters, digits, inner hyphens; unique in its kind.",
    "id": "Adopt the object with this id: a text, or a map from target to id. Only what is declared is managed then.",
    "previousName": "What it was called in git before; nothing live is touched.",
    "protect": "Never delete or replace it; remembered when the manifest is gone.",
    "onRemove": "When the manifest leaves git: orphan (deleted with --prune) or forget.",
    "onImmutable": "What becomes of a change that cannot be made in place: block, or replace by a new object.",
    "ignore": "JSON Pointers into spec that are sent on create and never compared afterwards.",
    "skipValidation": "JSON Pointers into spec that are not held against the service's schemas.",
    "targets": "Only on these targets.",
    "snooze": "By target: drift that is left alone until a day, and why.",
    "until": "The last day in UTC, or a moment with a zone.",
    "reason": "Why this drift is left alone.",
    "fields": "JSON Pointers into spec.",
}
OVERRIDES: Final = "By target: merge patches (RFC 7386) over metadata and spec; null takes a field away."
TARGET_SPEC: Final = {
    "name": "What --target calls it.",
    "sandbox": "The technical name of a sandbox; or emulator: true.",
    "emulator": "The embedded Flow Service instead of a sandbox.",
    "default": "What a command without --target means; on one target.",
    "values": "What differs from target to target; read with {valueFrom: {target: NAME}}.",
    "guards": "What an apply may touch before somebody has to say --allow-large.",
    "maxDeletes": "Deletes and replaces at most.",
    "maxChangesPercent": "Updates, replaces and deletes at most, in percent of what is managed, from 10 resources up.",
    "settleSeconds": "How long a write may take to show.",
    "ledger": "Where the ledger lives in git; by default refs/reconciler/<target> on origin.",
    "ref": "A full name: refs/reconciler/prod.",
    "remote": "A remote's name in the clone, or the URL or path of a repository.",
}
SPEC: Final = {
    "name": "What the service calls it.",
    "description": "Free text; null: must be absent.",
    "connectionSpec": "Which kind of source or destination: id and version.",
    "flowSpec": "How data flows: id and version of a flow spec.",
    "auth": "Which authentication of the connection spec, and its credentials.",
    "encryption": "Which encryption, and its keys.",
    "baseConnectionId": "The connection that it goes through, as an id or {ref: Connection/name}.",
    "data": "Format or schema of the data.",
    "params": "What the connection spec asks for: a table, a path, a dataset.",
    "sourceConnectionIds": "Where data comes from, as ids or {ref: SourceConnection/name}.",
    "targetConnectionIds": "Where data goes to, as ids or {ref: TargetConnection/name}.",
    "transformations": "What happens on the way: Copy, Mapping, …",
    "scheduleParams": "When it runs: startTime, frequency, interval, backfill.",
    "state": "enabled or disabled: the reconciler switches the flow.",
}
