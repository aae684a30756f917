#!/usr/bin/env python3
"""Writes Sources/Classifying/Resources/names.txt: given names and family names of many countries.

Needs the Python package Faker 40 (MIT): `pip install faker`. A name that is also an ordinary English or German word is left out of
the family names. The output is the same for the same inputs.
"""
import importlib, os, pkgutil, sys

import faker.providers.person as person

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "Sources", "Classifying", "Resources", "names.txt")
SKIPPED = {"ja_JP", "zh_CN", "zh_TW", "ko_KR", "th_TH", "en_TH", "ta_IN", "or_IN", "gu_IN", "si_LK", "bn_BD", "mr_IN", "hi_IN", "ne_NP"}
WORDS = set("""March May August Will Mark Bill Van Von De La El Del Da Do Dos Das Di Le Al Bin Ben Max Rose June April Summer Sunday Monday
Friday Prince Christian Grace Faith Hope Joy Honor Justice Precious Blessing Patience Peace Gift Happy Good Lucky Fortune Constance King
Young Long Best White Black Green Brown Gray Grey Stone Wood Woods Street Church Hill Park Parks Lake Rivers Ford Day Little Small Short
Strong Power Powers Price Rich Banks Fields West North South East Winter Page Book Case Major Marks Law Lane House Hall Bush Bishop Pope
Bank Sun Moon Star State Union Land Lands Field Root Wise Sharp Weeks Frost Snow Rice Berg Koch Richter Jäger Kaiser König Herr Frau
Der Die Das Mann Sommer Herbst Markt Ernst Stein Neue Alte Gross Große Klein Freund Feld Wald Bach Braun Schwarz Weiß Roth Engel Vogel
Israel Georgia China India Paris London Dallas Austin Houston Jordan Chad Kenya Africa America Asia Carolina Virginia Dakota Savannah
Sydney Vienna Florence Milan Madison Lincoln Washington Jackson Trinity Mercedes Diamond Star Destiny Heaven Angel Princess Royal Reverend
Father Sister Deputy Sports Media Police Army Senate Congress House World People Party Senator Judge Major General""".split())


def collect(attribute):
    found = set()
    for module in sorted(m.name for m in pkgutil.iter_modules(person.__path__)):
        if module in SKIPPED:
            continue
        provider = getattr(importlib.import_module("faker.providers.person." + module), "Provider")
        for name in dir(provider):
            if name.startswith(attribute) and "romanized" not in name and "pair" not in name:
                value = getattr(provider, name)
                if isinstance(value, (tuple, list)) or hasattr(value, "keys"):
                    found.update(str(x) for x in value)
    return found


def clean(names):
    kept = set()
    for name in names:
        name = name.strip()
        for part in name.replace("-", " ").split():
            if len(part) > (2 if part.isascii() else 1) and all(c.isalpha() for c in part) and part not in WORDS:
                if part[0].isupper() and not part.isupper() or not part[0].islower() and not part[0].isupper():
                    kept.add(part)
    return kept


def main():
    given = clean(collect("first_name"))
    family = clean(collect("last_name")) - given
    with open(sys.argv[1] if len(sys.argv) > 1 else OUT, "w", encoding="utf-8") as out:
        out.write("[given]\n" + "\n".join(sorted(given)) + "\n[family]\n" + "\n".join(sorted(family)) + "\n")
    print(len(given), "given names,", len(family), "family names")


main()
