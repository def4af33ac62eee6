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


PASSWORD = {"type": "string", "format": "password"}
PLAIN = {"type": "string"}


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"code": PASSWORD, "user": PLAIN}},
        {"properties": {"code": {"format": " Password "}, "user": {"format": 1}}},
        {"properties": {"nested": {"type": "object", "properties": {"code": PASSWORD, "user": PLAIN}}}},
        {"oneOf": [{"properties": {"user": PLAIN}}, {"allOf": [{"properties": {"code": PASSWORD}}]}]},
        {"if": {"properties": {"user": PLAIN}}, "then": {"properties": {"code": PASSWORD}}},
        {"dependencies": {"user": {"properties": {"code": PASSWORD}}}},
        {"properties": {"list": {"items": {"properties": {"code": PASSWORD, "user": PLAIN}}}}},
        {"properties": {"list": {"items": [{"properties": {"code": PASSWORD}}, PLAIN]}}},
        {"properties": {"code": {"type": "array", "items": PASSWORD}, "user": {"items": PLAIN}}},
        {"properties": {"code": {"oneOf": [{"type": "null"}, PASSWORD]}, "user": {"anyOf": [PLAIN]}}},
        {"properties": {"code": {"allOf": [PLAIN, {"format": "password"}]}}},
        {"properties": {"code": {"additionalProperties": PASSWORD}, "user": {"additionalProperties": True}}},
        {"properties": {"code": {"patternProperties": {"^x": PASSWORD}}, "user": {"patternProperties": [PASSWORD]}}},
        {"definitions": {"s": PASSWORD}, "properties": {"code": {"$ref": "#/definitions/s"}, "user": {"$ref": "s"}}},
        {"$defs": {"a b": {"$ref": "#/$defs/c"}, "c": PASSWORD}, "properties": {"code": {"$ref": "#/$defs/a%20b"}}},
        {
            "definitions": {"s": {"anyOf": [{"$ref": "#/definitions/s"}, PASSWORD]}, "t": {"$ref": "#/definitions/t"}},
            "properties": {
                "code": {"$ref": "#/definitions/s"},
                "user": {"$ref": "#/definitions/t"},
                "more": {"$ref": "#/definitions/none"},
                "less": {"$ref": "#/~2"},
            },
        },
    ],
)
def test_a_password_is_found_however_a_schema_says_it(schema):
    """Nested, in alternatives, in lists of objects, as a list or a map of passwords, and by reference."""
    assert password_keys({"authSpec": [{"name": "Basic", "spec": schema}]}, "Basic") == {"code"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["authSpec", "spec", "properties", "a", "$ref", "items"]), inner)
    ),
)


@given(JSON)
def test_a_document_of_another_shape_has_none(document):
    """And never fails."""
    assert isinstance(password_keys(document, None), frozenset)
