"""Keeps Gradio from making stubs of its components each time it is imported.

It reads, parses and prints the source of each of them to write `.pyi` files beside it, which only editors read: 40 % of
its import, and one that two servers which start together do at once, in a folder that may not be theirs.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_MODULE, _FUNCTION = "gradio.component_meta", "create_or_modify_pyi"


class _Without(Loader):
    """Loads the module as it is, but for that function."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        if hasattr(module, _FUNCTION):
            setattr(module, _FUNCTION, _nothing)


class _Finder(MetaPathFinder):
    """Finds that one module, once."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Without(spec.loader)
        return spec


def make_none() -> None:
    """Have none made. To be called before Gradio is imported."""
    if _MODULE not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _nothing(*_: object) -> None:
    """Make no stub."""
