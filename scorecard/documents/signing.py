"""The office's signature on a PDF: PAdES, by pyHanko, with a key that the office keeps outside the database.

``LETTER_KEY_FILE`` is a PKCS#12 file with the key, its certificate and the certificates above it. With a revocation
list beside it (``LETTER_CRL_FILE``) what a verifier needs later is embedded (the DSS of PAdES B-LT); no other host is
asked, so there is no time stamp of a third party: the time is told by the trail of the letter. Without a key a PDF is
not signed, and the page of the letter says so.
"""

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

FIELD = "Signature"
TEST_NAME = "演示用签章（无效） Demonstration only"
YEARS = timedelta(days=3650)


def has_key() -> bool:
    """Whether letters are signed here."""
    return bool(settings.LETTER_KEY_FILE) and (Path(settings.LETTER_KEY_FILE).is_file() or settings.LETTER_DRAW_KEY)


def sign(content: bytes) -> bytes:
    """The PDF with the office's signature over every byte of it; as it is where the office has given no key."""
    if not has_key():
        return content
    # Loaded where a letter is signed: it takes a second, and no page needs it.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    draw_key()
    signer = signers.SimpleSigner.load_pkcs12(settings.LETTER_KEY_FILE, passphrase=_passphrase())
    if signer is None:
        raise ValueError("LETTER_KEY_FILE cannot be read with LETTER_KEY_PASSPHRASE.")
    context = _validation(signer)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=context is not None,
        validation_context=context,
    )
    signed = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(content)),
        meta,
        signer=signer,
        new_field_spec=fields.SigFieldSpec(FIELD),
    )
    made: bytes = signed.getvalue()
    return made


def _passphrase() -> bytes | None:
    return settings.LETTER_KEY_PASSPHRASE.encode() or None


def _validation(signer: Any) -> Any:
    """What a later verifier is given, where the office keeps a revocation list; nothing is fetched."""
    file = Path(settings.LETTER_CRL_FILE) if settings.LETTER_CRL_FILE else None
    if file is None or not file.is_file():
        return None
    from asn1crypto.crl import CertificateList
    from pyhanko_certvalidator import ValidationContext

    roots = [one for one in signer.cert_registry if one.self_issued]
    return ValidationContext(
        trust_roots=roots,
        other_certs=list(signer.cert_registry),
        crls=[CertificateList.load(file.read_bytes())],
        allow_fetching=False,
        revocation_mode="require",
    )


# --- The key of the demonstration ------------------------------------------------------------------------------------


def draw_key() -> None:
    """Draw a key for a demonstration where there is none and one may be drawn: its certificate says what it is."""
    path = Path(settings.LETTER_KEY_FILE)
    if path.exists() or not settings.LETTER_DRAW_KEY:
        return
    key, chain, revoked = _test_authority()
    phrase = _passphrase()
    hidden = BestAvailableEncryption(phrase) if phrase else NoEncryption()
    _write(path, pkcs12.serialize_key_and_certificates(b"letters", key, chain[0], chain[1:], hidden))
    if settings.LETTER_CRL_FILE:
        _write(Path(settings.LETTER_CRL_FILE), revoked.public_bytes(Encoding.DER))


def _write(path: Path, content: bytes) -> None:
    """A file for its owner alone; what another process has written in the same moment stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()


def _test_authority() -> tuple[rsa.RSAPrivateKey, list[x509.Certificate], x509.CertificateRevocationList]:
    """A key with its certificate, the root above it, and an empty revocation list of that root."""
    root, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _one in range(2))
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{TEST_NAME}{part}")]) for part in (" · root", "")]
    now = datetime.now(UTC)

    def begun(subject: x509.Name, public: rsa.RSAPublicKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(names[0]).public_key(public)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + YEARS)

    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
    own = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    top = (
        begun(names[0], root.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(own, critical=False)
        .sign(root, hashes.SHA256())
    )
    leaf = (
        begun(names[1], key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(above, critical=False)
        .sign(root, hashes.SHA256())
    )
    revoked = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(names[0])
        .last_update(now - timedelta(days=1))
        .next_update(now + YEARS)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(above, critical=False)
        .sign(root, hashes.SHA256())
    )
    return key, [leaf, top], revoked


def _usage(**wanted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})
