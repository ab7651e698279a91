"""Map: a collection in the plane, and beside it in words what it shows."""

import gradio as gr

from ui.web import format as show
from ui.web import map_list
from ui.web.parts import results, script

FRAME = (
    '<form class="nh-map-place" role="search">'
    '<label class="nh-unseen" for="nh-map-text">Place a text on the map</label>'
    '<input id="nh-map-text" type="text" maxlength="10000" autocomplete="off"'
    ' placeholder="Place a text on the map …">'
    '<button type="submit" aria-label="Place it"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 21s7-6.2'
    ' 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21Z"/><circle cx="12" cy="9.5" r="2.2"/></svg></button></form>'
    '<div class="nh-map-frame"><div class="nh-map-host"></div><div class="nh-map-legend" hidden></div></div>'
    '<div class="nh-map-foot"><p class="nh-map-fault" role="alert"></p><p class="nh-map-reading"></p>'
    '<div class="nh-map-fit"></div></div>'
)


def latent_map() -> None:
    """Lay out the tab. The browser fetches the map and its list from `/page/maps`, once they can be seen."""
    with gr.Row(elem_id="nh-map-tab", elem_classes="nh-columns"):
        gr.HTML("", html_template=FRAME, js_on_load=script("map-tab.js"), apply_default_css=False, elem_id="nh-map")
        results("nh-map-near", show.hint(map_list.HINT), script("map-list.js"))
