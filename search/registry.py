"""Tables from a name to the object that stands behind it, imported only when asked for."""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from search.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Table:
    """Names of one kind of thing: our own rows, and the entry points of other distributions."""

    what: str
    """The kind, as an error message calls it."""
    group: str
    """The entry point group in which others bring their own."""
    rows: dict[str, str]
    """Name to `module:attribute`."""

    def names(self) -> list[str]:
        """Return all names, ours first."""
        return [*self.rows, *(e.name for e in entry_points(group=self.group) if e.name not in self.rows)]

    def __contains__(self, name: object) -> bool:
        """Return whether a row has this name: others' are looked up only where it is none of ours."""
        return name in self.rows or name in self.names()

    def load(self, name: str) -> Any:  # noqa: ANN401 - each table holds another type
        """Import what the name stands for.

        :raises UnknownNameError: When no row has this name.
        """
        if name in self.rows:
            module, _, attribute = self.rows[name].partition(":")
            return getattr(import_module(module), attribute)
        for entry in entry_points(group=self.group, name=name):
            return entry.load()
        raise UnknownNameError(self.what, name, self.names())


EMBEDDERS = Table(
    "embedder",
    "nearhood.embedders",
    {
        "local": "search.embedders.local:LocalEmbedder",
        "openai": "search.embedders.openai:OpenAIEmbedder",
        "hf": "search.embedders.hf:HuggingFaceEmbedder",
    },
)

CHAT_MODELS = Table("chat model", "nearhood.chat_models", {"openai": "search.chat.openai:OpenAIChat"})

PROJECTIONS = Table(
    "projection",
    "nearhood.projections",
    {name: f"search.latent.projections:{name}" for name in ("tsne", "umap", "pca")},
)

CLUSTERINGS = Table(
    "clustering",
    "nearhood.clusterings",
    {name: f"search.latent.clusters:by_{name}" for name in ("communities", "hdbscan", "kmeans")},
)
