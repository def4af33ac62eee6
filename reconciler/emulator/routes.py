"""The calls of Flow Service, one function each (FACTS 1, 4)."""

from __future__ import annotations

import functools
import json
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from reconciler.emulator import actions, ims, looking, runs, searching, stamps, transitions, writes
from reconciler.emulator.errors import Refusal, invalid, not_found, plain
from reconciler.emulator.gateway import admit, json_body
from reconciler.emulator.listing import listed, refuse_unknown
from reconciler.emulator.resources import COLLECTIONS, DRAFT, PATCHED, SEARCHED, SPECS, Document
from reconciler.emulator.stamps import Call, Service
from reconciler.emulator.store import Record
from reconciler.emulator.views import shown

BASE: Final = "/data/foundation/flowservice"
SERVICE: Final = "emulator.service"  # environ key: the service that is asked
IGNORED: Final = "emulator.ignored"  # environ key: answer as if the write had been taken

_ANY: Final = "<any({}):collection>".format(", ".join(COLLECTIONS))
_CHANGED: Final = "<any({}):collection>".format(", ".join(PATCHED))
_ACTED: Final = "<any({}):collection>".format(", ".join((*PATCHED, "runs")))
_SEARCHED: Final = "<any({}):collection>".format(", ".join(SEARCHED))
_LOOKED_INTO: Final = "<any(connectionSpecs, connections):collection>"
_REPLACED: Final = "<any({}):collection>".format(", ".join((*SPECS, "runs")))


