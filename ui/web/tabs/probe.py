"""Probe: outcomes that are read off the latent space, as a distribution over them."""

import gradio as gr

from ui.web.format import no_collection
from ui.web.outcomes import coverages
from ui.web.parts import script

_WAYS = (
    ("field", "A field", "The values of a field of the metadata, or the folders of the sources"),
    ("examples", "Examples", "Texts with their outcomes, written here"),
    ("names", "Names alone", "No examples: the names are compared with the text"),
)


def probe() -> gr.HTML:
    """Lay out the tab. The browser fetches the rest from `/page/probes`, once it can be seen."""
    return gr.HTML("", html_template=page(), js_on_load=script("probe.js"), apply_default_css=False, elem_id="nh-probe")


def page() -> str:
    """Return the tab as HTML: places for what is fetched, and its two forms."""
    return (
        f'<div class="nh-nothing" hidden>{no_collection()}</div>'
        f'<div class="nh-columns"><div class="nh-probe-left"><section aria-label="Probes"><div class="nh-saved"></div>'
        f'</section>{_new()}</div><section class="nh-probe-right" aria-label="What a probe says" hidden>{_asking()}'
        '<div class="nh-said" aria-live="polite"></div><div class="nh-worth"></div></section></div>'
    )


def _asking() -> str:
    return (
        '<label class="nh-field"><span>Text</span><textarea name="text" rows="2" maxlength="100000"'
        ' placeholder="Type something to be placed among the outcomes …"></textarea></label>'
        '<div class="nh-dials"><div class="nh-dial">'
        '<label for="nh-temperature">Temperature <output>1.00</output></label>'
        '<input type="range" id="nh-temperature" name="temperature" min="-1" max="1" step="0.02" value="0"'
        ' aria-label="Temperature" aria-describedby="nh-temperature-means">'
        '<small id="nh-temperature-means"><i>0.1: all to the first</i><i>1</i><i>10: all alike</i></small></div>'
        f'<label class="nh-field nh-coverage"><span>A set that is right in</span><select name="coverage">{coverages()}'
        "</select></label></div>"
    )


def _new() -> str:
    ways = "".join(_way(*way) for way in _WAYS)
    return (
        '<details class="nh-new"><summary>New probe</summary><form><fieldset class="nh-kinds">'
        f"<legend>Outcomes are</legend>{ways}</fieldset>"
        '<label class="nh-field" data-by="field"><span>Field</span><select name="field"></select></label>'
        '<label class="nh-field" data-by="examples" hidden><span>Examples, one a line, five or more of each outcome'
        '</span><textarea name="examples" rows="7" maxlength="200000" spellcheck="false"'
        ' placeholder="praise: What a lovely shop&#10;complaint: The parcel never came"></textarea></label>'
        '<label class="nh-field" data-by="names" hidden><span>Names, with commas between them</span>'
        '<input name="names" maxlength="10000" autocomplete="off" placeholder="sport, politics, weather"></label>'
        '<label class="nh-field"><span>Name of the probe</span><input name="name" maxlength="100" autocomplete="off"'
        ' spellcheck="false" placeholder="as the field"></label>'
        '<div class="nh-buttons"><button type="submit" class="primary">Fit</button></div>'
        '<div class="nh-progress" hidden><progress aria-label="Progress"></progress><p role="status"></p>'
        '<button type="button" class="nh-chip" data-stop>Stop</button></div>'
        '<div class="nh-fitted" aria-live="polite"></div></form></details>'
    )


def _way(value: str, name: str, why: str) -> str:
    checked = " checked" if value == "field" else ""
    return f'<label title="{why}"><input type="radio" name="by" value="{value}"{checked}>{name}</label>'
