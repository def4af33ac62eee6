"""Secrets come from allow-listed places only."""

import pytest

from reconciler.manifest.secrets import EnvironmentSecrets
from reconciler.model.errors import UsageError
from reconciler.model.secrets import Secret, SecretOrigin, SecretSlot


def slot(origin, key, literal=None):
    return SecretSlot("/auth/params/password", SecretOrigin(origin), key, literal)


def revealed(environ, origin, key):
    secret = EnvironmentSecrets(environ).value(slot(origin, key))
    return secret if secret is None else secret.reveal()


def test_a_variable_is_read_if_its_name_is_allowed():
    """By the prefix, or by a glob of the list."""
    environ = {"FLOW_SECRET_A": "a", "CRM_PASSWORD": "b", "VAULT_X": "c", "RECONCILER_SECRET_ENV": "CRM_*, VAULT_?"}
    assert revealed(environ, "env", "FLOW_SECRET_A") == "a"
    assert revealed(environ, "env", "CRM_PASSWORD") == "b"
    assert revealed(environ, "env", "VAULT_X") == "c"


@pytest.mark.parametrize("name", ["AEP_CLIENT_SECRET", "flow_secret_a", "XFLOW_SECRET_A", "RECONCILER_KEY"])
def test_a_variable_that_is_not_allowed_is_refused_with_the_way_out(name):
    """Even where it is set; a pull request must not name what it likes."""
    with pytest.raises(UsageError, match=f"{name} may not be read.*RECONCILER_SECRET_ENV"):
        revealed({name: "x"}, "env", name)


def test_a_missing_or_empty_variable_is_no_value():
    """An unset secret of a CI system arrives as an empty variable."""
    assert revealed({}, "env", "FLOW_SECRET_A") is None
    assert revealed({"FLOW_SECRET_A": ""}, "env", "FLOW_SECRET_A") is None


def test_a_literal_is_itself():
    """It was read with the manifest."""
    literal = Secret("x")
    assert EnvironmentSecrets({}).value(slot("literal", "literal", literal)) is literal


def test_the_environment_is_never_shown():
    """It holds every secret there is."""
    assert "hunter2" not in repr(EnvironmentSecrets({"FLOW_SECRET_A": "hunter2"}))


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"a\n", "a"), (b"a\r\n", "a"), (b"a\n\n", "a\n"), (b"a", "a"), (b"a\r", "a\r"), (b"\n", None)],
)
def test_a_file_gives_its_text_without_the_last_line_end(tmp_path, content, value):
    """One line end, which editors add; an empty file is no value."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "p").write_bytes(content)
    environ = {"RECONCILER_SECRET_DIR": str(tmp_path)}
    assert revealed(environ, "file", "sub/p") == value
    assert revealed(environ, "file", str(tmp_path / "sub" / "p")) == value


def test_a_missing_file_is_no_value(tmp_path):
    """As a missing variable is none."""
    assert revealed({"RECONCILER_SECRET_DIR": str(tmp_path)}, "file", "p") is None


@pytest.mark.parametrize("key", ["../p", "sub/../../p", "sub/../p", "/etc/passwd", "link", ".", "a\0b"])
def test_a_file_elsewhere_is_refused(tmp_path, key):
    """By .., by an absolute path, by a symlink."""
    (tmp_path / "d").mkdir()
    (tmp_path / "p").write_text("x")
    (tmp_path / "d" / "link").symlink_to(tmp_path / "p")
    with pytest.raises(UsageError):
        revealed({"RECONCILER_SECRET_DIR": str(tmp_path / "d")}, "file", key)


def test_files_need_a_folder():
    """Without it none is allowed, and the message names the variable."""
    with pytest.raises(UsageError, match="RECONCILER_SECRET_DIR"):
        revealed({}, "file", "p")


def test_a_file_that_is_no_text_or_too_large_is_refused(tmp_path):
    """A secret is a text of a reasonable size."""
    (tmp_path / "binary").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"a" * (1024 * 1024 + 1))
    for key in ("binary", "large"):
        with pytest.raises(UsageError, match=key):
            revealed({"RECONCILER_SECRET_DIR": str(tmp_path)}, "file", key)
