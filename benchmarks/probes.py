"""Banking77's 77 kinds of questions as a probe: fitted on its first part, tried on its second."""

import time
from typing import Any

import numpy as np

from benchmarks.embedded import banking, vectors
from benchmarks.report import table
from search.latent.calibrate import calibration_error, log_loss, members, reliability, softmax
from search.latent.probe import fit


def probes() -> dict[str, Any]:
    """Return how often the probe is right, how far its confidence can be believed, and what its sets hold."""
    texts, labels = banking("train")
    held, truth = banking("test")
    rows, others = vectors("banking-train", texts), vectors("banking-test", held)
    started, cpu = time.perf_counter(), time.process_time()
    probe = fit("banking", "local", rows, labels, [str(i) for i in range(len(texts))], "category")
    took = {"wall_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    chances = softmax(probe.logits(others))
    right = np.array([probe.outcomes.index(label) for label in truth])
    inside = members(chances, probe.thresholds["0.95"])
    quality = probe.quality
    found = {
        "accuracy": float(np.mean(chances.argmax(axis=1) == right)),
        "log_loss": log_loss(chances, right),
        "ece": calibration_error(reliability(chances, right)),
        "ece_unscaled": calibration_error(reliability(softmax(probe.logits(others) * probe.temperature), right)),
        "coverage_of_95": float(np.mean(inside[np.arange(len(right)), right])),
        "set_size": float(inside.sum(axis=1).mean()),
        "said_accuracy": quality.accuracy if quality else None,
        "said_ece": quality.ece if quality else None,
        "penalty": probe.penalty,
        "temperature": probe.temperature,
        **took,
    }
    table("Banking77, its test part", list(found), [list(found.values())])
    return found
