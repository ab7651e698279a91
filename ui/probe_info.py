"""What goes over the wire of a probe."""

from dataclasses import dataclass

from search.latent.quality import Quality


@dataclass(frozen=True, slots=True)
class ProbeInfo:
    """What is known of a probe; its weights stay where they are."""

    name: str
    embedder: str
    outcomes: tuple[str, ...]
    temperature: float
    penalty: float | None
    thresholds: dict[str, float]
    quality: Quality | None
    label: str
