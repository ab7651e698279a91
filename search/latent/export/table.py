"""Maps as JSON, as Parquet, and as the Embedding Projector reads them."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from search.errors import NotConfiguredError
from search.latent.map import LatentMap
from search.types import Vectors

_COLUMNS = ("id", "source", "cluster", "label", "trust", "wobble", "color", "text")
_SPACE = str.maketrans("\t\r\n", "   ")


def as_json(file: Path, drawn: LatentMap) -> None:
    """Write a map as one object."""
    file.write_text(json.dumps(asdict(drawn), ensure_ascii=False), encoding="utf-8", errors="surrogatepass")


def parquet(file: Path, drawn: LatentMap) -> None:
    """Write a row for each point, and what the map is into the file's metadata.

    :raises NotConfiguredError: Without pyarrow.
    """
    try:
        pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise NotConfiguredError(
            "Parquet needs pyarrow: run pip install 'nearhood[tables]', or name a .json file"
        ) from error
    kinds = {
        "id": pa.string(), "x": pa.float32(), "y": pa.float32(), "z": pa.float32(), "cluster": pa.int64(),
        "part": pa.int64(), "trust": pa.float32(), "wobble": pa.float32(), "placed": pa.bool_(),
        "color": pa.string(), "source": pa.string(), "text": pa.string(),
    }  # fmt: skip
    columns = [pa.array([_plain(getattr(p, name)) for p in drawn.points], kind) for name, kind in kinds.items()]
    about = {key: value for key, value in asdict(drawn).items() if key != "points"}
    schema = pa.schema(list(kinds.items()), metadata={"nearhood": json.dumps(about)})
    pq.write_table(pa.table(columns, schema=schema), file)


def vectors(file: Path, rows: Vectors) -> None:
    """Write a line of tab-separated numbers for each unit row."""
    with file.open("w", encoding="utf-8") as out:
        out.writelines("\t".join(f"{value:.7g}" for value in row) + "\n" for row in rows.tolist())


def metadata(file: Path, drawn: LatentMap) -> None:
    """Write a head and a line for each point, in the order of the vectors."""
    with file.open("w", encoding="utf-8", errors="replace") as out:
        out.writelines("\t".join(values) + "\n" for values in _lines(drawn))


def _lines(drawn: LatentMap) -> Iterator[list[str]]:
    labels = {one.id: one.label for one in drawn.clusters}
    yield list(_COLUMNS)
    for p in drawn.points:
        label = "" if p.cluster is None else labels.get(p.cluster, "")
        values = (p.id, p.source, p.cluster, label, p.trust, p.wobble, p.color, p.text)
        yield ["" if value is None else str(value).translate(_SPACE) for value in values]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a point holds
    # Arrow takes no half of a surrogate pair.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
