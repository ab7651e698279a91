"""Where the index is: in a folder beside the ledger, on a Chroma server, or in Chroma Cloud."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from search.errors import InvalidInputError, NotConfiguredError
from search.settings import Settings

CLOUD = "cloud"
CLOUD_URL = "https://api.trychroma.com"
TENANT, DATABASE = "default_tenant", "default_database"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold."""

    write: int = 5_000
    """Records of one write or delete; Chroma takes at most 5,461."""
    read: int = 5_000
    """Records that are returned."""
    document_bytes: int | None = None
    """Longer texts are cut in the index; the ledger has them whole."""
    id_bytes: int | None = None
    """Longer ids are replaced by a digest."""
    value_bytes: int | None = None
    """Longer values of the metadata are cut."""
    keys: int | None = None
    """Fields of the metadata; others are left out."""


ROOMY = Limits()
CLOUDY = Limits(write=300, read=300, document_bytes=16_384, id_bytes=128, value_bytes=4_096, keys=32)
"""Chroma Cloud's quotas as they were in November 2026."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the index is."""

    folder: Path
    """Beside the ledger; nothing is written there where the index is elsewhere."""
    url: str = ""
    """Of a server; empty for the folder."""
    is_cloud: bool = False
    tenant: str = ""
    database: str = ""
    key: str = field(default="", repr=False)

    @property
    def is_folder(self) -> bool:
        """Whether the index is in a folder of its own."""
        return not self.url

    @property
    def limits(self) -> Limits:
        """What one request may hold."""
        return CLOUDY if self.is_cloud else ROOMY

    @property
    def name(self) -> str:
        """What messages call it, without the key."""
        return str(self.folder) if self.is_folder else f"{self.url} ({self.tenant or '?'}/{self.database or '?'})"

    def to_json(self) -> str:
        """Return all but the key, for a process that inherits it."""
        return json.dumps({**asdict(self), "folder": str(self.folder), "key": ""})

    @classmethod
    def from_json(cls, text: str, key: str) -> "Site":
        """Return what `to_json` wrote."""
        values = json.loads(text)
        return cls(**{**values, "folder": Path(values["folder"]), "key": key})


def site(settings: Settings) -> Site:
    """Return where the settings put the index.

    :raises InvalidInputError: For an address that is none.
    :raises NotConfiguredError: For Chroma Cloud without a key.
    """
    folder = settings.data / "chroma"
    if not settings.chroma:
        return Site(folder)
    if settings.chroma == CLOUD or settings.chroma.startswith(f"{CLOUD}:"):
        return _cloud(folder, settings)
    tenant, database = settings.chroma_tenant or TENANT, settings.chroma_database or DATABASE
    return Site(folder, _address(settings.chroma), tenant=tenant, database=database)


def _cloud(folder: Path, settings: Settings) -> Site:
    key = (settings.chroma_api_key or "").strip()
    if not key:
        raise NotConfiguredError("there is no key for Chroma Cloud: set CHROMA_API_KEY")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidInputError("CHROMA_API_KEY has characters that no key has: copy it again")
    url = _address(settings.chroma.partition(":")[2] or CLOUD_URL)
    tenant, database = settings.chroma_tenant, settings.chroma_database
    return Site(folder, url, is_cloud=True, tenant=tenant, database=database, key=key)


def _address(url: str) -> str:
    """Return an address as scheme, host and port."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 8000, "https": 443}.get(parts.scheme)
    except ValueError:
        parts, port = urlsplit(""), None
    if port is None or not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
        # It may hold a password, so it is not repeated.
        raise InvalidInputError("NEARHOOD_CHROMA must be an address such as http://localhost:8000, or cloud")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}"
