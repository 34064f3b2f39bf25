"""The demo's client companies: invented, but of the shapes that real ones have (domain §1.2, §15; thai-tax C.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from stdnum.th import moa

from bmu.accounts.seed import HEAD
from bmu.changes.work import Work
from bmu.clients import names
from bmu.clients.models import Client
from bmu.clients.rules import BANGKOK, BUSINESS_TYPES, NOT_VAT, STATUSES, VAT, full_address
from bmu.dice import Dice
from bmu.i18n import BE_OFFSET, Month

Row = dict[str, Any]
DEMO_BUILD = "018"
LIMITED, PUBLIC, PARTNERSHIP = BUSINESS_TYPES
MONTHLY, *_, CANCELLED = STATUSES
TAX_REGISTRATIONS = {VAT: 70, NOT_VAT: 26, None: 4}
TYPES = {LIMITED: 83, PARTNERSHIP: 15, PUBLIC: 2}
SIZES = {"S": 30, "SS": 22, "M": 16, "MM": 12, "L": 9, "LL": 5, "XL": 4, "XXL": 2}
CUSTOMS = dict(zip(STATUSES, (89, 4, 3.5, 1.5, 2), strict=True))
# Months since a company began, in bands: a few began during the seeded year and have no earlier records.
OLDEST = (181, 330)
AGES = {(1, 10): 5, (26, 60): 30, (61, 180): 45, OLDEST: 20}
_BRANCHES = {23: 1, 47: 2, 88: 1, 122: 1, 156: 3, 187: 1, 214: 2, 233: 1, 268: 2, 291: 1, 315: 1, 340: 2}
_KIND_DIGIT = {LIMITED: "5", PARTNERSHIP: "3", PUBLIC: "7"}


def builds() -> Iterator[str]:
    """001, 002 … with branches behind some, and gaps where clients have left."""
    number = 0
    while number := number + 1:
        if number % 19:
            yield f"{number:03d}"
            yield from (f"{number:03d}.{branch}" for branch in range(1, _BRANCHES.get(number, 0) + 1))


def companies(count: int, month: Month, dice: Dice) -> list[Row]:
    """`count` clients as they stand at the tax month `month`, in the order of builds; 018 is a VAT client."""
    wanted = list(islice(builds(), count))
    heads = [build for build in wanted if "." not in build]
    decks = [dice.deck(weights, len(heads)) for weights in (TAX_REGISTRATIONS, TYPES, SIZES, CUSTOMS, AGES)]
    taken: set[str] = set()
    rows: dict[str, Row] = {}
    for build, *cards in zip(heads, *decks, strict=True):
        rows[build] = _demo(month, dice) if build == DEMO_BUILD else _company(build, cards, month, dice, taken)
    return [rows.get(build) or _branch(build, rows[build.partition(".")[0]], dice) for build in wanted]


def _demo(month: Month, dice: Dice) -> Row:
    row = _company(DEMO_BUILD, [VAT, LIMITED, "M", MONTHLY, (61, 180)], month, dice, set())
    return row | {"company_name": "บริษัท สยามตัวอย่าง เทรดดิ้ง จำกัด", "business_category": "ค้าส่ง"}


def _company(build: str, cards: Sequence[Any], month: Month, dice: Dice, taken: set[str]) -> Row:
    registration, kind, size, custom, age = cards
    if kind == PUBLIC:
        registration, size, age = VAT, "XXL", OLDEST
    place = dice.choice(names.PLACES)
    began = _day(month.plus(-dice.randint(*age)), dice)
    name, trade = _name(kind, place, dice, taken)
    return {
        "id": dice.id(),
        "build": build,
        "company_name": name,
        "business_type": kind,
        "legal_entity_number": registration_number(place.code, kind, began, dice.randrange(90_000, 100_000)),
        "establishment_date": began,
        "business_category": trade.category,
        "business_subcategory": trade.subcategory,
        "company_size": size,
        "tax_registration_status": registration,
        "vat_registration_date": _vat_since(began, month, dice) if registration == VAT else None,
        "company_status": custom,
        "note": dice.choice(names.NOTES) if dice.chance(0.12) else None,
    } | _address(place, dice)


def _branch(build: str, head: Row, dice: Dice) -> Row:
    """Another establishment of the same company: its number and VAT registration, an address of its own."""
    place = dice.choice(names.PLACES)
    name = f"{head['company_name']} (สาขา {int(build.partition('.')[2]):05d})"
    own = {"id": dice.id(), "build": build, "company_name": name, "note": None}
    return head | own | _address(place, dice)


def registration_number(province: str, kind: str, began: date, running: int) -> str:
    """The 13 digits of a juristic person: 0, province, kind, last three of the year BE, running number, check digit.

    Public companies are all registered in Bangkok. Running numbers from 90000 keep clear of those really given.
    """
    year = (began.year + BE_OFFSET) % 1000
    digits = f"0{'10' if kind == PUBLIC else province}{_KIND_DIGIT[kind]}{year:03d}{running:05d}"
    return digits + moa.calc_check_digit(digits)


def _day(month: Month, dice: Dice) -> date:
    return date(month.year, month.month, dice.randint(1, 28))


def _vat_since(began: date, month: Month, dice: Dice) -> date:
    """On the day it began or the first of one of the next 30 months, but not in the tax month or later."""
    if dice.chance(0.4):
        return began
    later = min(Month(began.year, began.month).plus(dice.randint(1, 30)), month.plus(-1))
    return max(date(later.year, later.month, 1), began)


def _name(kind: str, place: names.Place, dice: Dice, taken: set[str]) -> tuple[str, names.Trade]:
    """A company name nobody has yet, with the trade in it."""
    while True:
        word, trade = dice.choice((place.word, *dice.sample(names.LUCKY, 2))), dice.choice(names.TRADES)
        core = f"{word} {trade.word}" if dice.chance(0.2) else word + trade.word
        core += f" {dice.choice(names.SUFFIXES)}" if dice.chance(0.15) else ""
        if core.replace(" ", "") not in taken:
            taken.add(core.replace(" ", ""))
            return _legal_form(core, kind), trade


def _legal_form(core: str, kind: str) -> str:
    if kind == PARTNERSHIP:
        return f"ห้างหุ้นส่วนจำกัด {core}"
    return f"บริษัท {core} จำกัด (มหาชน)" if kind == PUBLIC else f"บริษัท {core} จำกัด"


def _address(place: names.Place, dice: Dice) -> Row:
    city, office, floor = place.province == BANGKOK, dice.chance(0.15), dice.randint(2, 20)
    parts: Row = {
        "building": dice.choice(names.BUILDINGS) if office else None,
        "room_number": f"{floor}{dice.randint(1, 12):02d}" if office else None,
        "floor_number": str(floor) if office else None,
        "village": dice.choice(names.VILLAGES) if not office and dice.chance(0.1) else None,
        "address_number": f"{dice.randint(1, 399)}" + (f"/{dice.randint(1, 99)}" if dice.chance(0.6) else ""),
        "moo": None if city else str(dice.randint(1, 12)),
        "soi": f"{dice.choice(names.ROADS)} {dice.randint(1, 60)}" if dice.chance(0.3) else None,
        "road": dice.choice(names.ROADS),
        "subdistrict": place.subdistrict,
        "district": place.district,
        "province": place.province,
        "postal_code": place.postal_code,
    }
    return parts | {"full_address": full_address(parts)}


def plant(work: Work, rows: Sequence[Row], since: datetime) -> None:
    """Insert the companies, as they are since `since` (aware)."""
    logged = {"version": 1, "seq": 0, "created_at": since, "updated_at": since, "updated_by": HEAD}
    # The model itself knows what follows from a build and a name, so rows pass through it.
    work.session.add_all([Client(**row, **logged) for row in rows])
    work.session.flush()
