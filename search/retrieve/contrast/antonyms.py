"""Common opposites, each side with its inflections, and the pairs of texts that differ by one."""

from collections.abc import Mapping
from types import MappingProxyType

from search.retrieve.contrast import lexicon
from search.retrieve.contrast.reading import Reading, overlap
from search.retrieve.contrast.words import stem

# Words on one side of '/' may each stand against each on the other.
_OPPOSITES = """

rise climb strengthen soar surge jump gain grow increase/fall drop decline plunge slump lose shrink decrease dip
up higher upward/down lower downward|raise lift boost/lower cut reduce slash
expand widen/shrink narrow contract|strengthen/weaken|improve/worsen deteriorate|more/less fewer
most/least|maximum maximal/minimum minimal|above/below|over/under|before/after|early earlier/late later
buy purchase/sell|lend/borrow|give/take receive|send/receive|import/export|win/lose|win/loss
victory/defeat|succeed/fail|success/failure|profit/loss|surplus/deficit
start begin open/stop end finish close|first/last|open/close shut|opening/closing
accept/reject refuse decline|approve/reject disapprove|allow permit/forbid ban prohibit|agree/disagree
confirm/deny|admit/deny|support back/oppose|favor favour/oppose|for/against|love like/hate dislike
praise/criticize blame condemn|remember/forget|arrive/depart leave|enter/exit leave|push/pull
attack/defend|create build/destroy demolish|add/subtract remove|include/exclude|include/omit
save/spend waste|save/lose|teach/learn|question/answer|ask/answer|hire employ/fire dismiss
guilty/innocent|convict/acquit|arrest/release|alive/dead|live/die|birth/death|born/die
hot warm/cold cool|hotter warmer/colder cooler|heat/cool|wet/dry|good/bad|good/evil|better/worse
best/worst|big large huge/small little tiny|bigger larger/smaller|long/short|longer/shorter|tall/short
taller/shorter|high/low|highest/lowest|deep/shallow|wide/narrow|thick/thin|fat/thin
fast quick rapid/slow|quickly/slowly|faster/slower|accelerate/slow|strong/weak weaken|stronger/weaker
hard/soft|hard difficult/easy|rich wealthy/poor|richer/poorer|cheap/expensive|cheaper/expensive
young/old|younger/older|new/old|modern/ancient|bright/dark|day/night|black/white|full/empty|clean/dirty
safe/dangerous unsafe|happy/sad|true/false|true/untrue|right/wrong|left/right|positive/negative
public/private|same/different|simple/complex complicated|presence/absence|present/absent|inside/outside
indoor/outdoor|indoors/outdoors|near/far|top/bottom|upper/lower|inner/outer|urban/rural|male/female
friend ally/enemy|war/peace|optimistic/pessimistic|ancestor/descendant|parent/child|employer/employee
husband/wife|north/south|east/west|northern/southern|eastern/western|forward/backward|ascend/descend
visible/invisible hidden|rough/smooth|sharp/blunt|sweet/bitter sour|brave/cowardly|abundant/scarce
rare/common|frequent/rare|frequently/rarely|often/rarely seldom|always/never|permanent/temporary
liquid/solid|dead/living|asleep/awake|sick ill/healthy|legal lawful/illegal unlawful|guest/host
majority/minority|lead/follow|lead/trail|connect attach/disconnect detach|lock/unlock|float/sink
freeze/melt|laugh smile/cry weep frown|encourage/discourage|deter/encourage|promote/demote
promote/prevent|cause/prevent|hire/resign|advance/retreat|embrace/shun|inhale/exhale|deposit/withdraw
tighten/loosen ease|superior/inferior|active/passive|voluntary/compulsory mandatory
optional/mandatory required|known/unknown|major/minor|senior/junior|internal/external|domestic/foreign
bull/bear|bullish/bearish|hawkish/dovish|boom/bust recession|inflation/deflation|ac/dc|input/output
inputs/outputs|antagonist/protagonist|offense/defense|introduce/abolish|ignite/extinguish|hide/reveal
appear/disappear|stay remain/leave
"""


def _index() -> Mapping[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for entry in _OPPOSITES.strip().replace("\n", "|").split("|"):
        left, right = ([stem(word) for word in side.split()] for side in entry.split("/"))
        for one in left:
            table.setdefault(one, set()).update(right)
        for other in right:
            table.setdefault(other, set()).update(left)
    return MappingProxyType({word: frozenset(opposites) for word, opposites in table.items()})


_OPPOSITE_OF = _index()
_ALIKE = 0.4
_WINDOW = 8
_NEAR = 2
_DENIED = 3
_DENYING = lexicon.NEGATIONS | {"less", "least"}
_FEW_WORDS = 2


def opposites(word: str) -> frozenset[str]:
    """Return the stems of the opposites of a stem: of 'fall', what 'rise' and 'climb' share."""
    return _OPPOSITE_OF.get(word, frozenset())


def antonym(x: Reading, y: Reading) -> str | None:
    """Say which opposites the texts differ by, when all else is near enough to be about the same."""
    places_x, places_y = _places(x), _places(y)
    for word, at in places_x.items():
        if word in places_y:
            continue
        for opposite in sorted(opposites(word) & places_y.keys()):
            if opposite not in places_x and _same_context(x, at, y, places_y[opposite]):
                return f"opposites: {x.words[at].text}, {y.words[places_y[opposite]].text}"
    return _moved(x, y, places_x, places_y) or _moved(y, x, places_y, places_x)


def _moved(x: Reading, y: Reading, places_x: Mapping[str, int], places_y: Mapping[str, int]) -> str | None:
    """Say which opposite stands in `y` where `x`, which has both, has the other one."""
    for word, at in places_x.items():
        for opposite in sorted(opposites(word) & places_x.keys()):
            if opposite in places_y and word not in places_y:
                around = _near(y, places_y[opposite])
                here, there = _near(x, at), _near(x, places_x[opposite])
                if len(around & here) > len(around & there):
                    return f"opposites: {x.words[at].text}, {x.words[places_x[opposite]].text}"
    return None


def _near(reading: Reading, at: int) -> set[str]:
    before = [w.stem for w in reading.words[max(0, at - _WINDOW) : at] if w.bears_meaning]
    after = [w.stem for w in reading.words[at + 1 : at + 1 + _WINDOW] if w.bears_meaning]
    return set(before[-_NEAR:] + after[:_NEAR])


def _places(reading: Reading) -> dict[str, int]:
    return {word.stem: at for at, word in enumerate(reading.words)}


def _same_context(x: Reading, at_x: int, y: Reading, at_y: int) -> bool:
    if _denied(x, at_x) != _denied(y, at_y):
        return False
    before_x, after_x = _around(x, at_x)
    before_y, after_y = _around(y, at_y)
    # 'A is above B' and 'B is below A' say the same.
    turned = bool(before_x & after_y and after_x & before_y) and not (before_x & before_y and after_x & after_y)
    if turned or max(x.stems.total(), y.stems.total()) <= _FEW_WORDS:
        return not turned
    return overlap(x, y) >= _ALIKE and not _near(x, at_x).isdisjoint(_near(y, at_y))


def _denied(reading: Reading, at: int) -> bool:
    return any(word.text in _DENYING for word in reading.words[max(0, at - _DENIED) : at])


def _around(reading: Reading, at: int) -> tuple[set[str], set[str]]:
    before, after = reading.words[max(0, at - _WINDOW) : at], reading.words[at + 1 : at + 1 + _WINDOW]
    return {w.stem for w in before if w.bears_meaning}, {w.stem for w in after if w.bears_meaning}
