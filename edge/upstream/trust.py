"""Whom the device believes to be the hub, and by what it shows who it is itself."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from edge.core.errors import InputError

if TYPE_CHECKING:
    from edge.config.upstream import UpstreamTable


def trust(table: UpstreamTable) -> ssl.SSLContext:
    """The system's certificates, or only those of ``ca_file``; with the device's own one, if it has one.

    Raises ``InputError`` if a file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=table.ca_file or None)
    except (OSError, ValueError) as error:
        raise _unusable("ca_file", table.ca_file, error) from None
    if table.client_certificate:
        try:
            # Without an answer to the question for a password it would be asked on the terminal.
            context.load_cert_chain(table.client_certificate, table.client_key or None, password=lambda: b"")
        except (OSError, ValueError) as error:
            raise _unusable("client_certificate", table.client_certificate, error) from None
    return context


def _unusable(setting: str, path: str, error: OSError | ValueError) -> InputError:
    if isinstance(error, ssl.SSLError):
        # ssl.SSLError is an OSError whose errno is none of the system's.
        reason = "it holds no certificate with a key that fits, in PEM and without a password"
        reason = "there is no certificate (PEM) in it" if setting == "ca_file" else reason
    else:
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name cannot be one"
    return InputError(f"upstream.{setting}: {path!r} cannot be used ({reason}); give another file.")
