"""Signed checkpoints of the audit log, and the keys that sign them.

The form is that of transparency logs: a checkpoint (c2sp.org/tlog-checkpoint) in a signed note
(c2sp.org/signed-note) with an Ed25519 key, so that others' tools can check it, too.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from register.engine import RegisterError

_ED25519 = b"\x01"
_DASH = "\N{EM DASH}"


class Checkpoint(NamedTuple):
    """What has been sealed: the name of the log, how many entries, and the root of their tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def make_keys(file: Path, name: str) -> str:
    """Make a key that signs, and the one that checks beside it (``.pub``); return the latter.

    Raises:
        RegisterError: There is one already.
        OSError: A file cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RegisterError(
            f"{file}: there is a key already; name another file, and keep this one for what it has signed"
        ) from None
    with os.fdopen(number, "wb") as opened:
        opened.write(pem)
    public = _verifier(name, key.public_key())
    public_file(file).write_text(f"{public}\n", "utf-8")
    return public


def public_file(file: Path) -> Path:
    """Return the file of the key that checks what a key has signed."""
    return file.with_name(f"{file.name}.pub")


def sign(checkpoint: Checkpoint, file: Path) -> str:
    """Return a checkpoint as a note signed by the key in a file.

    Raises:
        RegisterError: There is no such key.
    """
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise RegisterError(
            f"audit.key: {file}: no key to sign with ({type(error).__name__}); make one with: "
            "fastkontakt audit keys"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise RegisterError(f"audit.key: {file}: not an Ed25519 key; make one with: fastkontakt audit keys")
    signature = _key_id(checkpoint.origin, key.public_key()) + key.sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n{_DASH} {checkpoint.origin} {b64encode(signature).decode()}\n"


def opened(note: str, public: str) -> Checkpoint:
    """Return the checkpoint of a note, if it is signed by a key.

    Args:
        note: The note.
        public: The key that checks, as `make_keys` returns it.

    Raises:
        RegisterError: It is no checkpoint, the key is none, or it has not signed this.
    """
    try:
        name, _, key_text = public.strip().split("+", 2)
        key = Ed25519PublicKey.from_public_bytes(b64decode(key_text, validate=True)[1:])
    except (ValueError, NoBase64):
        raise RegisterError("the key that checks is none, as fastkontakt audit keys writes it") from None
    text, _, signatures = note.partition("\n\n")
    try:
        origin, size, root = text.split("\n")
        found = Checkpoint(origin, int(size), b64decode(root, validate=True))
    except (ValueError, NoBase64):
        raise RegisterError("not a checkpoint of an audit log") from None
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        signer, _, encoded = rest.partition(" ")
        if (dash, signer) != (_DASH, name) or origin != name:
            continue
        try:
            raw = b64decode(encoded, validate=True)
            if raw[:4] == _key_id(name, key):
                key.verify(raw[4:], found.text.encode())
                return found
        except (NoBase64, InvalidSignature):
            continue
    raise RegisterError(f"the checkpoint of {found.size} days is not signed by the key of {name}")


def _verifier(name: str, key: Ed25519PublicKey) -> str:
    return f"{name}+{_key_id(name, key).hex()}+{b64encode(_ED25519 + key.public_bytes_raw()).decode()}"


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    return sha256(f"{name}\n".encode() + _ED25519 + key.public_bytes_raw()).digest()[:4]
