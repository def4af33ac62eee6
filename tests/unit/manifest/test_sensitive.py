"""Which keys hold secrets, and which texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.sensitive import holds_credentials, is_sensitive_key, password_keys


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


@pytest.mark.parametrize(
    "text",
    [
        "https://user:s3cret@host/path", "redis://:s3cret@host", "amqp://user:p/w@host", "mongodb://u:p@a,b/db?x=1",
        "jdbc:redshift://db;user=x;password=s3cret", "Server=db;PWD=s3cret;Port=1", "Server=db; Password = s3cret",
        "host=db password='s 3'", "host:6380,password=s3cret,ssl=True", "PWD={s;3}", "jdbc:db2://h:1/db:password=s3;",
        "https://host/?sv=1&sig=s3cret", "sig=s3cret&sv=1", "https://host?api_key=s3cret", "https://host/f?CODE=s3cret",
        "DefaultEndpointsProtocol=https;AccountKey=czNjcmV0==", "https://host#access_token=s3cret",
        "a=1&token=&client_secret=s3cret", "https://{user}:s3cret@host", "https://host?token={token}&sig=s3cret",
    ],
)  # fmt: skip
def test_credentials_within_a_text(text):
    """A password before a host, and a secret's name with a value, wherever DSNs and queries have them."""
    assert holds_credentials(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "https://host/path?page=1&code=", "https://ns.adobe.com/x/schemas/abc", "https://host:8080/users/@me",
        "https://host:80?to=a@b", "https://user@host", "write to https://x: ask a@b.com", "mailto:a@b.com",
        "https://{user}:{password}@host", "https://host?sig=${SIG}", "https://host?token={{token}}",
        "password=<secret>", "Server=db;Password=;User=x", "Server=db;UsePassword=true", "$[?(@.token=='x')]",
        "token = ", "token: x",
        "s3://bucket/code=DE/token=1", "country_code = 'DE'", "error code=7", "barcode=7", "tokenUrl=https://host",
        "user=reader;database=sales", "db.example.com",
    ],
)  # fmt: skip
def test_texts_without_credentials(text):
    """Ports, addresses, placeholders, switches, comparisons, folders, and names that have no value."""
    assert not holds_credentials(text)


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
