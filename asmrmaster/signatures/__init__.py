"""Signatures: who stands behind a report, by keys whose fingerprints people can read out.

A signature says who stands behind a report, not that the report is true.
"""

from asmrmaster.signatures.fingerprint import fingerprint
from asmrmaster.signatures.keys import PrivateKey, PublicKey, new_key, read_keys, read_private
from asmrmaster.signatures.signing import Checked, check_signatures, sign
from asmrmaster.signatures.storing import beside, read_beside, store

__all__ = [
    "Checked",
    "PrivateKey",
    "PublicKey",
    "beside",
    "check_signatures",
    "fingerprint",
    "new_key",
    "read_beside",
    "read_keys",
    "read_private",
    "sign",
    "store",
]
