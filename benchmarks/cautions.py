"""How many differences the cautions see, and how often they cry wolf: recall, false alarms and time, by half.

The rules were written looking at the even-numbered pairs; the odd-numbered ones were counted now and then, never read.
"""

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

from benchmarks.report import TESTDATA, keep, machine
from search.retrieve.caution import cautions
from search.retrieve.contrast.roles import roles_of
from search.retrieve.contrast.words import tagged

PARAPHRASE_SCORE = 4.5

Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """The share of a set's pairs that get a caution."""

    pairs: str
    half: str
    n: int
    any: float
    kinds: Mapping[str, float]
    ms: float
    """Mean time a pair."""


def main() -> int:
    """Print the table and write it as JSON."""
    if not TESTDATA.is_dir():
        print(f"no test data at {TESTDATA}: set NEARHOOD_TESTDATA", file=sys.stderr)
        return 1
    rows = [row for name, pairs in sets().items() for row in measure(name, pairs)]
    print(f"{'pairs':44}{'half':10}{'n':>5}{'any':>8}{'ms':>7}  kinds")
    for row in rows:
        kinds = "  ".join(f"{kind} {share:.3f}" for kind, share in row.kinds.items())
        print(f"{row.pairs:44}{row.half:10}{row.n:5}{row.any:8.3f}{row.ms:7.2f}  {kinds}")
    keep("cautions", {"machine": machine(), "pairs": list(map(asdict, rows))})
    return 0


def sets() -> dict[str, list[tuple[int, Pair]]]:
    """Return the sets by name; the last two say the same, the others differ."""
    swaps = json.loads((TESTDATA / "rolepairs" / "swap_obj.json").read_text(encoding="utf-8"))
    contradictions = list(mnli_contradictions())
    return {
        "role swaps (rolepairs)": [
            (at, (swap["caption"], swap["negative_caption"]))
            for at, swap in enumerate(swaps)
            if swap["caption"] != swap["negative_caption"]
        ],
        "not entailed (MNLI), all labels": [(at, pair) for at, pair, _ in contradictions],
        "contradictions (MNLI)": [(at, pair) for at, pair, label in contradictions if label == "contradiction"],
        "contradictions (MNLI), not the same words": [
            (at, pair)
            for at, pair, label in contradictions
            if label == "contradiction" and letters(pair[0]) != letters(pair[1])
        ],
        "paraphrases (rolepairs)": [(at, (swap["caption"], swap["caption2"])) for at, swap in enumerate(swaps)],
        f"paraphrases (STS-B >= {PARAPHRASE_SCORE})": list(enumerate(sts_paraphrases())),
    }


def mnli_contradictions() -> Iterable[tuple[int, Pair, str]]:
    """Yield MNLI pairs of full word overlap that are not entailed, with their label."""
    text = (TESTDATA / "hans-mnli-contradicting" / "mnli_contradicting_examples").read_text(encoding="utf-8")
    for at, line in enumerate(filter(str.strip, text.split("\n"))):
        premise, hypothesis, label = line.split("\t")
        yield at, (premise, hypothesis), label


def sts_paraphrases() -> Iterable[Pair]:
    """Yield the pairs of STS-B that people called equivalent."""
    for part in ("train", "dev"):
        with (TESTDATA / "stsb" / f"stsb-en-{part}.csv").open(encoding="utf-8", newline="") as file:
            for first, second, score in csv.reader(file):
                if float(score) >= PARAPHRASE_SCORE:
                    yield first, second


def letters(text: str) -> str:
    """Return a text's letters and digits; pairs that share them all differ in nothing a rule could see."""
    return "".join(filter(str.isalnum, text.lower()))


def measure(name: str, pairs: Sequence[tuple[int, Pair]]) -> Iterable[Row]:
    """Yield a row for the pairs developed on, those held out, and all."""
    yield row(name, "developed", [pair for at, pair in pairs if at % 2 == 0])
    yield row(name, "held out", [pair for at, pair in pairs if at % 2 == 1])
    yield row(name, "all", [pair for _, pair in pairs])


def row(name: str, half: str, pairs: Sequence[Pair]) -> Row:
    """Return the shares of some pairs, and the milliseconds of one whose texts have not been read before."""
    # What was read for the row before would be had for nothing.
    tagged.cache_clear()
    roles_of.cache_clear()
    started = time.perf_counter()
    found = [cautions(a, b) for a, b in pairs]
    ms = 1000 * (time.perf_counter() - started) / len(pairs)
    kinds: Counter[str] = Counter(caution.kind for some in found for caution in some)
    shares = {kind: round(count / len(pairs), 4) for kind, count in kinds.most_common()}
    return Row(name, half, len(pairs), round(sum(map(bool, found)) / len(pairs), 4), shares, round(ms, 3))


if __name__ == "__main__":
    sys.exit(main())
