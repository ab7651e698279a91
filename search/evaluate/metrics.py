"""Scores rankings with ir-measures, query by query."""

from collections.abc import Mapping, Sequence

import numpy as np
from ir_measures import RR, R, Success, iter_calc, nDCG
from numpy.typing import NDArray

DEPTH = 100
"""Places of a ranking that any of the metrics looks at."""
_METRICS = {
    "nDCG@10": nDCG @ 10,
    "Recall@100": R @ 100,
    "MRR@10": RR @ 10,
    "Success@1": Success @ 1,
    "Success@10": Success @ 10,
}


def score(
    relevant: Sequence[Mapping[str, int]], rankings: Sequence[Sequence[str]], metrics: Sequence[str]
) -> NDArray[np.float64]:
    """Return each query's score by each metric, (queries, metrics).

    :param relevant: For each query the ids that answer it, with how well: above 0.
    :param rankings: For each query the ids that were found, best first.
    """
    columns = {_METRICS[name]: column for column, name in enumerate(metrics)}
    judged = {str(i): dict(ids) for i, ids in enumerate(relevant)}
    # By place and not by similarity, since the library has an order of its own for equal ones.
    runs = {str(i): {id_: -place for place, id_ in enumerate(ids)} for i, ids in enumerate(rankings) if ids}
    found = np.zeros((len(relevant), len(metrics)))
    for value in iter_calc(list(columns), judged, runs):
        found[int(value.query_id), columns[value.measure]] = value.value
    return found
