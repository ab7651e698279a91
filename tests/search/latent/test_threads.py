"""Matrix products that go by one thread for a while."""

from contextlib import ExitStack

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from search.latent.threads import one_thread


def _threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_the_last_one_out_lifts_the_limit() -> None:
    """However their times overlap, products have all threads again afterwards."""
    np.eye(2) @ np.eye(2)
    with threadpool_limits(2, "blas"):
        first, second = ExitStack(), ExitStack()
        first.enter_context(one_thread())
        second.enter_context(one_thread())
        first.close()
        assert _threads() == {1}
        second.close()
        assert _threads() == {2}
