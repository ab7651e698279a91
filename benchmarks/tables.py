"""Write the tables of docs/benchmarks.md, and of docs/benchmarks-plain.md, from what the benchmarks kept.

    python -m benchmarks.tables [--check]

A table stands between `<!-- table: NAME -->` and `<!-- /table -->`; what is around it is written by hand.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from benchmarks.everything import BENCHMARKS
from benchmarks.markdown import Asked, Column, Goal, Goals, Grid, Result, Row, Table
from benchmarks.report import PLAIN, RESULTS, ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
PAGES = {PAGE: RESULTS, ROOT / "docs" / "benchmarks-plain.md": PLAIN}
"""The pages, and where the results of their tables are."""
MARKED = re.compile(r"(?<=<!-- table: )(?P<name>[\w.-]+)(?P<open> -->\n).*?(?P<close><!-- /table -->)", re.DOTALL)
ONCE, UNTIMED = "one run", "scores, not times"


def main() -> int:
    """Write the pages, or say which is not as the results have it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a page is not current")
    given = parser.parse_args()
    code = 0
    for file, results in PAGES.items():
        page = file.read_text(encoding="utf-8")
        new = written(page, results)
        if given.check and new != page:
            print(f"{file.name} is not what the results say: run python -m benchmarks.tables", file=sys.stderr)
            code = 1
        elif not given.check:
            file.write_text(new, encoding="utf-8")
    return code


def written(page: str, results: Path = RESULTS) -> str:
    """Return a page with its tables as the results have them.

    :raises KeyError: With a name that no table has.
    :raises FileNotFoundError: Without the result of a table.
    """
    tables = {table.name: table for table in TABLES}

    def one(found: re.Match[str]) -> str:
        table = tables[found["name"]]
        result = json.loads((results / f"{table.result}.json").read_text(encoding="utf-8"))
        return f"{found['name']}{found['open']}\n{table.markdown(result)}\n\n{found['close']}"

    return MARKED.sub(one, page)


def names(page: str) -> list[str]:
    """Return the tables of a page."""
    return [found["name"] for found in MARKED.finditer(page)]


# Rows


ENGINES = {
    "ours": ("**Nearhood**", "fp32"),
    "ours bf16": ("**Nearhood, `@bf16`**", "bf16"),
    "ours int8": ("**Nearhood, `@int8`**", "int8"),
    "sentence-transformers": ("sentence-transformers", "fp32"),
    "chroma": ("Chroma's default function", "fp32"),
    "onnxruntime": ("onnxruntime with an ordinary graph", "fp32"),
    "openvino": ("OpenVINO in fp32", "fp32"),
    "openvino bf16": ("OpenVINO in bf16", "bf16"),
    "ctranslate2": ("CTranslate2 in fp32", "fp32"),
    "ctranslate2 int8": ("CTranslate2 in int8", "int8"),
    "bare products": ("bare products in fp32", "a limit"),
    "bare products bf16": ("bare products in bf16", "a limit"),
}
"""Label, and whom ours is compared with: those of its precision."""


def engines(result: Result) -> list[Row]:
    """Return texts a second by engine."""
    rates = result["texts_a_second"]
    rows = [
        Row(label, {kind: rates[kind].get(name) for kind in rates}, group, name.startswith("ours"))
        for name, (label, group) in ENGINES.items()
    ]
    measured = [row for row in rows if any(value is not None for value in row.record.values())]
    asked = {"ours": ("the first", 2.5), "ours bf16": ("`@bf16`", 4)}
    return [*measured, *(_times(result, name, *of) for name, of in asked.items() if name in rates["words"])]


def _times(result: Result, name: str, label: str, least: float) -> Row:
    rates = result["texts_a_second"]
    times = {kind: rates[kind][name] / rates[kind]["sentence-transformers"] for kind in rates}
    asked = dict.fromkeys(rates, Goal(least=least)) if result["threads"] == 2 else {}
    return Row(f"{label}, times sentence-transformers", times, goals=asked)


def precisions(result: Result) -> list[Row]:
    """Return what vectors of each kind are worth, beside those of sentence-transformers."""
    return [
        Row(ENGINES[name][0], row, ENGINES[name][1], name.startswith("ours")) for name, row in result["quality"].items()
    ]


