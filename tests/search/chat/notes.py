"""Notes about a village and a harbour that nobody else has written, and a collection of them."""

from collections.abc import Mapping, Sequence

from search.embedders.base import Embedder
from search.store.collection import Collection
from search.store.ledger import Record, vector_key
from search.store.store import Store
from search.types import Passage

_TEXT = """
# bakery.md

The bakery in Mill Street was opened by Ida Lindqvist in 1923. She baked rye bread in a brick oven that her father
had built behind the house. The oven was fired with birch wood from the forest above the lake.

During the winter of 1941 flour was rationed, and the bakery sold only two loaves to each family a week. People
stood in line before sunrise to get a loaf that was still warm.

# harbour.md

The harbour has room for forty fishing boats and three ferries. A stone pier protects it from the storms that come
from the west in autumn. The pier was raised by one metre after the flood of 1987.

Herring is landed in the harbour from May until September. The harbour master, Olof Berg, weighs every catch and
writes it into a green book that is kept in his office.

# school.md

The village school has sixty pupils and four teachers. Lessons begin at eight in the morning, and a bus brings the
children from the farms on the northern shore.

In the school garden the younger pupils grow carrots, beans and sunflowers. The oldest class keeps bees and sells
the honey at the market to pay for a journey to the capital.

# lighthouse.md

The lighthouse on Gull Island was lit for the first time in 1868. Its lamp burned rape oil until electricity reached
the island through a cable under the sea.

The last keeper of the lighthouse, Maria Holm, left the island when the lamp was automated. She painted more than
two hundred pictures of birds during her years there.

# railway.md

The narrow railway carried iron ore from the mine to the harbour for fifty years. Each train had twelve wagons and
was drawn by a small steam engine that the workers called Anna.

When the mine was closed, the rails were sold to a sugar factory in the south. Today a cycle path follows the old
line through two tunnels.

# orchard.md

The orchard behind the vicarage has ninety apple trees of eleven kinds. The oldest tree was planted by a priest who
had brought the seedling from Bohemia in his coat.

Apples are pressed in October in the old cider house. The juice is heated, filled into bottles and stored in a
cellar under the church.

# clinic.md

The doctor visits the clinic on Tuesdays and Fridays. Nurse Elin Sand gives vaccinations against influenza in
November, and measures blood pressure without an appointment.

A helicopter takes patients with heart attacks to the hospital in Norrby within twenty minutes. The landing place
beside the clinic is cleared of snow all winter.

# theatre.md

The theatre society performs a comedy in the barn every summer. The costumes are sewn from old curtains, and the
audience sits on bales of straw.

In 1996 lightning struck the barn during a performance. Nobody was hurt, since the actors led the audience out
through the stable in two minutes.

# forest.md

Wolves returned to the forest above the lake eight years ago. Two packs have been counted by the ranger, who follows
their tracks in the snow with a dog called Pim.

Mushrooms grow in the forest after the rains of August. Chanterelles are found under spruce, and the ranger warns of
the death cap, which has killed a visitor.

# museum.md

The museum in the old customs house shows nets, anchors and the model of a schooner. Its most valuable piece is a
compass that belonged to the polar explorer Nils Strand.

Entrance to the museum costs six crowns, and children pay nothing. The guide tells visitors how smugglers hid coffee
in hollow bibles during the blockade.

# mill.md

The watermill ground barley and oats for eleven farms. Its wheel is five metres wide and was carved from oak by a
carpenter who was blind in one eye.

A flood carried away the bridge beside the watermill in the spring of 1952. The miller crossed the river in a tub
for a month until soldiers built a new one.

# observatory.md

The observatory on the hill was founded by a merchant who had made his fortune with tar. Its telescope has a lens of
thirty centimetres that was ground in Jena.

A comet was discovered from the observatory by the gardener, Jonas Ek, who swept the sky after work. The comet comes
back every seventy years and bears his name.
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """Return the passages of each source."""
    found: dict[str, tuple[str, ...]] = {}
    for block in text.strip().split("\n\n"):
        if block.startswith("# "):
            source = block.removeprefix("# ")
            found[source] = ()
        else:
            found[source] = (*found[source], " ".join(block.split()))
    return found


NOTES: Mapping[str, Sequence[str]] = _read(_TEXT)


def collection(
    store: Store, embedder: Embedder, notes: Mapping[str, Sequence[str]] = NOTES, name: str = "notes"
) -> Collection:
    """Put notes into a store, each text a passage of its source."""
    made = store.create(name, embedder.id, embedder.dimension)
    for source, texts in notes.items():
        store.begin_source(made, source)
        keys = [vector_key(embedder.id, text) for text in texts]
        records = [
            Record(Passage(f"{source}-{place}", source, place, text, 0, len(text)), key)
            for place, (text, key) in enumerate(zip(texts, keys, strict=True))
        ]
        store.put(made, records, keys, embedder.embed_documents(texts), tokens=0)
        store.finish_source(made, source, "digest", len(texts))
    return store.collection(name)
