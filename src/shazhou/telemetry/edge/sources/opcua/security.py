"""Secure channels: the agent's own certificate, and connecting with it.

The certificate is made once with a new RSA key of 2048 bits and holds ten years: a machine's operator has to trust it
by hand, and one that changes by itself would stop the data. It names the application by a URI, as OPC UA asks.
"""

from __future__ import annotations

import socket
from pathlib import Path

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto import security_policies
from asyncua.crypto.cert_gen import dump_private_key_as_pem, generate_private_key, generate_self_signed_app_certificate
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from shazhou.telemetry.edge.sources.opcua.options import OpcUaOptions

CERTIFICATE, KEY = "opcua.der", "opcua.pem"
DAYS = 3650

POLICIES: dict[str, type[security_policies.SecurityPolicy]] = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128_Sha256_RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256_Sha256_RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}


def application_uri() -> str:
    """How the agent names itself to servers, in its certificate and in each session."""
    return f"urn:{socket.gethostname()}:shazhou:edge"


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """Files of the agent's certificate (DER) and key (PEM, readable by its owner alone), made when one is missing."""
    certificate, key = folder / CERTIFICATE, folder / KEY
    if certificate.exists() and key.exists():
        return certificate, key
    folder.mkdir(parents=True, exist_ok=True)
    private = generate_private_key()
    names: list[x509.GeneralName] = [
        x509.UniformResourceIdentifier(application_uri()),
        x509.DNSName(socket.gethostname()),
    ]
    made = generate_self_signed_app_certificate(
        private, "shazhou edge", {}, names, [ExtendedKeyUsageOID.CLIENT_AUTH], days=DAYS
    )
    key.touch(mode=0o600)
    key.write_bytes(dump_private_key_as_pem(private))
    certificate.write_bytes(made.public_bytes(Encoding.DER))
    return certificate, key


async def secure(client: Client, options: OpcUaOptions, folder: Path) -> None:
    """Sets user, password and channel security as the options say; asks the server for its certificate where needed."""
    client.application_uri = application_uri()
    if options.username:
        client.set_user(options.username)
        client.set_password(options.password(folder))
    if options.security == "none":
        return
    policy, mode = options.security.split("/")
    certificate, key = own_certificate(folder / options.certificates)
    await client.set_security(
        POLICIES[policy],
        certificate,
        key,
        server_certificate=str(folder / options.server_certificate) if options.server_certificate else None,
        mode=ua.MessageSecurityMode[mode],
    )
