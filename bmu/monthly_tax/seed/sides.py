"""What is filled in on each side of a demo record as its status moves: forms and sheets, or purchases and payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from bmu.dice import Dice
from bmu.monthly_tax.fields import FORMS

Values = dict[str, Any]
DOUBTS: Final = ("needs_correction", "inquire_customer", "additional_review")
SENT, AGAIN, NOTHING = "pending_review", "pending_recheck", "not_submitted"

_WEIGHTS: Final = {
    "pnd_1_40_1": 0.85,
    "pnd_1_40_2": 0.12,
    "pnd_3": 0.6,
    "pnd_53": 0.75,
    "pp_36": 0.18,
    "pnd_54": 0.06,
    "social_security_form": 0.85,
    "student_loan_form": 0.2,
    "pt_40": 0.05,
    "pnd_2": 0.08,
}
_SURE: Final = ("customer_confirmed", "no_confirmation_needed")
_UNSURE: Final = (*_SURE, "waiting_customer", "customer_request_change")


@dataclass(frozen=True, slots=True)
class Habits:
    """What is usual for a client: the forms with something in them, the purchase documents a month, the VAT in baht
    and in which share of the months there is some to pay. `due`: the forms that have to be filed at all."""

    forms: tuple[str, ...]
    purchases: int
    vat: int
    owes: float
    due: tuple[str, ...] = tuple(FORMS)


def habits(dice: Dice) -> Habits:
    """A client's habits: at least one form, from no purchases to hundreds."""
    forms = tuple(form for form in FORMS if dice.chance(_WEIGHTS[form])) or ("pnd_53",)
    purchases = 0 if dice.chance(0.05) else int(dice.lognormvariate(3.2, 0.9))
    return Habits(forms, purchases, max(int(dice.lognormvariate(9.2, 1.2)), 10), dice.uniform(0.3, 1))


class Wht:
    """The forms that are due and their sheets. `goal` is the status that the side reaches."""

    def __init__(self, usual: Habits, goal: str, dice: Dice) -> None:
        self._dice, self._forms, self._due = dice, usual.forms, usual.due
        self._bad = dice.sample(usual.forms, dice.randint(1, min(2, len(usual.forms))))

    def values(self, status: str) -> Values:
        """What is filled in together with `status`."""
        if status == NOTHING:
            return _chosen(self._due, NOTHING)
        if status == SENT:
            return _chosen(self._due, NOTHING) | _chosen(self._forms, SENT) | self._sheets()
        if status in DOUBTS:
            return _chosen(self._forms, "passed") | _chosen(self._bad, status)
        return _chosen(self._bad if status == AGAIN else self._forms, status)

    def _sheets(self) -> Values:
        return {f"{form}_attachment_count": self._dice.randint(1, 12) for form in self._forms}


def _chosen(forms: Any, status: str) -> Values:
    return {f"{form}_status": status for form in forms}


class Vat:
    """Purchases, what the client confirmed, and the payment: the accountant enters it, or the filer with the draft."""

    def __init__(self, usual: Habits, goal: str, dice: Dice) -> None:
        self._dice, self._usual, self._goal = dice, usual, goal
        self._early = dice.chance(0.6)
        self._owes = goal == "paid" or dice.chance(usual.owes)

    def values(self, status: str) -> Values:
        """What is filled in together with `status`."""
        if status == SENT:
            return self._books() | (self._payment() if self._early else {})
        if status == AGAIN and self._goal != AGAIN:
            return {"income_confirmed": self._dice.choice(_SURE)}
        return self._payment() if status == "draft_completed" and not self._early else {}

    def _books(self) -> Values:
        count = round(self._usual.purchases * self._dice.uniform(0.7, 1.3))
        sure = self._goal not in (SENT, AGAIN, *DOUBTS)
        expenses = "customer_request_additional_docs" if self._dice.chance(0.2) else "confirm_expense"
        return {
            "purchase_document_count": count,
            "income_confirmed": self._dice.choice(_SURE if sure else _UNSURE),
            "expenses_confirmed": expenses if self._dice.chance(0.85) else None,
        }

    def _payment(self) -> Values:
        if not self._owes:
            return {"pp30_payment_status": "no_payment"}
        amount = self._dice.baht(self._usual.vat // 2, self._usual.vat * 2)
        return {"pp30_payment_status": "has_payment", "pp30_payment_amount": amount}