class Routes:
    """The handlers; which service they answer for stands in the environ."""

    @property
    def _service(self) -> Service:
        service: Service = request.environ[SERVICE]
        return service

    def install(self, flask: Flask) -> None:
        """Register every call; what is not here is a 404 or a 405."""
        rules = (
            ("GET", f"/{_ANY}", self.list_documents),
            ("POST", f"/{_ANY}", self.create),
            ("GET", f"/{_ANY}/<identifier>", self.get),
            ("PATCH", f"/{_CHANGED}/<identifier>", self.patch),
            ("PUT", f"/{_REPLACED}/<identifier>", self.replace),
            ("DELETE", f"/{_CHANGED}/<identifier>", self.delete),
            ("POST", f"/{_ACTED}/<identifier>/action", self.act),
            ("POST", f"/{_SEARCHED}/search", self.search),
            ("GET", f"/{_LOOKED_INTO}/<identifier>/explore", self.explore),
            ("GET", f"/{_LOOKED_INTO}/<identifier>/configs", self.configs),
            ("GET", "/connections/<identifier>/test", self.test),
            ("GET", "/flows/<identifier>/runs", self.runs_of_flow),
        )
        flask.config["PROPAGATE_EXCEPTIONS"] = True  # a bug here must not look like a 500 that clients retry
        flask.url_map.strict_slashes = False  # some documents end paths with a slash, most do not (FACTS 1)
        for method, rule, handler in rules:
            flask.add_url_rule(BASE + rule, view_func=handler, methods=[method], provide_automatic_options=False)
        flask.add_url_rule("/ims/token/v3", view_func=self.token, methods=["POST"], provide_automatic_options=False)
        for installed in flask.url_map.iter_rules():
            (installed.methods or set()).discard("HEAD")  # in no source (FACTS 1)
        flask.register_error_handler(Refusal, self._refused)
        flask.register_error_handler(HTTPException, self._http_error)
        flask.after_request(self._in_order)

    def _refused(self, refusal: Refusal) -> Response:
        return reply(refusal.shaped(self._service.settings), refusal.status)

    def _http_error(self, error: HTTPException) -> Response:
        name = f"{error.name}: {request.method} {request.path}"
        response = self._refused(plain(error.code or HTTPStatus.INTERNAL_SERVER_ERROR, name))
        response.headers.extend({key: value for key, value in error.get_headers() if key == "Allow"})
        return response

    def _in_order(self, response: Response) -> Response:
        if self._service.settings.key_order == "sorted" and response.mimetype == "application/json":
            response.set_data(json.dumps(json.loads(response.get_data()), sort_keys=True))
        return response

    def list_documents(self, collection: str) -> Response:
        """GET /connections and its like."""
        return reply(listed(self._service, self._call(), collection, request.args))

    def search(self, collection: str) -> Response:
        """POST /connections/search and its like: a list, asked for in a body."""
        call = self._call()
        return reply(searching.found(self._service, call, collection, request.args, json_body(request)))

    def explore(self, collection: str, identifier: str) -> Response:
        """GET /{id}/explore: what a source holds."""
        call = self._call()
        writes.need(self._service, call, collection, identifier)
        return reply(looking.explored(collection, request.args))

    def configs(self, collection: str, identifier: str) -> Response:
        """GET /{id}/configs: what a field may hold."""
        call = self._call()
        writes.need(self._service, call, collection, identifier)
        return reply(looking.configs(request.args))

    def test(self, identifier: str) -> Response:
        """GET /connections/{id}/test: whether the credentials let anybody in."""
        self._existing("connections", identifier)
        return reply({"result": True})  # there is nothing here that could refuse them

    def runs_of_flow(self, identifier: str) -> Response:
        """GET /flows/{id}/runs, the older way to ask for them."""
        call = self._call()
        writes.need(self._service, call, "flows", identifier)
        return reply(listed(self._service, call, "runs", request.args, identifier))

    def get(self, collection: str, identifier: str) -> Response:
        """GET by id: one item in the list envelope."""
        call = self._call()
        refuse_unknown(request.args)
        record = self._service.past.find(collection, identifier, call.scope)
        if record is None:
            raise not_found(collection, identifier)
        return reply({"items": [shown(self._service, record)]})

    def create(self, collection: str) -> Response:
        """POST; 201 with the id and the etag, specs with their whole body. ``?mode=draft`` makes a draft."""
        call = self._call()
        refuse_unknown(request.args, ("mode",) if collection in PATCHED else ())
        mode = request.args.get("mode")
        if mode not in (None, DRAFT):
            raise invalid(f"The mode {mode} is not known.")
        body = json_body(request)
        if collection == "runs":
            record = runs.start(self._service, call, body)
        else:
            record = writes.create(self._service, call, collection, body, draft=mode == DRAFT)
        location = {"Location": f"{BASE}/{collection}/{record.id}"}
        return reply(self._created(record), HTTPStatus.CREATED, location)

    def _created(self, record: Record) -> Document:
        if record.collection not in SPECS:
            return self._written(record)
        body = shown(self._service, record)
        return {"items": [body]} if self._service.settings.post_spec_reply == "wrapped" else body

    def _written(self, record: Record) -> Document:
        """Return what a POST tells of a new object; the etag may be past, or not there (FACTS 4, 7)."""
        told = _identity(record)
        if self._service.settings.post_etag == "absent":
            del told["etag"]
        elif self._service.settings.post_etag == "moved" and record.collection in PATCHED:
            stamps.moved(self._service, record)
            self._service.store.save(record)
        return told

    def patch(self, collection: str, identifier: str) -> Response:
        """PATCH with the etag that was read."""
        call, record = self._existing(collection, identifier)
        writes.require_version(record, request.headers.get("If-Match"), self._service.settings)
        record = writes.patch(self._service, call, record, json_body(request), ignored=_ignored())
        if self._service.settings.patch_reply == "envelope":
            return reply({"items": [shown(self._service, record)]})
        return reply(_identity(record))

    def replace(self, collection: str, identifier: str) -> Response:
        """PUT of a whole spec, which nothing guards, or of a run, with its etag."""
        call, record = self._existing(collection, identifier)
        if collection not in SPECS or self._service.settings.spec_etags:
            writes.require_version(record, request.headers.get("If-Match"), self._service.settings)
        record = writes.replace(self._service, call, record, json_body(request), ignored=_ignored())
        return reply(shown(self._service, record) if collection in SPECS else _identity(record))

    def delete(self, collection: str, identifier: str) -> Response:
        """DELETE; no If-Match is documented for it."""
        _, record = self._existing(collection, identifier)
        gone = writes.delete(self._service, record)
        return Response(status=HTTPStatus.NO_CONTENT if gone else HTTPStatus.ACCEPTED)

    def act(self, collection: str, identifier: str) -> Response:
        """POST /{id}/action?op=…: no body, If-Match optional."""
        parameters = ("op",) if collection == "runs" else ("op", "subOp")
        call, record = self._existing(collection, identifier, *parameters)
        if "op" not in request.args:
            raise invalid("The parameter op is missing.")
        writes.require_version(record, request.headers.get("If-Match"), self._service.settings, optional=True)
        if collection == "runs":
            runs.retrigger(self._service, call, record, request.args["op"])
        else:
            actions.refuse_sub_ops(request.args.getlist("subOp"))
            record = actions.act(self._service, call, record, request.args["op"], ignored=_ignored())
        return reply(_identity(record))

    def token(self) -> Response:
        """POST /ims/token/v3, which needs none of the service's headers."""
        return reply(ims.token(request.form, self._service.settings))

    def _call(self) -> Call:
        transitions.sweep(self._service)
        return admit(request.headers, self._service.settings)

    def _existing(self, collection: str, identifier: str, *parameters: str) -> tuple[Call, Record]:
        call = self._call()
        refuse_unknown(request.args, parameters)
        return call, writes.need(self._service, call, collection, identifier)


@functools.cache
def application() -> Flask:
    """Return the application of all services: to compile its rules takes longer than many a service lives."""
    flask = Flask("reconciler.emulator", static_folder=None)
    Routes().install(flask)
    return flask


def reply(body: Any, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    """Return JSON with its keys in the order in which they were written."""
    return Response(json.dumps(body), status=status, headers=headers, mimetype="application/json")


def _identity(record: Record) -> Document:
    return {"id": record.id, "etag": record.body["etag"]}


def _ignored() -> bool:
    return bool(request.environ.get(IGNORED))
