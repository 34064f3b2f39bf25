"""What a build is and what makes a VAT client (domain §1.2). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.th import moa

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


def normal_search(text: str) -> str:
    """What a person typed, as it is compared with names: at most 100 characters, nothing unprintable."""
    return "".join(sign for sign in normal_text(text) if sign.isprintable())[:100]


def checked_number(raw: str) -> str:
    """The 13 digits of a juristic person without blanks and dashes, their check digit checked. Raises ValueError."""
    try:
        return moa.validate(raw)
    except ValidationError:
        raise ValueError(raw) from None


_LEADING = re.compile(r"([เแโใไ])([ก-ฮ])")
_SIGNS = re.compile(r"[็-์]")


def thai_order(name: str) -> str:
    """A text that sorts `name` by code points as a Thai dictionary would: a leading vowel counts after its
    consonant, tone marks and other signs do not count."""
    return _SIGNS.sub("", _LEADING.sub(r"\2\1", name)).casefold()


BANGKOK = "กรุงเทพมหานคร"
_ADDRESS = (
    ("", "address_number"),
    ("", "building"),
    ("ห้องเลขที่ ", "room_number"),
    ("ชั้น ", "floor_number"),
    ("", "village"),
    ("หมู่ที่ ", "moo"),
    ("ซอย", "soi"),
    ("ถนน", "road"),
    ("ตำบล", "subdistrict"),
    ("อำเภอ", "district"),
    ("จังหวัด", "province"),
    ("", "postal_code"),
)
_IN_BANGKOK = {"ตำบล": "แขวง", "อำเภอ": "เขต", "จังหวัด": ""}
ADDRESS_PARTS = tuple(key for _, key in _ADDRESS)


def full_address(parts: Mapping[str, Any]) -> str:
    """The address in one line, as it is printed on tax invoices; Bangkok has แขวง and เขต."""
    words = _IN_BANGKOK if parts["province"] == BANGKOK else {}
    return " ".join(f"{words.get(word, word)}{parts[key]}" for word, key in _ADDRESS if parts[key])


def settled(changed: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """`changed` with what follows from it: without VAT there is no date of it; a full address that was made of its
    parts follows them, and an empty one is made of them. `current`: all values before the change."""
    after = {**current, **changed}
    found = dict(changed)
    if after["tax_registration_status"] != VAT and after["vat_registration_date"] is not None:
        found["vat_registration_date"] = None
    was_made = (current["full_address"] or "") == full_address(current)
    if not after["full_address"] or (was_made and "full_address" not in changed):
        made = full_address(after) or None
        if made != current["full_address"]:
            found["full_address"] = made
    return found
