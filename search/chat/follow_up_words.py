"""What the rules about follow-up questions know of English, beside the closed classes of `contrast.lexicon`."""

import re

from search.retrieve.contrast.lexicon import AUXILIARIES, BE, DETERMINERS, PREPOSITIONS, PRONOUNS, words

QUESTION_WORDS = words("what who whom whose which when where why how whats whos wheres hows")
INVERTED = (
    BE
    | AUXILIARIES
    | words(
        "isn't aren't wasn't weren't don't doesn't didn't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't"
    )
)
"""Verbs that stand before their subject in a question."""
ENGLISH = QUESTION_WORDS | words(
    "the are did does has were it its they them their she this these those tell describe explain elaborate summarize"
    " summarise clarify give show about could would there any anything you with else another more really"
)
"""Words that give English away."""
MAYBE_ENGLISH = words("is was do have of and but so for in to he him his her can that or same please")
"""Words that other languages have, too: two of them give English away."""

PEOPLE = words("he him his she her hers himself herself")
THINGS = words("it its itself")
SEVERAL = words("they them their theirs themselves")
PERSONAL = PEOPLE | THINGS | SEVERAL
OWNERS = words("his her its their himself herself itself themselves hers theirs")
"""Pronouns that may stand for a word of their own clause."""
NOMINATIVE = words("he she they")
BREAKS = words(
    "and but or if because while after before since although though whereas that which who whom whose when where"
    " until unless whether so then , ; : . ! ?"
)
"""Where a clause may begin."""
AFTER_AND = QUESTION_WORDS | INVERTED | NOMINATIVE | words("it if")
"""What shows that 'and' begins a clause."""
MYSELF = words("i i'm i've i'll i'd")
REPLACED = PERSONAL - words("himself herself itself themselves") | words("this that these those")
"""Pronouns that a noun can stand in the place of."""
WITHIN_NAMES = words("of and the de von van for")

VERBS = words(
    "ask asked say says said tell told think thinks thought know knows known knew mean means meant call called calls"
    " happen happens happened do did done go goes went gone get gets got make makes made take takes took taken"
    " come comes came become becomes became give gives gave given show shows showed shown find finds found"
    " use uses used using work works worked working start starts started begin begins began end ends ended"
    " change changes changed help helps helped need needs needed want wants wanted try tries tried trying"
    " look looks looked see sees saw seen keep kept let put puts feel feels felt seem seems seemed cause causes caused"
    " lead leads led leave left live lives lived die died dies play played plays win won wins join joined release"
    " released consider considered believe believed exist exists existed develop developed describe explain talk talked"
    " affect affects affected compare compares differ differs related relate relates worth based invite elaborate"
    " summarize summarise clarify"
)
"""Verbs that name nothing."""
FILLERS = words(
    "ok okay well yes no hi hello hey thanks thank please just really actually very much many lot lots bit kind kinds"
    " sort sorts type types thing things stuff way ways something anything everything nothing someone anyone everyone"
    " such same else other others another more most less least further additional also too instead again ever yet still"
    " one ones two good better best bad worse worst long short big bigger biggest large larger largest small smaller"
    " smallest famous popular common typical important interesting notable significant main major key specific certain"
    " particular special exactly different similar possible able sure true real first second last next new old early"
    " later final available unique modern about let's lets don't didn't doesn't isn't aren't wasn't i'm it's that's"
    " what's who's where's there's how's"
)
RELATIONAL = words(
    "name names reason reasons cause causes effect effects result results impact impacts role purpose goal goals aim"
    " history origin origins background beginning beginnings meaning definition significance importance difference"
    " differences similarity similarities advantage advantages disadvantage disadvantages benefit benefits risk risks"
    " drawback drawbacks downside downsides pros cons symptom symptoms treatment treatments side feature features"
    " characteristic characteristics property properties component components element elements part parts member"
    " members author authors writer creator inventor founder founders director producer owner owners leader theme"
    " themes character characters plot story ending finding findings conclusion conclusions evidence argument arguments"
    " outcome outcomes example examples use uses application applications price prices cost costs size"
    " length height weight age date year years time times place location number amount rate score capital population"
    " step steps stage stages layer layers process method methods rule rules requirement requirements ingredient"
    " ingredients source sources detail details information info fact facts problem problems solution solutions"
    " alternative alternatives option options variation variations version versions model models influence influences"
    " relationship connection response reaction criticism reviews review reception success title topic point points"
    " issue issues aspect aspects article"
)
"""Nouns that are of something: 'the symptoms' leave open of what."""
GENERIC = words(
    "band group team company organization organisation party club school university college movie film book novel play"
    " show series episode season song album single record tour game match event war battle attack trial case law bill"
    " act treaty agreement movement campaign project program programme system study experiment research theory idea"
    " concept term word phrase paper report document region area country city town village place building house"
    " disease illness condition drug medicine animal plant species product device machine tool engine ship plane car"
    " vehicle man woman guy girl boy child children couple family brothers sisters king queen president singer actor"
    " actress artist player coach marriage relationship divorce career award awards efforts effort legal"
)
"""Nouns that name a kind: 'the band' leaves open which."""

PERSONS = words(
    "man woman men women person people child children boy girl king queen president author writer artist singer actor"
    " actress player leader founder emperor pope prince princess general father mother son daughter brother sister wife"
    " husband student teacher doctor scientist someone"
)
PERSON = re.compile(r"\w+(?:ist|ian|man|men|woman|women)s?")
BEFORE_NOUNS = words("the a an about of")
QUALITIES = words("popular common second modern digital first early new old big large small long short special natural")
"""Words that name nothing, but belong to the noun behind them: 'popular music'."""
CALENDAR = words(
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday"
)

CLOSED = DETERMINERS | PRONOUNS | BE | AUXILIARIES | PREPOSITIONS | QUESTION_WORDS | INVERTED | BREAKS
EMPTY = CLOSED | VERBS | FILLERS | OWNERS | words("as than s t d ll re ve m not nor either neither both")
"""Words that name nothing."""