SERVICE = {
    "searches": {"per_second": Goal(least=150), "p99_ms": Goal(most=400)},
    "by vectors alone": {"per_second": Goal(least=150), "p99_ms": Goal(most=400)},
    "filters that keep 1 %": {"per_second": Goal(least=100), "p99_ms": Goal(most=400)},
    "beside an ingest": {"per_second": Goal(least=60), "p99_ms": Goal(most=1_000)},
}


def clients(result: Result) -> list[Row]:
    """Return what clients got of each kind of search."""
    return [
        Row(SHOWN.get(name, name), {**run, "seconds": run["searches"] / run["per_second"]}, goals=SERVICE[name])
        for name, run in result["runs"].items()
    ]


SHOWN = {"searches": "by words and vectors, as by default"}


def refusals(result: Result) -> list[Row]:
    """Return how soon each kind was refused, at the route where it took longest."""
    kinds: dict[str, dict[str, float]] = {}
    for name, row in result["refusals"].items():
        kind = kinds.setdefault(name.partition(" at ")[0], row)
        kinds[name.partition(" at ")[0]] = {of: max(row[of], kind[of]) for of in row}
    return [
        Row(
            f"`{name}`" if name[0] in ".%" else name,
            row,
            goals={of: Goal(most=row["asked_ms"]) for of in ("first_ms", "median_ms")},
        )
        for name, row in kinds.items()
    ]


TURNS = {
    "last turn": "the last turn alone",
    "joined": "all turns as one text",
    ".7/.15/.15": ".7 last, .15 first, .15 previous turn",
    "ours": "**ours**",
}
SETS = {"CAsT 2019": "CAsT 2019", "CANARD": "CANARD", "CANARD, bare": "CANARD without article and section"}


def follow_ups(result: Result) -> list[Row]:
    """Return the half that nothing was chosen on."""
    return [
        Row(
            f"{SETS[row['set']]}, {row['n']:,} turns: {TURNS[row['way']]}",
            row,
            row["set"],
            row["way"] == "ours",
            _asked_of(result, row),
        )
        for row in result["follow_ups"]
        if row["half"] == "test"
    ]


def _asked_of(result: Result, row: Result) -> dict[str, Goal]:
    asked = {of: result["asked"].get(f"{row['set']}, {of}") for of in ("cosine", "rank")}
    return {of: Goal(least=least) for of, least in asked.items() if least and row["way"] == "ours"}


PAIRS = {
    "role swaps (rolepairs)": "role swaps",
    "paraphrases (rolepairs)": "their paraphrases (false alarms)",
    "paraphrases (STS-B >= 4.5)": "STS-B of 4.5 and above (false alarms)",
    "contradictions (MNLI), not the same words": "MNLI contradictions of full overlap, texts not identical",
}


def cautions(result: Result) -> list[Row]:
    """Return the share of pairs with a caution, by half."""
    shares = {(row["pairs"], row["half"]): row["any"] for row in result["pairs"]}
    halves = ("developed", "held out", "all")
    return [Row(label, {half: shares[pairs, half] for half in halves}) for pairs, label in PAIRS.items()]


def drawings(result: Result) -> list[Row]:
    """Return maps, the methods of a size together."""
    return [
        Row(
            f"{one['points']:,}: {METHODS.get(one['method'], one['method'])}",
            # Others only draw, and then their wall time says nothing new.
            {**one, "wall_s": one.get("wall_s") if one["method"] == "nearhood" else one.get("failed")},
            str(one["points"]),
            one["method"] == "nearhood",
            _asked_of_map(one, result["asked"]) if one["method"] == "nearhood" else {},
        )
        for one in result["maps"]
    ]


METHODS = {"nearhood": "**ours**", "sklearn": "scikit-learn", "opentsne": "openTSNE", "umap": "umap-learn"}


def _asked_of_map(one: Result, asked: Result) -> dict[str, Goal]:
    wall, trust = (f"{of} at 100,000 points" for of in ("wall_s", "trustworthiness"))
    large = {"wall_s": Goal(most=asked[wall]), "trustworthiness": Goal(least=asked[trust])}
    return {"place_p50_ms": Goal(most=asked["place_p50_ms"]), **(large if one["points"] >= 100_000 else {})}


