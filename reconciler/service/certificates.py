"""Whose certificates are believed: a company's own, where a variable names them."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler.disk import Irregular, TooLarge, read_file
from reconciler.model.errors import UsageError

VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""The first that is set counts, and means what it means to other tools: these certificates instead of those that come
with the HTTP library, so that a company can also trust fewer. CURL_CA_BUNDLE is curl's."""

_LARGEST: Final = 16 * 1024 * 1024


def ca_bundle(environ: Mapping[str, str]) -> str | None:
    """Return the file (or folder, hashed as OpenSSL wants it) of the CA certificates, None for those of the library.

    It is read here once, so that a wrong one is told before anything is sent; raises UsageError.
    """
    name = next((name for name in VARIABLES if environ.get(name, "").strip()), None)
    if name is None:
        return None
    path = Path(environ[name].strip())
    try:
        if path.is_dir():
            return str(path)
        read_file(path, _LARGEST, follow=True)  # a pipe would be waited for
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; a NUL in a path is a ValueError
        why = _why(error)
        raise UsageError(f"{name}: {str(path)!r} cannot be used: {why}. Nothing was sent") from error
    return str(path)


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return str(error.strerror) if isinstance(error, Irregular | TooLarge) else "it holds no CA certificates (PEM)"
