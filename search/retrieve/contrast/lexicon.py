"""The closed classes of English and its irregular forms: what the rules know about words."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType


def words(text: str) -> frozenset[str]:
    """Return the set of the words in a table."""
    return frozenset(text.split())


DETERMINERS = words(
    "a an the this these those his her its their my your our whose some any each every another other both no"
    " several such half enough various all"
)
PRONOUNS = words(
    "i you he she it we they me him us them myself yourself himself herself itself ourselves themselves"
    " there here someone somebody anyone anybody everyone everybody everything something anything"
    " nobody nothing none mine yours hers ours theirs others"
)
BE = words("be am is are was were been being 're 'm")
AUXILIARIES = words(
    "have has had having do does did will would shall should can could may might must ought 'll 've 'd"
    " get gets got getting wo ca"
)
COORDINATORS = words("and or nor & plus")
RELATIVES = words("that which who whom where")
SUBORDINATORS = RELATIVES | words(
    "while as when whenever because if unless although though whereas since until but so yet then whether how why what"
)
ADVERBS = words(
    "again ahead almost already also always apart away back currently down else even ever far film hardly "
    "however just least less maybe more most n't nearly never not now off often once only out perhaps "
    "please quite rather really respectively simultaneously sometimes soon still today together tomorrow "
    "too twice up very visible well yesterday "
)
LY_NOUNS = words("family belly jelly italy july supply ally butterfly dragonfly reply bully lily assembly monopoly")
PREPOSITIONS = words(
    "of in on at by for with from to into onto over under above below beneath underneath behind beside besides"
    " between among through across against along past toward towards near inside outside within without upon"
    " via per during before after around about off down up out atop alongside amid opposite beyond despite"
    " like except throughout including featuring next than due before-place left-of right-of north-of"
    " south-of east-of west-of at-least at-most far-from"
)

AUXILIARY_NOUNS = words("can will might must being having do")
"""Auxiliaries that are nouns after a determiner: 'a can of soup'."""

NEGATIONS = words(
    "not n't never no none nobody nothing nowhere neither nor without hardly scarcely barely rarely seldom unable"
    " unless nay non far-from"
)

_IRREGULAR = """
be am is are was were been being|have has had|do does did done|go goes went gone|say said|make made|take took taken
come came|see saw seen|know knew known|get got gotten|give gave given|find found|think thought|tell told
become became|show shown|leave left|feel felt|bring brought|begin began begun|keep kept|hold held
write wrote written|stand stood|hear heard|mean meant|meet met|run ran|pay paid|sit sat|speak spoke spoken
lie lay lain|lead led|grow grew grown|lose lost|fall fell fallen|send sent|build built|understand understood
draw drew drawn|break broke broken|spend spent|rise rose risen|drive drove driven|buy bought|wear wore worn
choose chose chosen|eat ate eaten|sell sold|catch caught|fly flew flown|throw threw thrown|ride rode ridden
win won|fight fought|teach taught|bite bit bitten|swim swam swum|sing sang sung|drink drank drunk|steal stole stolen
sink sank sunk|shoot shot|seek sought|feed fed|forget forgot forgotten|forgive forgave forgiven|hide hid hidden
hang hung|sleep slept|wake woke woken|lend lent|strike struck stricken|swing swung|beat beaten|bend bent
blow blew blown|freeze froze frozen|shake shook shaken|tear tore torn|weave wove woven|lay laid|learn learnt
burn burnt|dream dreamt|light lit|slide slid|spin spun|sweep swept|swear swore sworn|withdraw withdrew withdrawn
shrink shrank shrunk|spring sprang sprung|stick stuck|sting stung|bear bore borne|arise arose arisen
child children|man men|woman women|foot feet|tooth teeth|mouse mice|goose geese|leaf leaves|knife knives
wife wives|life lives|wolf wolves|shelf shelves|half halves|loaf loaves|thief thieves|calf calves
people persons individuals humans|person individual human|kid kids|good better best|bad worse worst
"""
IRREGULAR: Mapping[str, str] = MappingProxyType(
    {
        form: forms[0]
        for forms in (entry.split() for entry in _IRREGULAR.replace("\n", "|").split("|"))
        for form in forms[1:]
    }
)

IRREGULAR_PARTICIPLES = words(
    "done gone said made taken seen known given found told shown left brought begun kept held written heard met"
    " run paid spoken led grown lost fallen sent built understood drawn broken spent risen driven bought worn"
    " chosen eaten sold caught flown thrown ridden won fought taught bitten swum sung drunk stolen sunk shot"
    " sought fed forgotten forgiven hidden hung woken lent struck stricken swung beaten bent blown frozen shaken"
    " torn woven laid lit swept sworn withdrawn stuck stung borne hit cut put set hurt read split shut cast let"
    " spread bound ground fought"
)

VERBS = words(
    "abandon absorb accept accompany accuse achieve acquire add adjoin adjust admire admit adopt adore "
    "advise affect agree aid aim alarm allow alter amuse analyze announce annoy answer appear apply "
    "appoint appreciate approach approve argue arise arrange arrest arrive ask assess assign assist "
    "assume assure attach attack attempt attend attract avenge avoid awake award bake ban bathe beat "
    "become beg behave believe belong bend betray bite blame block blow boil boost border borrow bother bounce "
    "break breathe bring build bully bump burn bury buy call calm cancel capture care carry carve catch "
    "cause cease celebrate challenge change chase cheat check cheer chew choose chop clap clean climb "
    "close collapse collect come comfort commit compare complain complete conclude conduct confirm "
    "confront confuse connect conquer consider contact contain contribute control convert convince cook "
    "correct cover crash crawl create criticize cross crush cry cure curse cut damage dance dare decide "
    "declare decorate decrease dedicate defeat defend delay deliver demonstrate deny depend describe "
    "deserve desire destroy detect determine develop devour die dig dine direct disappoint discover "
    "discuss dislike dismiss display distract distribute divide do dominate donate drag draw drink drive "
    "drop drown dry earn eat educate elect eliminate embrace emerge employ enable encourage endorse enjoy "
    "equal enter entertain escape escort establish estimate evaluate evolve examine exceed exchange exclude "
    "excuse exist expand expect experience explain exploit explore export express extend face fail fall "
    "fear feature feed feel fetch fight fill film find finish fix flee float flow fly fold follow forbid "
    "force forget forgive freeze frighten frustrate gain gather generate get give glance go govern grab "
    "graze greet grind grow guard guess guide hang happen harm hate have heal hear help hesitate hide "
    "hire hit hold hug hunt hurt identify ignore illustrate imagine impact implement imply import impress "
    "improve include increase indicate infect influence inform inherit inhibit injure inspect inspire "
    "insult insure intend interrupt interview introduce invade invent invest investigate invite involve "
    "join judge jump keep kick kill kiss knit knock know lack laugh launch lay lead lean leap learn leave "
    "lecture lend let lick lie lift like listen load look lose love lower maintain make manage marry meet "
    "melt mention merge miss mix mock move mow murder need neglect nominate notice obey observe obtain "
    "occupy occur offend offer open oppose order organize outnumber outperform outrank overlook overtake "
    "overthrow owe own paint park pass pat pause pay peel perform permit persuade phone photograph pick "
    "place play plunge point possess postpone pour praise precede predict prefer prepare prescribe "
    "present pretend prevent print proceed produce promise promote propose protect prove provide provoke "
    "publish pull pump punish purchase pursue push put quit raise reach react read realize rebuild "
    "receive recognize recommend record reduce refer reflect refuse regret regulate reign reject relate "
    "relax release rely remain remember remove repair repeat replace reply represent request require "
    "rescue resemble resign resist resolve respect respond rest restore restrict retire return reveal "
    "ride rise rob roll rub ruin rule run sack sail satisfy save say scare scold scratch scream search "
    "secure see seek sell send separate serve settle shake shave shift shine shoot shout show shrink shut "
    "sing sink sit skate ski skip slap sleep slice slide smash smell smile snatch sniff solve spare speak "
    "spend spill spoil spray spread squeeze stab stand stare start stay steal stir stop strengthen "
    "stretch strike struggle study submit succeed sue suffer suggest supervise support suppose surf "
    "surpass surprise surrender surround survive suspect suspend sustain swat swear sweep swim swing "
    "sympathize tackle take talk taste teach tease telephone tell tempt tend thank think threaten throw "
    "tilt touch tow trace trade trail transfer transform translate transport travel treat trigger trust "
    "try tug turn twist undergo undermine understand unite unload upset urge use vanish vary visit vote "
    "wag wait wake walk wander want warm warn wash waste watch weaken wear weep weigh welcome whip "
    "whisper win wink wipe wonder work worry wrap wreck wrestle write yawn yell "
)

SYMMETRIC_VERBS = words(
    "adjoin agree argue border coincide collaborate collide compete converse cooperate correlate differ disagree"
    " divorce equal interact intersect join marry meet merge neighbor neighbour overlap resemble talk wed"
)
"""Verbs whose two sides may change places: who marries is married."""
SYMMETRIC_ADJECTIVES = words(
    "comparable different distinct equal equivalent identical parallel perpendicular related similar"
)
"""Adjectives of which the same is true: 'similar to'."""

UNITS_OF_TIME = words("year month week quarter decade century night")
TIMES = UNITS_OF_TIME | words(
    "day morning afternoon evening summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday"
)

REPORTING_VERBS = words("say add report note claim announce state declare")
"""Verbs whose subject may follow ('said the minister') and whose object is a clause of its own."""

NOT_PAST = words(
    "need feed seed speed bleed breed weed reed shed sled bed red hundred naked wicked sacred bred fled sped led"
    " fed wed exceed proceed succeed indeed"
)
"""Words in -ed that are no past forms, or that the table of irregular forms has."""

LIGHT_VERBS = words(
    "be sit stand lie lay rest place position locate situate park seat have hang visible contain feature keep"
    " put set arrange mount exist remain appear show see picture display"
)
"""Verbs of mere place: a cat *sits on* and a cat *is on* a plant alike."""

_PHRASES = """
on top of=on|on the top of=on|in front of=before-place|in back of=behind|at the back of=behind
next to=beside|close to=beside|adjacent to=beside|by the side of=beside|at the side of=beside
to the left of=left-of|on the left of=left-of|to the right of=right-of|on the right of=right-of
along with=and|together with=and|as well as=and|out of=from|away from=from|inside of=in|outside of=outside
such as=like|because of=due|due to=due|according to=per|instead of=without|rather than=without
north of=north-of|south of=south-of|east of=east-of|west of=west-of
a group of=some|groups of=some|a couple of=some|a pair of=some|a bunch of=some|a lot of=some|lots of=some
a number of=some|a herd of=some|a set of=some|a crowd of=some|the group of=some|a piece of=a|a slice of=a
a pile of=some|a stack of=some|a glass of=a|a kind of=a|a type of=a|a variety of=some|a series of=some
at least=at-least|at most=at-most|no one=nobody|any one=anyone|look on=watch|looks on=watches
looking on=watching|looked on=watched|each other=themselves|one another=themselves
full of=with|far from=far-from|filled with=with|close up=closeup|cell phone=cellphone|t v=tv
"""


def _longest_first(entries: Iterable[str]) -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for entry in entries:
        phrase, _, standing = entry.partition("=")
        parts = tuple(phrase.split())
        table.setdefault(parts[0], []).append((parts, standing))
    return {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in table.items()}


PHRASES = _longest_first(_PHRASES.strip().replace("\n", "|").split("|"))
"""First word of a phrase to the phrases it opens, longest first, each with the word that stands for it."""
