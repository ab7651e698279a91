"""What draws vectors as a map."""

import os

# Threads of OpenMP that spin while they wait take the cores from each other as soon as anything else runs: a layout of
# 1,000 points then takes 48 s instead of 3. It is read when scikit-learn or openTSNE is loaded, which is later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
