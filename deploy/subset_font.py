"""Cut a complete IBM Plex Sans Thai Looped down to the letters our pages use.

    python deploy/subset_font.py FULL.woff2 OUT.woff2 WEIGHT

Kept: Thai, ASCII, and the signs of `SIGNS`; hinting, for small type on Windows; kerning and the features that
place Thai vowels and tone marks (ccmp, calt, mark, mkmk). The font's licence (OFL) reserves the name "Plex"
for fonts that nobody changed, so ours is called "BMU Thai Looped". The same input gives the same bytes.
"""

import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "BMU Thai Looped"
STYLES = {"400": "Regular", "600": "SemiBold"}
# U+200B-200D are the invisible breaks and joiners of pasted Thai; U+25CC carries a mark that stands alone.
SIGNS = "\N{NO-BREAK SPACE}«»°±·×–—‘’“”•…‹›←↑→↓−✓◌\u200b\u200c\u200d"
FEATURES = ["ccmp", "locl", "liga", "calt", "kern", "mark", "mkmk"]
COPYRIGHT, FAMILY_ID, STYLE, UNIQUE, FULL, VERSION, POSTSCRIPT = range(7)
LICENCE, LICENCE_URL = 13, 14


def wanted() -> set[int]:
    """The code points that stay."""
    return {*range(0x20, 0x7F), *range(0x0E00, 0x0E80), *map(ord, SIGNS)}


def subset(font: TTFont) -> None:
    """Drop every glyph and feature that `wanted` and `FEATURES` do not name."""
    options = Options(hinting=True, layout_features=FEATURES, notdef_outline=True)
    options.name_IDs = [COPYRIGHT, FAMILY_ID, STYLE, UNIQUE, FULL, VERSION, POSTSCRIPT, LICENCE, LICENCE_URL]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)


def rename(font: TTFont, style: str) -> None:
    """Give the font our own name wherever it says its name."""
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    for name_id, text in {
        FAMILY_ID: FAMILY,
        STYLE: style,
        UNIQUE: postscript,
        FULL: f"{FAMILY} {style}",
        POSTSCRIPT: postscript,
    }.items():
        font["name"].removeNames(nameID=name_id)
        font["name"].setName(text, name_id, 3, 1, 0x409)


def main(full: str, out: str, weight: str) -> None:
    """Read the complete font `full`, write the small woff2 `out`."""
    font = TTFont(full, recalcTimestamp=False)
    subset(font)
    rename(font, STYLES[weight])
    font.flavor = "woff2"
    font.save(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
