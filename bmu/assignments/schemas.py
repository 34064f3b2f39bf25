"""The API's words for assignments."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from bmu.assignments.service import MOST, UNSEEN, Cell
from bmu.changes.models import LONGEST_REASON
from bmu.clients.rules import normal_build
from bmu.i18n import N_, Month
from bmu.monthly_tax.fields import PEOPLE
from bmu.openapi import Strict


def _month(text: str) -> str:
    try:
        return str(Month.parse(text))
    except ValueError:
        raise ValueError(N_("เดือนไม่ถูกต้อง")) from None


def _build(text: str) -> str:
    try:
        return normal_build(text)
    except ValueError:
        raise ValueError(N_("หมายเลข Build ไม่ถูกต้อง")) from None


MonthText = Annotated[str, AfterValidator(_month), Field(description="YYYY-MM, Gregorian")]
Build = Annotated[str, AfterValidator(_build), Field(max_length=10)]
Employee = Annotated[Annotated[str, Field(max_length=20)] | None, BeforeValidator(lambda value: value or None)]
Reason = Annotated[str, Field(max_length=LONGEST_REASON)]
ROLES = ", ".join(PEOPLE)


class MonthQuery(Strict):
    """Of which month."""

    month: MonthText


class GridQuery(MonthQuery):
    """Which rows of a month."""

    q: str = Field("", max_length=100, description="part of a build or of a company's name")
    person: str = Field("", max_length=20, description="only records on which this employee holds a role")
    role: str = Field("", max_length=40, description=f"which role that is: {ROLES}")
    gaps: bool = Field(False, description="only records that want somebody")
    page: int = Field(1, ge=1, le=100_000)
    limit: int = Field(50, ge=1, le=100)


class OpenBody(Strict):
    """The month to open."""

    month: MonthText


class CopyBody(Strict):
    """What to take over from the month before."""

    month: MonthText
    builds: list[Build] | None = Field(None, max_length=MOST, description="only these clients; all without it")
    replace: bool = Field(False, description="into all places, not only into empty ones")
    reason: Reason = ""


class CellBody(Strict):
    """Somebody for a role of a record; null for nobody."""

    id: str = Field(..., max_length=36)
    role: str = Field(..., max_length=40, description=f"one of {ROLES}")
    employee_id: Employee
    was: Employee = Field(UNSEEN, description="who was seen there: 409 if it is somebody else by now")

    def cell(self) -> Cell:
        """As the service takes it."""
        return Cell(self.id, self.role, self.employee_id, self.was)


class AssignBody(Strict):
    """Cells of at most 500 records, all or none of which change. `reason`: asked where somebody is taken off a month
    that has begun."""

    cells: list[CellBody] = Field(..., min_length=1, max_length=MOST * len(PEOPLE))
    reason: Reason = ""


class ResetBody(Strict):
    """`confirm`: the record's build, typed; `version`: as it was seen."""

    version: int = Field(..., ge=1, strict=True)
    confirm: str = Field(..., max_length=10)
    reason: Reason


class IdPath(BaseModel):
    """A record's id."""

    id: str = Field(..., max_length=36)


def pagination(page: int, limit: int, total: int) -> dict[str, Any]:
    """The envelope's pagination."""
    return {"page": page, "limit": limit, "total": total, "totalPages": -(-total // limit)}
