"""Which keys hold secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.sensitive import is_sensitive_key, password_keys


@pytest.mark.parametrize(
    "key",
    [
        "password", "Password", "passphrase", "clientSecret", "client_secret", "secretAccessKey", "s3SecretKey",
        "accessToken", "refreshToken", "securityToken", "sasToken", "sasUri", "connectionString", "sshKey",
        "privateKey", "private-key-content", "serviceAccountKey", "servicePrincipalKey", "credentials", "apiKey",
        "accountKey", "pwd",
    ],
)  # fmt: skip
def test_secrets_are_known_by_name(key):
    """In any spelling."""
    assert is_sensitive_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "username", "userName", "host", "accessKeyId", "s3AccessKey", "clientId", "tenant", "servicePrincipalId", "url",
        "environmentUrl", "authorizationTestUrl", "accessTokenUrl", "tokenType", "secretName", "serviceAccountId",
        "domain", "port", "mapping", "authorizedDate", "inletId", "dataType",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_shown(key):
    """Also names that only tell of a secret."""
    assert not is_sensitive_key(key)


SPEC = {
    "authSpec": [
        {"name": "Basic", "spec": {"properties": {"user": {"type": "string"}, "code": {"format": "password"}}}},
        {"name": "Key", "spec": {"oneOf": [{"properties": {"pem": {"format": "password"}}}]}},
    ]
}


def test_a_spec_marks_its_passwords():
    """Of the auth spec that is asked for, or of all."""
    assert password_keys(SPEC, "Basic") == {"code"}
    assert password_keys(SPEC, "Key") == {"pem"}
    assert password_keys(SPEC, None) == {"code", "pem"}
    assert password_keys(SPEC, "Other") == frozenset()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["authSpec", "spec", "properties", "a"]), inner),
)


@given(JSON)
def test_a_document_of_another_shape_has_none(document):
    """And never fails."""
    assert isinstance(password_keys(document, None), frozenset)
