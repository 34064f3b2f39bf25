"""The demo firm: who works there, with which role (design §8), and who may hold what (domain §1.5).

The firm is the same for every `--rng`: people learn its names. Nobody in it is real.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice

from bmu.accounts.models import Employee, User
from bmu.accounts.passwords import hash_password
from bmu.accounts.rules import ADMIN, AUDIT, BOTH, DATA_ENTRY, SERVICE, display_name
from bmu.changes.work import By, Work
from bmu.dice import Dice

PASSWORD = "bmu-demo-2569"
HEAD = "AC00001"
ACCOUNTANT, INSPECTOR, WHT_FILER, VAT_FILER, CLERK = "AC00024", "AC00008", "AC00012", "AC00015", "AC00031"
STRANGER = "AC00040"  # an accountant who has nothing to do with build 018
LEFT = "AC00037"  # has left the firm: may not sign in, and is remembered where she was responsible first


@dataclass(frozen=True, slots=True)
class Person:
    """An employee with an account."""

    employee_id: str
    role: str
    first_name: str
    last_name: str
    nick_name: str

    @property
    def username(self) -> str:
        """The employee id; the head of the firm is `admin`."""
        return ADMIN if self.employee_id == HEAD else self.employee_id

    @property
    def active(self) -> bool:
        """Whether the person still works here."""
        return self.employee_id != LEFT

    @property
    def by(self) -> By:
        """How the change log names this person."""
        return By(self.employee_id, display_name(self.first_name, self.nick_name))


_CAST = (
    Person(HEAD, ADMIN, "สมชาย", "วัฒนกิจ", "ชาย"),
    Person(INSPECTOR, AUDIT, "ปกรณ์", "ศรีสุข", "กร"),
    Person(WHT_FILER, BOTH, "กมล", "แสงจันทร์", "มล"),
    Person(VAT_FILER, BOTH, "ณัฐพล", "พูนทรัพย์", "นัท"),
    Person(ACCOUNTANT, SERVICE, "วิภา", "เจริญสุข", "ภา"),
    Person(CLERK, DATA_ENTRY, "ธิดา", "คำแก้ว", "ดา"),
    Person(STRANGER, SERVICE, "อรทัย", "บุญมา", "อร"),
)
# The other 33, spread so that a smaller firm has some of each as well; a larger one begins anew.
_OTHERS = (
    *(SERVICE, BOTH, SERVICE, AUDIT, SERVICE, DATA_ENTRY, SERVICE, BOTH, SERVICE, SERVICE, "hr"),
    *(SERVICE, BOTH, SERVICE, DATA_ENTRY, SERVICE, AUDIT, SERVICE, BOTH, SERVICE, SERVICE, "registration"),
    *(SERVICE, DATA_ENTRY, SERVICE, BOTH, SERVICE, DATA_ENTRY, SERVICE, SERVICE, SERVICE, SERVICE, "marketing"),
)
POSITIONS = {
    ADMIN: "ผู้จัดการสำนักงาน",
    AUDIT: "ผู้ตรวจสอบภาษี",
    SERVICE: "นักบัญชี",
    BOTH: "เจ้าหน้าที่ยื่นภาษี",
    DATA_ENTRY: "เจ้าหน้าที่คีย์เอกสาร",
    "hr": "เจ้าหน้าที่ฝ่ายบุคคล",
    "registration": "เจ้าหน้าที่จดทะเบียน",
    "marketing": "เจ้าหน้าที่การตลาด",
}
_FIRST = """
    กิตติพงษ์:กิต ขวัญฤดี:ขวัญ ชลธิชา:ชล ภัทรวดี:ภัทร นริศรา:ริศ จารุวรรณ:จ๋า ธนกฤต:กฤต ปรียานุช:นุช สุภาวดี:ดี จิราพร:จิ๊บ
    มณีรัตน์:มณี พงศกร:พงศ์ ดวงพร:ดวง พิมพ์ชนก:พิม ทศพล:ทศ วราภรณ์:แอน รัชนก:นก ศิริพร:ปู ณัฐธิดา:แนน สุชาดา:สุ
    อมรรัตน์:อ้อม ชนิดา:นิด ศุภชัย:ชัย หทัยรัตน์:หญิง นฤมล:เล็ก ปวีณา:วีณา เอกชัย:เอก ลลิตา:ลูกตาล พรทิพย์:ทิพย์ สุกัญญา:กัญ
    วันเพ็ญ:เพ็ญ อภิชาติ:โต้ง รุ่งนภา:รุ่ง เมธาวี:เมย์ นันทนา:นัน อัจฉรา:อัจ จักรพันธ์:จักร วรรณภา:วรรณ สิริมา:มา ไพลิน:ลิน
    กมลชนก:มิ้นท์ ฐิติมา:ฐิติ ธัญชนก:ธัญ นภัสสร:ฝน บุษบา:บุษ ปิยะนุช:ปุ๊ก พัชรินทร์:พัช มาลินี:มะลิ ยุพิน:พิน รัตนา:รัตน์
    วิไลวรรณ:วิไล ศศิธร:ศศิ สมฤดี:ฤดี สุธาสินี:เอ๋ สุนิสา:สา เสาวลักษณ์:เสาว์ อนงค์นาถ:นงค์ อรอนงค์:โอ๋ อารีรัตน์:อารี อุไรวรรณ:อุ๋ย
