"""What the five write to each other: four talks of a record, each a text that asks and one that answers.

Titles are those of the acknowledgement dialog (domain §10.7). Which page shows which talk follows from the fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bmu.i18n import N_
from bmu.monthly_tax.fields import ABSENT, FIELDS, VAT, WHT


@dataclass(frozen=True, slots=True)
class Talk:
    """Two fields that speak to each other. `key` names the talk in HTML, `side` its tax (WHT, VAT)."""

    key: str
    title: str
    side: str
    fields: tuple[str, str]

    def on(self, page: str) -> bool:
        """Whether `page` (one of SOURCE_PAGES) shows the talk."""
        return all(FIELDS[key].state(page) != ABSENT for key in self.fields)


TALKS: Final = (
    Talk("wht_review", N_("สอบถามและตอบกลับ ภ.ง.ด."), WHT, ("wht_inquiry", "wht_response")),
    Talk(
        "wht_filing",
        N_("ส่งงานยื่นภาษีกับทีมยื่นภาษี ภ.ง.ด."),
        WHT,
        ("wht_submission_comment", "wht_filing_response"),
    ),
    Talk("vat_review", N_("สอบถามและตอบกลับ ภ.พ.30"), VAT, ("pp30_inquiry", "pp30_response")),
    Talk(
        "vat_filing",
        N_("ส่งงานยื่นภาษีกับทีมยื่นภาษี ภ.พ.30"),
        VAT,
        ("pp30_submission_comment", "pp30_filing_response"),
    ),
)
TEXTS: Final = tuple(key for talk in TALKS for key in talk.fields)


def talks(page: str, *, is_vat: bool) -> tuple[Talk, ...]:
    """The talks that `page` shows, in the order of the form; those about VAT only of a client with VAT."""
    return tuple(talk for talk in TALKS if talk.on(page) and (is_vat or talk.side != VAT))
