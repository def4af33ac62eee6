"""A stand-in for GitHub's REST API, as strict as its documents: who may do what, what a call may say, page by page.

State is plain data that a test may look at and change. ``faults`` are answers given in place of the true ones.
"""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.serving import make_server

REPOSITORY = "acme/estate"
TOKEN = "ghs_the-token-of-the-job"
LONGEST = 65_536
ACTIONS = {"id": 41898282, "login": "github-actions[bot]", "type": "Bot"}
MALLORY = {"id": 666, "login": "mallory", "type": "User"}
EVERYTHING = {"issues": "write", "pull-requests": "write", "contents": "write", "actions": "read"}


@dataclass
class GitHub:
    """One repository. ``permissions`` are those of the job's token, as a workflow grants them."""

    permissions: dict[str, str] = field(default_factory=lambda: dict(EVERYTHING))
    now: float = 1_800_000_000.0
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    introduced: dict[str, list[int]] = field(default_factory=dict)
    artefacts: list[dict[str, Any]] = field(default_factory=list)
    blobs: dict[int, bytes] = field(default_factory=dict)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    nightly: dict[str, list[str]] = field(default_factory=dict)
    faults: list[tuple[str, Response | None]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    author: dict[str, Any] = field(default_factory=lambda: dict(ACTIONS))
    viewer: dict[str, Any] = field(default_factory=lambda: dict(ACTIONS))
    page_size: int | None = None
    base: str = "https://api.github.com"
    _last: int = 100

    def number(self) -> int:
        self._last += 1
        return self._last

    def open_pull(self, head: str, *, fork: bool = False) -> int:
        """Open a pull request; it is an issue, too."""
        number = self.number()
        self.pulls[number] = {
            "number": number,
            "state": "open",
            "merged_at": None,
            "merge_commit_sha": None,
            "base": {"ref": "main", "repo": {"id": 1, "full_name": REPOSITORY}},
            "head": {
                "sha": head,
                "repo": {"id": 2 if fork else 1, "full_name": "mallory/estate" if fork else REPOSITORY},
            },
        }
        self.issues[number] = self._issue(number, "A change", "", MALLORY) | {"pull_request": {}}
        return number

    def merge(self, number: int, commit: str, *commits: str) -> None:
        """Note how a pull request was merged: the commit that it became, and others that it brought."""
        self.pulls[number] |= {"state": "closed", "merged_at": self.moment(), "merge_commit_sha": commit}
        for one in (commit, *commits):
            self.introduced.setdefault(one, []).append(number)
        self.now += 60

    def say(self, number: int, body: str, user: dict[str, Any] = MALLORY) -> int:
        """Let somebody write a comment."""
        id = self.number()
        self.comments[id] = {"id": id, "issue": number, "body": body, "user": user, "html_url": f"https://x/{id}"}
        return id

    def upload(self, name: str, files: dict[str, bytes], head: str, *, fork: bool = False, **changes: Any) -> int:
        """Keep files as the artefact of a run for a pull request."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        id, run = self.number(), self.number()
        self.blobs[id] = packed.getvalue()
        source = 2 if fork else 1
        self.runs[run] = {"id": run, "event": "pull_request", "head_sha": head, "head_repository": {"id": source}}
        self.runs[run] |= {"repository": {"id": 1}, "conclusion": "success", "path": ".github/workflows/plan.yml"}
        workflow_run = {"id": run, "repository_id": 1, "head_repository_id": source, "head_sha": head}
        self.artefacts.append(
            {
                "id": id,
                "name": name,
                "expired": False,
                "size_in_bytes": len(packed.getvalue()),
                "created_at": self.moment(),
                "workflow_run": workflow_run,
            }
            | changes
        )
        self.now += 1
        return id

    def moment(self) -> str:
        return datetime.fromtimestamp(self.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _issue(self, number: int, title: str, body: str, user: dict[str, Any]) -> dict[str, Any]:
        return {
            "number": number,
            "title": title,
            "body": body,
            "user": user,
            "state": "open",
            "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
            "created_at": self.moment(),
        }

    def app(self) -> Flask:
        """Return the API as a WSGI application."""
        return _app(self)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve it on loopback, for programs of their own; yields the base URL."""
        server = make_server("127.0.0.1", 0, self.app(), threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.base = f"http://127.0.0.1:{server.port}"
        try:
            yield self.base
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _refuse(status: int, message: str, **more: Any) -> None:
    response = jsonify({"message": message, **more})
    response.status_code = status
    abort(response)


def _app(github: GitHub) -> Flask:  # noqa: C901, PLR0915 - a table of endpoints
    app = Flask("github")
    app.config["PROPAGATE_EXCEPTIONS"] = True  # what no document tells of fails the test
    repo = f"/repos/{REPOSITORY}"

    @app.before_request
    def check() -> Response | None:
        github.calls.append((request.method, request.path))
        for at, (path, answer) in enumerate(github.faults):
            if path in f"{request.method} {request.path}":
                del github.faults[at]
                if answer is None:
                    break  # it is done, and its answer is lost: see below
                return answer
        if request.path.startswith("/blob/"):
            assert "Authorization" not in request.headers, "the token went to the store of files"
            return None
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            _refuse(401, "Bad credentials")
        assert request.headers["User-Agent"]
        assert request.headers["Accept"] == "application/vnd.github+json"
        assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
        return None

    def needs(level: str, *any_of: str) -> None:
        held = [github.permissions.get(one) for one in any_of]
        if not any(one in ("write", level) for one in held):
            _refuse(403, "Resource not accessible by integration")

    def allow(*names: str) -> None:
        extra = set(request.args) - {*names, "per_page", "page"}
        assert not extra, f"{request.path}: no document tells of {extra}"
        assert 1 <= int(request.args.get("per_page", 30)) <= 100

    def body(*names: str) -> dict[str, Any]:
        found = request.get_json()
        assert set(found) <= set(names), found
        if len(found.get("body") or "") > LONGEST:
            field_error = {"resource": "IssueComment", "field": "data", "code": "unprocessable"}
            _refuse(
                422,
                "Validation Failed",
                errors=[field_error | {"message": "Body is too long (maximum is 65536 characters)"}],
            )
        return found

    def paged(items: list[Any], key: str | None = None) -> Response:
        size = github.page_size or int(request.args.get("per_page", 30))
        page = int(request.args.get("page", 1))
        part = items[(page - 1) * size : page * size]
        response = jsonify({"total_count": len(items), key: part} if key else part)
        if page * size < len(items):
            query = "&".join([*(f"{k}={v}" for k, v in request.args.items() if k != "page"), f"page={page + 1}"])
            response.headers["Link"] = (
                f'<{github.base}{request.path}?{query}>; rel="next", <{github.base}/x>; rel="last"'
            )
        return response

    def visible(comment: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in comment.items() if key != "issue"}

    @app.post("/graphql")
    def graphql() -> Any:
        assert "viewer" in request.get_json()["query"]
        return {"data": {"viewer": {"login": github.viewer["login"], "databaseId": github.viewer["id"]}}}

    @app.get(f"{repo}/issues/<int:number>/comments")
    def comments(number: int) -> Any:
        needs("read", "issues", "pull-requests")
        allow("since")
        if number not in github.issues:
            _refuse(404, "Not Found")
        return paged([visible(one) for one in github.comments.values() if one["issue"] == number])

    @app.post(f"{repo}/issues/<int:number>/comments")
    def comment(number: int) -> Any:
        needs("write", "issues", *(["pull-requests"] if number in github.pulls else []))
        if number not in github.issues:
            _refuse(404, "Not Found")
        return visible(github.comments[github.say(number, body("body")["body"], github.author)]), 201

    @app.route(f"{repo}/issues/comments/<int:id>", methods=["PATCH", "DELETE"])
    def change_comment(id: int) -> Any:
        needs("write", "issues", "pull-requests")
        if id not in github.comments:
            _refuse(404, "Not Found")
        if request.method == "DELETE":
            del github.comments[id]
            return "", 204
        github.comments[id] |= body("body")
        return visible(github.comments[id])

    @app.get(f"{repo}/issues")
    def issues() -> Any:
        needs("read", "issues", "pull-requests")
        allow("state", "creator", "sort", "direction")
        state, creator = request.args.get("state", "open"), request.args.get("creator")
        found = [one for one in github.issues.values() if state in ("all", one["state"])]
        return paged([one for one in reversed(found) if creator in (None, one["user"]["login"])])

    @app.post(f"{repo}/issues")
    def issue() -> Any:
        needs("write", "issues")
        made, number = body("title", "body"), github.number()
        github.issues[number] = github._issue(number, made["title"], made["body"], github.author)
        return github.issues[number], 201

    @app.patch(f"{repo}/issues/<int:number>")
    def change_issue(number: int) -> Any:
        needs("write", "issues")
        github.issues[number] |= body("title", "body", "state", "state_reason")
        return github.issues[number]

    @app.get(f"{repo}/actions/workflows/<name>/runs")
    def workflow_runs(name: str) -> Any:
        needs("read", "actions")
        allow("event", "status")
        if name not in github.nightly:
            _refuse(404, "Not Found")
        return paged([{"updated_at": one} for one in github.nightly[name]], "workflow_runs")

    @app.get(f"{repo}/actions/runs/<int:id>")
    def run(id: int) -> Any:
        needs("read", "actions")
        return github.runs[id]

    @app.get(f"{repo}/actions/artifacts")
    def artefacts() -> Any:
        needs("read", "actions")
        allow("name")
        name = request.args.get("name")
        return paged([one for one in reversed(github.artefacts) if name in (None, one["name"])], "artifacts")

    @app.get(f"{repo}/actions/artifacts/<int:id>/zip")
    def artefact(id: int) -> Any:
        needs("read", "actions")
        if next(one for one in github.artefacts if one["id"] == id)["expired"]:
            _refuse(410, "Artifact has expired")
        return "", 302, {"Location": f"{github.base}/blob/{id}"}

    @app.get("/blob/<int:id>")
    def blob(id: int) -> Any:
        return github.blobs[id], 200, {"Content-Type": "application/zip"}

    @app.get(f"{repo}/commits/<sha>/pulls")
    def pulls_of(sha: str) -> Any:
        needs("read", "pull-requests")
        allow()
        if sha not in github.parents:
            _refuse(422, f"No commit found for SHA: {sha}")
        return paged([github.pulls[number] for number in github.introduced.get(sha, [])])

    @app.get(f"{repo}/compare/<path:spec>")
    def compare(spec: str) -> Any:
        needs("read", "contents")
        allow()
        base, _, head = spec.partition("...")
        if base not in github.parents or head not in github.parents:
            _refuse(404, "Not Found")
        new = [one for one in _history(github, head) if one not in set(_history(github, base))]
        found = [{"sha": one, "parents": [{"sha": parent} for parent in github.parents[one]]} for one in reversed(new)]
        status = "ahead" if base in _history(github, head) else "diverged"
        status = "identical" if base == head else status
        response = paged(found, "commits")
        document = response.get_json() | {"status": status, "total_commits": len(found)}
        again = jsonify(document)
        if "Link" in response.headers:
            again.headers["Link"] = response.headers["Link"]
        return again

    @app.get(f"{repo}/commits")
    def commits() -> Any:
        needs("read", "contents")
        allow("sha")
        found = _history(github, request.args["sha"])
        return paged([{"sha": one, "parents": [{"sha": two} for two in github.parents[one]]} for one in found])

    return app


def _history(github: GitHub, head: str) -> list[str]:
    """Return a commit and all before it, the newest first."""
    found, waiting = [], [head]
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found.append(one)
            waiting.extend(github.parents[one])
    return found


def limited(status: int = 403, message: str = "API rate limit exceeded", **headers: str) -> Response:
    """Return an answer that refuses for having been asked too often."""
    response = Response(f'{{"message": "{message}"}}', status=status, content_type="application/json")
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def broken(status: int) -> Response:
    """Return an answer of a gateway that has lost what is behind it."""
    return Response("<html>unicorn</html>", status=status, content_type="text/html")
