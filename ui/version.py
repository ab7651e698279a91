"""The version of this Nearhood."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Return it; 0 where it runs without being installed."""
    try:
        return version("nearhood")
    except PackageNotFoundError:
        return "0"
