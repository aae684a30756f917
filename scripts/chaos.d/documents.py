"""Documents for the line to work on, each known by its number."""

import itertools
import json
import random

WORDS = """council harbour budget minister storm railway court election school market river hospital union bridge factory
strike police museum airport festival energy village parliament treaty drought company engineer doctor witness border
vaccine satellite farmer bank judge reporter mayor senate teacher pipeline housing tax reform inquiry verdict""".split()

# Names that stand in few documents each: with common words alone every document would resemble every other, and the index
# stage would be busy comparing them.
SYLLABLES = "ba do fe gi ku la mo ne pi ru sa te vo wi zu".split()
NAMES = ["".join(parts).capitalize() for parts in itertools.product(SYLLABLES, repeat=3)]

# A page with this in it kills a parser into which `poison.c` is loaded.
POISON = "WIREROOM-POISON-PAGE-7d1f"


def page(number, extra=""):
    """An article as a page."""
    source = random.Random(number)

    def sentence():
        words = [source.choice(NAMES if source.random() < 0.6 else WORDS) for _ in range(source.randint(8, 16))]
        return "The " + " and the ".join(words[:3]) + " said on Monday that " + " ".join(words[3:]) + "."

    paragraphs = "".join(f"<p>{' '.join(sentence() for _ in range(4))}</p>" for _ in range(5))
    title = " ".join(source.choice(WORDS if place % 2 else NAMES) for place in range(7)).capitalize() + f" {number}"
    return (f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}"
            f"{extra}</article></body></html>")


def url(number):
    return f"https://outlet{number % 20}.example.net/news/{number}"


def lines(numbers, poisoned=()):
    """The documents as `wireroom import` takes them."""
    return "".join(
        json.dumps({"url": url(number), "content_type": "text/html",
                    "html": page(number, f"<p>{POISON}</p>" if number in poisoned else "")}) + "\n"
        for number in numbers)
