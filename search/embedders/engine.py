"""What computes the local model's vectors."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.types import Vectors

Engine: TypeAlias = Callable[[NDArray[np.int32]], Vectors]
"""Token ids of texts of one length (n, t) to unit rows (n, 384); may be called by as many threads as are configured."""
