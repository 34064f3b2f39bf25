"""Languages, time zone, and dates as people here read them.

Source strings are Thai; English comes from the catalogue. Babel knows no Buddhist calendar (stack §7),
so the year is ours: BE = CE + 543.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import ngettext

from bmu.extensions import babel

LANGUAGES = {"th": "ไทย", "en": "English"}
DEFAULT = "th"
COOKIE = "bmu_language"
BANGKOK = timezone(timedelta(hours=7), "Asia/Bangkok")  # no daylight saving since 1920
BE_OFFSET = 543
_CATALOGUES = Path(__file__).parent / "translations"


def N_(text: str) -> str:
    """Mark `text` (Thai) for the catalogue without translating it yet."""
    return text


class Month(NamedTuple):
    """A tax month: Gregorian `year`, `month` 1–12."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def plus(self, months: int) -> Month:
        """The month `months` later (or earlier, when negative)."""
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    @classmethod
    def parse(cls, text: str) -> Month:
        """`YYYY-MM` (Gregorian) → Month. Raises ValueError."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
            raise ValueError(text)
        found = cls(int(text[:4]), int(text[5:]))
        if not (2000 <= found.year <= 2200 and 1 <= found.month <= 12):
            raise ValueError(text)
        return found


def tax_month(now: datetime) -> Month:
    """The month whose taxes are being prepared at `now` (aware): the previous one in Bangkok (domain §6)."""
    here = now.astimezone(BANGKOK)
    return Month(here.year, here.month).plus(-1)


def language() -> str:
    """The language of this request: the person's choice, else the browser cookie's, else Thai."""
    if not has_request_context():
        return DEFAULT
    chosen = g.get("language") or request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else DEFAULT


@cache
def _catalogue(lang: str) -> NullTranslations:
    return Translations.load(str(_CATALOGUES), [lang]) if lang != DEFAULT else NullTranslations()


def translate(text: str, lang: str) -> str:
    """`text` (a Thai source string) in `lang`, outside of any request. Used where rows are rendered for others."""
    return _catalogue(lang).ugettext(text) if text else text


@cache
def month_names(lang: str, width: str = "wide") -> tuple[str, ...]:
    """The twelve names of the months in `lang`; width `wide` or `abbreviated`."""
    names = Locale("th" if lang == "th" else "en", None if lang == "th" else "GB").months["format"][width]
    return tuple(names[number] for number in range(1, 13))


def month_text(month: Month, lang: str) -> str:
    """A tax month in words: `ตุลาคม 2569` in Thai, `October 2026` in English."""
    year = month.year + BE_OFFSET if lang == "th" else month.year
    return f"{month_names(lang)[month.month - 1]} {year}"


def date_words(day: date, lang: str) -> str:
    """A date in words: `23 พฤศจิกายน 2569` / `23 November 2026`."""
    return f"{day.day} {month_text(Month(day.year, day.month), lang)}"


def moment_words(moment: datetime, lang: str) -> str:
    """An aware time in Bangkok, in words and with seconds: `23 พฤศจิกายน 2569 14:05:09`."""
    here = moment.astimezone(BANGKOK)
    return f"{date_words(here.date(), lang)} {here:%H:%M:%S}"


def moment_short(moment: datetime) -> str:
    """An aware time in Bangkok as the tables show it: `23/11 14:05` (the month is chosen above them)."""
    return f"{moment.astimezone(BANGKOK):%d/%m %H:%M}"


def moment_full(moment: datetime) -> str:
    """An aware time in Bangkok as users of the predecessor know it: `23/11/2026 14:05:09` (domain §6)."""
    return f"{moment.astimezone(BANGKOK):%d/%m/%Y %H:%M:%S}"


def iso(moment: datetime) -> str:
    """An aware time as JSON carries it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def init_app(app: Flask) -> None:
    """Bind Flask-Babel: Thai by default, the catalogue beside this file, Bangkok time."""
    app.config.update(
        BABEL_DEFAULT_LOCALE=DEFAULT,
        BABEL_DEFAULT_TIMEZONE="Asia/Bangkok",
        BABEL_TRANSLATION_DIRECTORIES=str(_CATALOGUES),
    )
    app.jinja_env.globals.update(
        month_text=month_text, moment_full=moment_full, moment_short=moment_short, languages=LANGUAGES
    )
    app.context_processor(lambda: {"lang": language()})
    babel.init_app(app, locale_selector=lambda: "en_GB" if language() == "en" else "th")
    # Flask-Babel would look for the request's translations at each of a page's 170 words.
    app.jinja_env.install_gettext_callables(lambda text: translate(text, language()), ngettext, newstyle=True)  # type: ignore[attr-defined]