def clusters(result: Result) -> list[Row]:
    """Return ways to cluster, with what they reach on both."""
    found: dict[str, dict[str, dict[str, str | float]]] = {}
    for row in result["clusters"]["ways"]:
        found.setdefault(row["way"], {})[row["data"]] = row
    asked = {f"{data}/v_measure": Goal(least=result["asked"]["v_measure"]) for data in ("BBC news", "categories")}
    return [
        Row(
            f"**{way}**" if way == OURS else way,
            by,
            str(by["BBC news"]["told"]),
            way == OURS,
            asked if way == OURS else {},
        )
        for way, by in found.items()
        if "BBC news" in by
    ]


OURS = "communities, the default"


def retrieval(result: Result) -> list[Row]:
    """Return each set by mode."""
    sets = result["retrieval"]
    return [
        Row(f"{NAMES[name]}: {mode}", {of: scores[of]["value"] for of in scores}, name, mode == "hybrid")
        for name in sets
        for mode, scores in sets[name]["modes"].items()
    ]


NAMES = {"cran": "Cranfield", "med": "MED", "adi": "ADI"}


def peers(result: Result) -> list[Row]:
    """Return who answers one query."""
    return [
        Row(f"**{name}**" if name == "Nearhood" else name, row, "a limit" if "bare" in name else "", name == "Nearhood")
        for name, row in result["peers"].items()
    ]


def keys(result: Result) -> list[Row]:
    """Return both modes of the page's search."""
    labels = {"dense": "by meaning", "hybrid": "by meaning and words"}
    return [Row(label, result[mode]) for mode, label in labels.items()]


def files(result: Result) -> list[Row]:
    """Return ingests by the size of a file."""
    return [
        Row(
            f"{run['mib']:,} MiB",
            {**run, "whole": "yes" if run["whole"] else "no, interrupted"},
            goals={"memory_mib": Goal(most=1_024)},
        )
        for run in result["runs"]
    ]


def shown_maps(result: Result) -> list[Row]:
    """Return the maps that a browser drew."""
    return [
        Row(f"{one['points']:,}, {one['kind']}", one, goals={"cold_first_paint_s": FIRST[one["points"]]})
        if one["points"] in FIRST
        else Row(f"{one['points']:,}, {one['kind']}", one)
        for one in result["maps"]
    ]


def beside_maps(result: Result) -> list[Row]:
    """Return the maps of ours and of other libraries, those of as many points together."""
    return [
        Row(
            f"{one['points']:,}: {'**ours**' if one['name'] == 'Nearhood' else one['name']}"
            f"{', failed' if 'failed' in one else ''}",
            one,
            str(one["points"]),
            one["name"] == "Nearhood",
        )
        for one in result["maps"]
    ]


def durations(result: Result) -> list[Row]:
    """Return how long each benchmark took, and all of those that one command runs."""
    took = {one.name: result["seconds"][one.name] for one in BENCHMARKS if one.name in result["seconds"]}
    rows = [Row(f"`{name}`", {"minutes": seconds / 60}) for name, seconds in took.items()]
    for command, of_scale in (("make bench", False), ("make bench-scale", True)):
        of_bfloat16 = result["machine"].get("multiplies", "bfloat16").endswith("bfloat16")
        names = [one.name for one in BENCHMARKS if one.of_scale is of_scale and one.of_bfloat16 <= of_bfloat16]
        if all(name in took for name in names):
            rows.append(Row(f"**`{command}`**", {"minutes": sum(took[name] for name in names) / 60}))
    return rows


FIRST = {100_000: Goal(most=2), 1_000_000: Goal(most=5)}
"""What is asked of the first visit."""


# Tables


def beside(name: str, label: str, least: float) -> tuple[Asked, ...]:
    """Return what an ingest by a peer takes beside ours."""
    return (
        Asked(f"{label}: glosses", f"peers/{name}/glosses"),
        Asked(f"{label}: time, beside ours", f"peers/{name}/ratio", "x", Goal(least=least)),
        Asked(f"{label}: the processor's time, beside ours", f"peers/{name}/cpu_ratio", "x"),
    )


