"""What applies, as SQL: the client's obligations in a record's month, and whether a side of it does not apply at all.

The one definition for rows, figures, filters and order; `duties` reads what it says.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from bmu.clients.models import Client, Obligation
from bmu.clients.obligations import VAT_RETURN
from bmu.clients.rules import VAT as VAT_REGISTRATION
from bmu.extensions import db
from bmu.monthly_tax import duties
from bmu.monthly_tax.fields import FORM_STATUSES, PND, PP30
from bmu.monthly_tax.models import MonthlyTaxData

# Columns of tables, not of models: lists read plain values, and the ORM's own way to them takes twice the time.
M, C, O = MonthlyTaxData.__table__.c, Client.__table__.c, Obligation.__table__.c  # noqa: E741
_NUMBER: Final[ColumnElement[int]] = M.tax_year * 100 + M.tax_month
_THEN: Final = and_(O.build == M.build, O.since <= _NUMBER, O.until > _NUMBER)
# A client without obligations (O is NULL then) may have to file anything.
JOINED: Final = MonthlyTaxData.__table__.join(Client.__table__, C.build == M.build).outerjoin(
    Obligation.__table__, _THEN
)
_ENTERED: Final[ColumnElement[Any]] = func.coalesce(M.pnd_status, *(M[key] for key in FORM_STATUSES))
_NO_FORM: Final = func.coalesce(O.forms, "?").in_(("", VAT_RETURN))
_NO_RETURN: Final = func.coalesce(O.forms, VAT_RETURN).not_like(f"%{VAT_RETURN}")  # it is the last in the order
_REGISTERED: Final = C.tax_registration_status.is_not_distinct_from(VAT_REGISTRATION)

# Never NULL: NOT of them is what applies.
AWAY: Final[dict[str, ColumnElement[bool]]] = {
    PND.key: and_(_NO_FORM, _ENTERED.is_(None)),
    PP30.key: or_(~_REGISTERED, and_(_NO_RETURN, M.pp30_status.is_(None))),
}
SAID: Final = (O.forms.label("obligations"), *(clause.label(duties.AWAY[side]) for side, clause in AWAY.items()))

# Made once: making a statement takes longer than asking it, and every save asks.
_OF_ONE: Final = (
    select(*SAID, _REGISTERED.label("is_vat"), *(M[key] for key in FORM_STATUSES))
    .select_from(JOINED)
    .where(M.id == bindparam("id"))
)


def duties_of(record_id: str) -> duties.Duties:
    """What applies of the record with this id, as it stands in this session."""
    return duties.duties(dict(db.session.execute(_OF_ONE, {"id": record_id}).mappings().one()))
