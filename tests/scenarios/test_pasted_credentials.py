"""A credential that somebody pasted into a field which nobody marks: shown nowhere, and taken into git by nothing."""

from __future__ import annotations

import pytest
from support.bench import Bench
from support.chain import apply_chain, change, declare

SECRET = "S3cretS3cretS3cret7S3cret"
SOURCE = "SourceConnection/orders"
FORMS = {
    "userinfo": ("https://user:{}@files.example.com/in", "https://user:•••@files.example.com/in"),
    "token as user": ("https://{}@git.example.com/x.git", "https://•••@git.example.com/x.git"),
    "query": ("https://files.example.com/in?token={}&page=1", "https://files.example.com/in?token=•••&page=1"),
    "signature": ("https://a.blob.example.com/c?sv=1&sig={}", "https://a.blob.example.com/c?sv=1&sig=•••"),
    "dsn": ("jdbc:sqlserver://db;user=x;password={};encrypt=true", "jdbc:sqlserver://db;user=x;password=•••;encrypt=true"),
    "account key": ("AccountName=a;AccountKey={};Suffix=x", "AccountName=a;AccountKey=•••;Suffix=x"),
    "oracle": ("scott/{}@//db.example.com:1521/orcl", "scott/•••@//db.example.com:1521/orcl"),
    "header": ("Authorization: Bearer {}", "Authorization: Bearer •••"),
    "pem": (
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----•••-----END PRIVATE KEY-----",
    ),
    "jwt": ("see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{}", "see •••"),
    "unclear": ('host=db password="{}', "••• (holds credentials)"),
}  # fmt: skip
EVERY_FORM = pytest.mark.parametrize("text", [text for text, _ in FORMS.values()], ids=FORMS)
FORMATS = ("text", "json", "markdown", "html")


@pytest.mark.parametrize(("text", "masked"), FORMS.values(), ids=FORMS)
def test_it_is_masked_wherever_it_is_shown(bench: Bench, text: str, masked: str) -> None:
    """In drift and plan, in every format, in a saved plan, and in what ``-vv`` tells; the rest of it can be read."""
    ids = apply_chain(bench)
    bench.edit("sourceConnections", ids[SOURCE], lambda live: live.update(description=text.format(SECRET)))
    declare(bench, SOURCE, ("description", "Ours"))
    saved = bench.folder / "saved.plan"
    for form in FORMATS:
        for words in (["plan", "--out", str(saved)], ["drift"], ["-vv", "plan"]):
            ran = bench.run(*words, "--format", form)
            assert SECRET not in ran.out + ran.err, words
    assert SECRET not in saved.read_text(encoding="utf-8")
    (field,) = change(bench.plan(), SOURCE)["fields"]
    assert (field["before"], field["after"]) == (masked, "Ours")
    bench.apply()
    assert bench.live("sourceConnections", ids[SOURCE])["description"] == "Ours"


@EVERY_FORM
def test_it_is_not_accepted_into_git(bench: Bench, text: str) -> None:
    """The manifest stays as it was, and the message says where the credential is and what to do."""
    ids = apply_chain(bench)
    declare(bench, SOURCE, ("description", "Ours"))
    bench.apply()
    bench.edit("sourceConnections", ids[SOURCE], lambda live: live.update(description=text.format(SECRET)))
    before = (bench.manifests / "SourceConnection-orders.json").read_bytes()
    ran = bench.run("drift", "--accept", SOURCE)
    assert ran.code == 1
    assert "the live value of /description holds credentials, and those are never written into git" in ran.err
    assert (bench.manifests / "SourceConnection-orders.json").read_bytes() == before
    assert SECRET not in ran.out + ran.err


@EVERY_FORM
def test_it_is_not_imported(bench: Bench, text: str) -> None:
    """The manifest is written without it, and says so."""
    ids = apply_chain(bench)
    bench.edit("sourceConnections", ids[SOURCE], lambda live: live.update(description=text.format(SECRET)))
    out = bench.folder / "imported"
    ran = bench.run("import", "--out", str(out), "--overwrite")
    assert "/description is left out, and so not managed: it holds a secret" in ran.err
    written = "".join(path.read_text(encoding="utf-8") for path in out.rglob("*.yaml"))
    assert "Orders, read" in written
    assert SECRET not in written + ran.out + ran.err