PEERS = (*beside("chroma", "Chroma's `add(documents=...)`", 5), *beside("txtai", "txtai, the same weights", 3))
WHOLE = (
    Asked("glosses", "whole/glosses"),
    Asked("wall time", "whole/ingest_s", "s"),
    Asked("that of embedding alone", "whole/embedding_alone_s", "s"),
    Asked("the first, beside the second", "whole/ratio", "x", Goal(most=1.5)),
    Asked("a second run of the same command", "whole/second_run_s", "s", Goal(most=3)),
    Asked("what that embeds", "whole/second_run_embedded", "", Goal(most=0)),
    Asked("memory, the process and its child together", "whole/memory_mib", "MiB", Goal(most=1_430)),
    Asked("disk", "whole/disk_mib", "MiB"),
    Asked("Chroma's index alone, as we set it", "index/nearhood_settings_s", "s"),
    Asked("Chroma's index alone, as it comes", "index/chroma_settings_s", "s"),
)
KINDS = (
    Column("words", "words", better="more"),
    Column("sentences of 12 tokens", "glosses", better="more"),
    Column("chunks of 200 tokens", "chunks", better="more"),
)
PAINTED = (
    Column("first paint", "first_paint_s", "s"),
    Column("the first since the server began", "cold_first_paint_s", "s"),
    Column("sent", "megabytes", "MB"),
    Column("frames a second while panning", "frames_per_s"),
    Column("click, median", "click_ms", "ms"),
    Column("worst of 15", "click_worst_ms", "ms"),
)
DRAWN = (
    Column("drawing", "drawing_s", "s", better="less"),
    Column("all", "wall_s", "s"),
    Column("processor", "cpu_s", "s"),
    Column("memory", "mib", "MiB", better="less"),
    Column("trustworthiness", "trustworthiness", better="more"),
    Column("continuity", "continuity", better="more"),
    Column("neighbours kept", "knn_recall", better="more"),
    Column("a text is placed in", "place_p50_ms", "ms"),
)
PANNED = (
    Column("first paint", "first_paint_s", "s", better="less"),
    Column("frames a second while panning", "frames_per_s", better="more"),
    Column("points in the last of them", "shown_while_moving", better="more"),
    Column("longest frame", "longest_frame_ms", "ms", better="less"),
    Column("click, median", "click_ms", "ms", better="less"),
    Column("worst of 15", "click_worst_ms", "ms", better="less"),
)
P50 = "milliseconds/{}/p50"
TABLES: tuple[Table, ...] = (
    Grid(
        name="everything",
        result="everything",
        command="make bench",
        runs=ONCE,
        rows=durations,
        columns=(Column("minutes", "minutes"),),
    ),
    Grid(
        name="embedding.1",
        result="embedding-1",
        command=".venv-bench/bin/python -m benchmarks.embedding --threads 1",
        first="texts a second, one thread",
        rows=engines,
        columns=KINDS,
    ),
    Grid(
        name="embedding.2",
        result="embedding-2",
        command="make bench-embedding",
        first="texts a second, two threads",
        rows=engines,
        columns=KINDS,
    ),
    Grid(
        name="embedding.quality",
        result="embedding-2",
        command="make bench-embedding",
        runs=UNTIMED,
        rows=precisions,
        columns=(
            Column("least cosine", "least cosine", better="more"),
            Column("Spearman, STS-B", "Spearman STS-B", better="more"),
            Column("nDCG@10, Cranfield", "nDCG@10 cran", better="more"),
            Column("MED", "nDCG@10 med", better="more"),
            Column("ADI", "nDCG@10 adi", better="more"),
            Column("the same ten, Cranfield", "same ten cran", "%", better="more"),
            Column("MED", "same ten med", "%", better="more"),
            Column("ADI", "same ten adi", "%", better="more"),
            Column("WordNet", "same ten WordNet", "%", better="more"),
            Column("of ten, WordNet", "of ten WordNet", "%", better="more"),
        ),
    ),
    Goals(
        name="wordnet",
        result="wordnet",
        command="python -m benchmarks.ingest --only wordnet",
        rows=WHOLE,
    ),
    Goals(
        name="ingest",
        result="ingest",
        command="python -m benchmarks.ingest --only peers",
        rows=PEERS,
    ),
    Goals(
        name="ingest.bf16",
        result="ingest-bf16",
        command="python -m benchmarks.ingest --embedder local:all-MiniLM-L6-v2@bf16 --only peers",
        rows=PEERS,
    ),
    Grid(
        name="memory",
        result="memory",
        command="python -m benchmarks.memory",
        first="text file",
        rows=files,
        columns=(
            Column("to its end", "whole"),
            Column("time", "wall_s", "s"),
            Column("passages", "passages"),
            Column("passages a second", "passages_per_s"),
            Column("memory, all processes", "memory_mib", "MiB"),
            Column("memory without children", "own_memory_mib", "MiB"),
            Column("disk", "disk_mib", "MiB"),
        ),
    ),
    Goals(
        name="cluster",
        result="cluster",
        command="make bench-cluster",
        rows=(
            Asked("glosses", "engines/glosses"),
            Asked("here alone", "engines/local", "s"),
            Asked("by Ray", "engines/ray", "s"),
            Asked("Ray's start", "engines/ray_start", "s"),
            Asked("texts a second, embedded by one core", "core/texts_per_second"),
            Asked("memory of a process that embeds", "core/process_mib", "MiB"),
            Asked("passages a second, committed", "writer/committed_per_second"),
            Asked("passages a second, put into Chroma's index", "writer/indexed_per_second"),
        ),
    ),
    Goals(
        name="search",
        result="search",
        command="python -m benchmarks.search",
        rows=(
            Asked("by meaning", P50.format("dense, 100,000 x 384"), "ms"),
            Asked("by words", P50.format("lexical, 100,000 x 384"), "ms"),
            Asked("by both", P50.format("hybrid, 100,000 x 384"), "ms"),
            *(
                Asked(f"a filter that keeps {n} %", P50.format(f"dense, a filter keeps {n} %"), "ms", Goal(most=20))
                for n in (92, 25, 1)
            ),
            *(
                Asked(
                    f"Chroma's `where` keeps {n} %, no embedding",
                    P50.format(f"Chroma's where keeps {n} %, no embedding"),
                    "ms",
                )
                for n in (92, 25, 1)
            ),
            Asked(
                "ranking alone, beside NumPy's bare product and partition",
                P50.format("ranking alone, no filter"),
                "x",
                Goal(most=1.5),
                over=P50.format("NumPy's bare product and partition"),
            ),
            Asked(
                "`nearhood search` from a cold start, 20,000 passages",
                P50.format("nearhood search, cold, 20,000 passages"),
                "ms",
                Goal(most=2_000),
            ),
            Asked(
                "`nearhood search` from a cold start, 100,000 passages",
                P50.format("nearhood search, cold, 100,000 passages"),
                "ms",
                Goal(most=3_000),
            ),
            Asked("`nearhood --help`", P50.format("nearhood --help"), "ms", Goal(most=300)),
        ),
    ),
    Grid(
        name="search.peers",
        result="search_peers",
        command="make bench-search-peers",
        rows=peers,
        columns=(Column("ms a query", "ms", better="less"), Column("recall@10", "recall", better="more")),
    ),
    Goals(
        name="large",
        result="large",
        command="python -m benchmarks.large",
        rows=(
            Asked("passages", "passages"),
            Asked("written to the ledger", "ledger_s", "s"),
            Asked("written to Chroma's index", "index_s", "s"),
            Asked("passages a second, index", "index_per_s"),
            Asked("memory while it is written, all processes", "writing_mib", "MiB", Goal(most=1_024)),
            Asked("disk", "disk_mib", "MiB"),
            Asked("all compared: the first answer after opening", "exact_first_answer_s", "s"),
            Asked("all compared, the query's vector given", "exact_p50_ms", "ms"),
            Asked("all compared, 99 of 100", "exact_p99_ms", "ms"),
            Asked("NumPy's bare product", "bare_p50_ms", "ms"),
            Asked("all compared: memory", "exact_mib", "MiB"),
            Asked("by Chroma's index: the first answer after opening", "hnsw_first_answer_s", "s"),
            Asked("by Chroma's index, ranked again", "hnsw_p50_ms", "ms"),
            Asked("by Chroma's index, 99 of 100", "hnsw_p99_ms", "ms"),
            Asked("by Chroma's index: memory, all processes", "hnsw_mib", "MiB"),
            Asked(
                "its recall of ten, for queries that are no passages", "hnsw_recall_of_queries", "", Goal(least=0.98)
            ),
            Asked("its recall of ten, as the list shows it", "hnsw_recall_shown"),
        ),
    ),
    Grid(
        name="quality",
        result="quality",
        command="python -m benchmarks.quality",
        runs=UNTIMED,
        rows=retrieval,
        columns=(Column("nDCG@10", "nDCG@10"), Column("Recall@100", "Recall@100"), Column("MRR@10", "MRR@10")),
    ),
    Grid(
        name="service",
        result="service",
        command="make bench-service",
        first="32 clients",
        rows=clients,
        columns=(
            Column("searches a second", "per_second"),
            Column("median", "p50_ms", "ms"),
            Column("99 of 100", "p99_ms", "ms"),
            Column("errors", "errors"),
            Column("time of a run", "seconds", "s"),
        ),
    ),
    Goals(
        name="consistency",
        result="consistency",
        command="python -m benchmarks.consistency",
        rows=(
            Asked("clients", "clients"),
            Asked("time", "seconds", "s"),
            Asked("searches", "searches"),
            Asked("files that came", "came"),
            Asked("files that went", "went"),
            Asked("answers that failed or were wrong", "wrong", "", Goal(most=0)),
        ),
    ),
    Grid(
        name="refusals",
        result="refusals",
        command="python -m benchmarks.refusals",
        rows=refusals,
        columns=(
            Column("first", "first_ms", "ms"),
            Column("median of the others", "median_ms", "ms"),
            Column("worst of them", "worst_ms", "ms"),
        ),
    ),
    Grid(
        name="follow_up",
        result="follow_up",
        command="python -m benchmarks.follow_up",
        runs=UNTIMED,
        rows=follow_ups,
        columns=(
            Column("cosine", "cosine", better="more"),
            Column("rank", "rank", better="more"),
            Column("overlap", "overlap", better="more"),
        ),
    ),
    Goals(
        name="ask",
        result="ask",
        command="python -m benchmarks.ask",
        runs=UNTIMED,
        rows=(
            Asked("the first sentence quoted holds the gold answer", "extractive/test/first", "", Goal(least=0.7)),
            Asked("one of the up to three does", "extractive/test/any"),
            Asked("the right paragraph is cited", "extractive/test/paragraph", "", Goal(least=0.9)),
        ),
    ),
    Goals(
        name="refusal",
        result="ask",
        command="python -m benchmarks.ask",
        runs=UNTIMED,
        rows=tuple(
            Asked(f"{hidden}: {label}", f"refusal/test/{hidden}/{path}", unit, goal)
            for hidden, goals in {
                "articles hidden": {"auroc": Goal(least=0.988), "false answers at 10 %": Goal(most=0.02)},
                "adversarial": {"auroc": Goal(least=0.73)},
            }.items()
            for label, path, unit, goal in (
                ("AUROC", "auroc", "", goals["auroc"]),
                ("AUROC of the cosine alone", "auroc of cosine", "", None),
                (
                    "false answers at 10 % false refusals",
                    "false answers at 10 %",
                    "%",
                    goals.get("false answers at 10 %"),
                ),
                ("false refusals at its own threshold", "false refusals", "%", None),
                ("false refusals by its own estimate", "its own false refusals", "%", None),
                ("false answers at its own threshold", "false answers", "%", None),
                ("false answers by its own estimate", "its own false answers", "%", None),
            )
        ),
    ),
    Goals(
        name="ask_times",
        result="ask_times",
        command="python -m benchmarks.ask_times",
        rows=(
            Asked("first words of an extractive answer", "measured/extractive_first_words_ms", "ms", Goal(most=300)),
            Asked("added to a chat model's first words", "measured/added_to_first_words_ms", "ms", Goal(most=50)),
            Asked("added to its whole answer", "measured/added_to_answer_ms", "ms", Goal(most=50)),
            Asked(
                "added to the first words of one that answers at once",
                "measured/added_to_first_words_ms_of_instant_model",
                "ms",
            ),
            Asked("added to its whole answer", "measured/added_to_answer_ms_of_instant_model", "ms"),
            Asked("the first question after a change, once", "measured/first_question_s", "s"),
        ),
    ),
    Grid(
        name="cautions",
        result="cautions",
        command="python -m benchmarks.cautions",
        runs=UNTIMED,
        first="pairs",
        rows=cautions,
        columns=(Column("looked at", "developed"), Column("unread", "held out"), Column("all", "all")),
    ),
    Grid(
        name="words.analogies",
        result="words",
        command="python -m benchmarks.words",
        runs=UNTIMED,
        first="section",
        rows=lambda result: [Row(one["section"], one) for one in result["analogies"]],
        columns=(
            Column("questions", "questions"),
            Column("terms", "terms"),
            Column("first", "first", "%"),
            Column("among 5", "among 5", "%"),
            Column("first, inputs counted", "first, inputs counted", "%"),
        ),
    ),
    Grid(
        name="words.odd",
        result="words",
        command="python -m benchmarks.words",
        runs=UNTIMED,
        first="terms",
        rows=lambda result: [Row(one["terms"], one) for one in result["odd"]],
        columns=tuple(
            Column(name, name, "%")
            for name in ("right", "clear", "right where clear", "right where not", "clear where none is odd")
        ),
    ),
    Goals(
        name="words.clusters",
        result="words",
        command="python -m benchmarks.words",
        runs=UNTIMED,
        rows=(
            Asked("words of eleven categories", "clusters/words"),
            Asked("clusters, the number chosen", "clusters/clusters"),
            Asked("their purity", "clusters/purity"),
            Asked("their V-measure", "clusters/v_measure"),
            Asked("V-measure of eleven, the mean left in", "clusters/v_measure of 11, mean left in"),
            Asked("V-measure of eleven, the mean taken away", "clusters/v_measure of 11, mean taken away"),
        ),
    ),
    Goals(
        name="words.duplicates",
        result="words",
        command="python -m benchmarks.words",
        runs=ONCE,
        rows=(
            Asked("glosses, each compared with all", "duplicates/passages"),
            Asked("the processor's time", "duplicates/cpu_s", "s"),
        ),
    ),
    Grid(
        name="maps",
        result="maps",
        command="python -m benchmarks.maps",
        first="glosses of WordNet",
        rows=drawings,
        columns=DRAWN,
    ),
    Grid(
        name="maps.large",
        result="maps-large",
        command="python -m benchmarks.maps --large",
        first="glosses of WordNet",
        rows=drawings,
        columns=DRAWN,
    ),
    Grid(
        name="clusters",
        result="maps",
        command="python -m benchmarks.maps --only clusters",
        runs=UNTIMED,
        rows=clusters,
        columns=(
            Column("told", "BBC news/told"),
            Column("BBC news: V", "BBC news/v_measure", better="more"),
            Column("adjusted Rand", "BBC news/rand", better="more"),
            Column("938 words of 11 categories: V", "categories/v_measure", better="more"),
            Column("adjusted Rand", "categories/rand", better="more"),
        ),
    ),
    Goals(
        name="probes",
        result="maps",
        command="python -m benchmarks.maps --only probes",
        runs=UNTIMED,
        rows=(
            Asked("accuracy", "probes/accuracy", "", Goal(least=0.93)),
            Asked("calibration error", "probes/ece", "", Goal(most=0.017)),
            Asked("calibration error before scaling", "probes/ece_unscaled"),
            Asked("sets of 95 % have the right outcome", "probes/coverage_of_95", "%", Goal(0.94, 0.96)),
        ),
    ),
    Grid(
        name="page",
        result="page",
        command="python -m benchmarks.page --data DIR",
        first="20,000 glosses",
        rows=keys,
        columns=(
            Column("keys", "keys"),
            Column("median", "median", "ms"),
            Column("95 of 100", "p95", "ms"),
            Column("worst", "worst", "ms"),
            Column("within 150 ms", "within 150", "%"),
        ),
    ),
    Grid(
        name="map_page",
        result="map_page",
        command="python -m benchmarks.map_page",
        first="points",
        rows=shown_maps,
        columns=PAINTED,
    ),
    Grid(
        name="map_page.large",
        result="map_page-large",
        command="python -m benchmarks.map_page --large",
        first="points",
        rows=shown_maps,
        columns=PAINTED,
    ),
    Grid(
        name="map_page.peers",
        result="map_page_peers",
        command="python -m benchmarks.map_page_peers",
        first="points",
        rows=beside_maps,
        columns=PANNED,
    ),
    Grid(
        name="map_page.peers.large",
        result="map_page_peers-large",
        command="python -m benchmarks.map_page_peers --large",
        first="points",
        rows=beside_maps,
        columns=PANNED,
    ),
)
"""What stands on the page, and how it is measured."""


if __name__ == "__main__":
    sys.exit(main())
