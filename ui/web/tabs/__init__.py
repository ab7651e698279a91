"""One file a tab: each lays out its components and wires them."""
