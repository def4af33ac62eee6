"""A bench whose estate is on GitHub: the tool with its emulator, and a stand-in for the API beside it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from reconciler.emulator.inprocess import WsgiAdapter
from support.bench import Bench, Ran
from support.github import REPOSITORY, TOKEN, GitHub

HEAD = "c0ffee" + "0" * 34


class Hosted:
    """A bench and GitHub; ``pull`` is the pull request that the run is for."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.github = bench, GitHub()
        self.pull = self.github.open_pull(HEAD)
        bench.http.mount("https://api.github.com", WsgiAdapter(self.github.app()))
        event = bench.folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": self.pull, "head": {"sha": HEAD}}}))
        bench.environ |= {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "7",
            "GITHUB_EVENT_PATH": str(event),
        }

    def plan(self, *arguments: str) -> str:
        """Save a plan, and return its file."""
        path = str(self.bench.folder / "bench.plan")
        ran = self.bench.run("plan", "--out", path, *arguments)
        assert ran.code == 0, ran.err
        return path

    def comment(self, *arguments: str, code: int = 0) -> Ran:
        """Say what the last plan says."""
        ran = self.bench.run("github", "comment", *arguments)
        assert ran.code == code, ran.err
        return ran

    @property
    def said(self) -> str:
        """The only comment, without its mark."""
        [comment] = self.github.comments.values()
        return comment["body"].partition("\n")[2]

    def commit(self) -> str:
        """Commit the manifests as they are, on the branch, and let GitHub know of it."""
        if not (self.bench.folder / ".git").exists():
            self._git("init", "-q", "-b", "main")
        self._git("add", "manifests")
        self._git("commit", "-q", "--allow-empty", "-m", "change")
        return self.know()

    def know(self) -> str:
        """Let GitHub know of every commit of the clone, and return the branch's."""
        for line in self._git("rev-list", "--parents", "HEAD").splitlines():
            sha, *parents = line.split()
            self.github.parents[sha] = parents
        return self._git("rev-parse", "HEAD").strip()

    def squash_merge(self, *, fork: bool = False) -> tuple[int, str]:
        """Review a plan of the manifests as they are in a pull request, merge it; return its number and the commit."""
        head = f"{self.github.number():040x}"
        pull = self.github.open_pull(head, fork=fork)
        if not fork:
            content = Path(self.plan()).read_bytes()
            self.github.upload(f"plan-bench-{head}", {"bench.plan": content}, head)
        sha = self.commit()
        self.github.merge(pull, sha)
        return pull, sha

    def _git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(self.bench.folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
