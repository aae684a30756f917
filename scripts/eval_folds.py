"""Scores of an extraction by registrable domain: five folds, and how far chance among publishers reaches."""

import collections
import hashlib
import json
import random

FOLDS = 5
DRAWS = 1000
# A metric: its heading, the per-page scores that it is made of (one, or precision and recall), the one that marks its pages.
METRICS = [
    ("body F1", ("body_p", "body_r"), "body_p"), ("title norm", ("title_norm",), "title_norm"),
    ("authors F1", ("auth_p", "auth_r"), "auth_r"), ("date day", ("date_day",), "date_day"),
]


def measure(pages, keys):
    """The mean over the pages of a score, or the harmonic mean of two means, as score.py has it."""
    means = []
    for key in keys:
        values = [page[key] for page in pages if page.get(key) is not None]
        means.append(sum(values) / len(values) if values else 0.0)
    if len(means) == 1:
        return means[0]
    return 2 * means[0] * means[1] / sum(means) if sum(means) else 0.0


def folds(domains):
    """The domains in five groups of one size; the digest of a name decides, so that a domain always goes to the same one."""
    order = sorted(domains, key=lambda name: hashlib.sha256(name.encode()).digest())
    return [order[start::FOLDS] for start in range(FOLDS)]


def interval(by_domain, keys):
    """What 95 % of samples of as many domains give."""
    names = sorted(by_domain)
    chance = random.Random(1)
    drawn = sorted(
        measure([page for name in chance.choices(names, k=len(names)) for page in by_domain[name]], keys)
        for _ in range(DRAWS))
    return drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS) - 1]


def report(gold, per_page, targets):
    """Prints the folds and gives {group: {metric: [fold, …]}}.

    gold: the pages of all collections, with their domains; per_page: what `score.py --per-page` wrote;
    targets: {group: {metric: the least that it should be}}.
    """
    domains = {page["id"]: page.get("domain") or page["id"] for page in gold}
    with open(per_page, encoding="utf-8") as file:
        pages = [json.loads(line) for line in file]
    result = {}
    for group in ("ALL", "NEWS"):
        own = [page for page in pages if page["trust"] != "tool" and (group == "ALL" or page["group"] == "news")]
        print(f"== folds by domain, {group}: {FOLDS} groups of publishers, then the whole with its interval over domains")
        result[group] = {}
        for heading, keys, marker in METRICS:
            by_domain = collections.defaultdict(list)
            for page in own:
                if marker in page:
                    by_domain[domains[page["id"]]].append(page)
            if len(by_domain) < FOLDS:
                continue
            scores = [
                measure([page for name in names for page in by_domain[name]], keys) for names in folds(by_domain)]
            whole = measure([page for name in by_domain for page in by_domain[name]], keys)
            low, high = interval(by_domain, keys)
            target = targets.get(group, {}).get(heading)
            verdict = f"  target {target:.3f}, met in {sum(score >= target for score in scores)} of {FOLDS}" if target else ""
            print(
                f"{heading:<11} {' '.join(f'{score:.3f}' for score in scores)}   {whole:.3f} [{low:.3f}, {high:.3f}]"
                f"  {len(by_domain)} domains{verdict}")
            result[group][heading] = scores
        print()
    return result