"""
_LAST = """
    ทองดี ใจมั่น รักไทย วงศ์สว่าง สุขสบาย นาคทอง พงษ์ไพบูลย์ ศรีวิไล อินทร์แก้ว ชัยมงคล มีสุข ดีเลิศ ทรัพย์เพิ่ม สายทอง แก้วมณี
    บัวผัน เพชรงาม จันทร์หอม ธรรมดี ยิ้มแย้ม พรหมมา สุวรรณรัตน์ กิจเจริญ เรืองศรี ปัญญาดี ชูศรี ขำคม ลาภทวี นิ่มนวล บุญเกิด
    คงเจริญ สมบูรณ์ผล ไชยวงศ์ หอมหวล เกตุแก้ว วิเศษศรี ประเสริฐสุข
"""


@dataclass(frozen=True, slots=True)
class Firm:
    """Everybody, in the order of employee ids."""

    people: tuple[Person, ...]

    def _with(self, *roles: str) -> tuple[str, ...]:
        return tuple(person.employee_id for person in self.people if person.role in roles and person.active)

    @property
    def accountants(self) -> tuple[str, ...]:
        """Who keeps clients' books (domain §1.5 allows more roles; here it is the service people's work)."""
        return self._with(SERVICE)

    @property
    def inspectors(self) -> tuple[str, ...]:
        """Who may inspect."""
        return self._with(AUDIT)

    @property
    def filers(self) -> tuple[str, ...]:
        """Who may file, WHT as well as VAT."""
        return self._with(BOTH)

    @property
    def clerks(self) -> tuple[str, ...]:
        """Who may key in documents."""
        return self._with(DATA_ENTRY, BOTH)

    @property
    def left(self) -> tuple[str, ...]:
        """The accountants who were here once."""
        return tuple(person.employee_id for person in self.people if not person.active)

    @property
    def by(self) -> Mapping[str, By]:
        """How the log names each employee id."""
        return {person.employee_id: person.by for person in self.people}


def firm(size: int) -> Firm:
    """The cast and `size` − 7 more, with the lowest employee ids that are free."""
    taken = {person.employee_id for person in _CAST}
    numbers = (f"AC{number:05d}" for number in range(2, size + len(_CAST) + 2))
    free = islice((number for number in numbers if number not in taken), max(size - len(_CAST), 0))
    others = [_somebody(place, number, role) for place, (number, role) in enumerate(zip(free, cycle(_OTHERS)))]
    return Firm(tuple(sorted((*_CAST, *others), key=lambda person: person.employee_id)))


def _somebody(place: int, employee_id: str, role: str) -> Person:
    firsts, lasts = _FIRST.split(), _LAST.split()
    first, _, nick = firsts[place % len(firsts)].partition(":")
    return Person(employee_id, role, first, lasts[place % len(lasts)], nick)


def plant(work: Work, people: Iterable[Person], dice: Dice, since: datetime) -> None:
    """Insert the people with their accounts, as they are since `since` (aware).

    One hash for all: they share a password that everybody knows, and 40 hashes would take two seconds.
    """
    hashed = hash_password(PASSWORD)
    row = {"version": 1, "seq": 0, "created_at": since, "updated_at": since, "updated_by": HEAD}
    listed = list(people)
    work.session.add_all([Employee(**_employee(person, dice), **row) for person in listed])
    work.session.flush()
    work.session.add_all([User(**_user(person, dice), password_hash=hashed, **row) for person in listed])
    work.session.flush()


def _employee(person: Person, dice: Dice) -> dict[str, object]:
    return {
        "id": dice.id(),
        "employee_id": person.employee_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "nick_name": person.nick_name,
        "position": POSITIONS[person.role],
        "status": "active" if person.active else "resigned",
    }


def _user(person: Person, dice: Dice) -> dict[str, object]:
    return {
        "id": dice.id(),
        "username": person.username,
        "employee_id": person.employee_id,
        "role": person.role,
        "status": "active" if person.active else "inactive",
        "must_change_password": False,
    }
