"""What the index of words brings with it."""

import subprocess
import sys


def test_a_search_does_not_wait_for_numba() -> None:
    """Which may be installed for maps, and takes two seconds to import; it can still be imported afterwards."""
    code = "import sys, search.retrieve.lexical; print('numba' in sys.modules, sys.modules.get('numba', 'free'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False", "free"]
