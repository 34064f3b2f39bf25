"""Passwords: argon2id, hashed away from the event loop, and what a new one must be (ASVS 6.2)."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext

from bmu.offload import offload

SHORTEST, LONGEST = 8, 128
# OWASP's parameters for argon2id; 55 ms here, against 151 ms for the library's default (stack §4).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Verified when nobody has the name that was typed, so that the answer takes the same time.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Dqa9CzAqF243S1gnmnC4vg$MSzvZo/GqkoWl4cpOIqJbIhB0q2BL/q0ak7dQuTy/2I"
# Those of the most used passwords that are long enough to pass otherwise, and what people here would type.
_COMMON = """
00000000 11111111 12121212 12341234 12344321 123123123 1234512345 12345678 123456789 1234567890 123456789a
1q2w3e4r 1q2w3e4r5t 1qaz2wsx 22222222 66666666 77777777 87654321 88888888 987654321 99999999 aa123456
aa12345678 abc12345 abcd1234 accounting administrator adminadmin admin123 admin1234 asdfasdf asdfghjk asdfghjkl
baseball bangkok1 changeme computer dragon123 football iloveyou internet jennifer letmein1 liverpool master123
michelle monkey123 p@ssw0rd p@ssword passw0rd password password1 password12 password123 password1234 princess
q1w2e3r4 qazwsxedc qwer1234 qwerty12 qwerty123 qwertyuiop sunshine superman samsung1 test1234 thailand
thailand1 trustno1 welcome1 welcome123 whatever zaq12wsx zxcvbnm1 zxcvbnm123
"""


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, made outside the event loop."""
    return offload(_hash, _normal(password))


def verify(hashed: str, password: str) -> bool:
    """Whether `password` is the one behind `hashed`. Takes as long for NOBODY as for somebody."""
    return offload(_verify, hashed, _normal(password))


def outdated(hashed: str) -> bool:
    """Whether `hashed` was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(hashed)


def one_time() -> str:
    """A random password to be told to somebody once: four groups without look-alike letters, some 77 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def faults(password: str, username: str) -> list[str]:
    """What is wrong with a new password, in the person's language; empty when it is good."""
    text = _normal(password)
    if len(text) < SHORTEST:
        return [gettext("รหัสผ่านต้องมีอย่างน้อย %(least)s ตัวอักษร", least=SHORTEST)]
    if len(text) > LONGEST:
        return [gettext("รหัสผ่านยาวเกิน %(most)s ตัวอักษร", most=LONGEST)]
    if len(text.lower().replace(username.lower(), "")) < 4:
        return [gettext("รหัสผ่านต้องไม่ใช่ชื่อผู้ใช้")]
    if text.lower() in _COMMON.split() or len(set(text)) < 3:
        return [gettext("รหัสผ่านนี้มีคนใช้บ่อยและเดาง่าย กรุณาใช้รหัสอื่น")]
    return []


def _normal(password: str) -> str:
    # The same text can be typed in more than one way (NIST 800-63B: normalise); JSON can hold half a character.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()


def _hash(password: str) -> str:
    return _HASHER.hash(password)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
