"""What a build is and what makes a VAT client (domain §1.2). Pure."""

from __future__ import annotations

import re

VAT = "จดภาษีมูลค่าเพิ่ม"
NOT_VAT = "ยังไม่จดภาษีมูลค่าเพิ่ม"
TAX_REGISTRATIONS = (VAT, NOT_VAT)
BUSINESS_TYPES = ("บริษัทจำกัด", "บริษัทมหาชนจำกัด", "ห้างหุ้นส่วน")
SIZES = ("SS", "S", "MM", "M", "LL", "L", "XL", "XXL")
STATUSES = ("รายเดือน", "รายเดือน / วางมือ", "รายเดือน / จ่ายรายปี", "รายเดือน / เดือนสุดท้าย", "ยกเลิกทำ")
_BUILD = re.compile(r"^\d{3,}(\.\d+)?$")


def normal_build(raw: str) -> str:
    """`18` → `018`; branches keep their dot (`122.1`). Raises ValueError for anything that is no build."""
    number, dot, branch = raw.strip().partition(".")
    build = number.zfill(3) + dot + branch
    if not number or not _BUILD.match(build) or not build.isascii() or len(build) > 10:
        raise ValueError(raw)
    return build


def build_order(build: str) -> int:
    """A number that sorts builds as people count: 018 < 122 < 122.1 < 122.10 < 315 (domain §7.2 R)."""
    number, _, branch = build.partition(".")
    return int(number) * 10_000_000 + (int(branch) + 1 if branch else 0)


_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")


def normal_text(text: str) -> str:
    """A name as it is kept and searched for: one spelling of SARA AM (keyboards know two), single blanks."""
    return " ".join(_SARA_AM.sub("\\1\u0e33", text).split())


_LEADING = re.compile(r"([เแโใไ])([ก-ฮ])")
_SIGNS = re.compile(r"[็-์]")


def thai_order(name: str) -> str:
    """A text that sorts `name` by code points as a Thai dictionary would: a leading vowel counts after its
    consonant, tone marks and other signs do not count."""
    return _SIGNS.sub("", _LEADING.sub(r"\2\1", name)).casefold()
