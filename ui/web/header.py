"""The line over the tabs: the name, the collection that all tabs work on, and the theme."""

from typing import Any

import gradio as gr

from search.service import Service
from ui.web.parts import script

BRAND = (
    '<h1 class="nh-brand"><svg viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="5"/><g><circle cx="7"'
    ' cy="10" r="3.5"/><circle cx="24" cy="8" r="3.5"/><circle cx="26" cy="21" r="3.5"/><circle cx="11" cy="26"'
    ' r="3.5"/></g></svg>Nearhood</h1>'
)
_ICONS = {
    "system": '<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M8 20h8M12 16v4"/>',
    "light": '<circle cx="12" cy="12" r="4"/><path d="M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19'
    'M5 19l1.4-1.4M17.6 6.4 19 5"/>',
    "dark": '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z"/>',
}
THEME = f"""<button type="button" class="nh-theme" data-theme-toggle>{
    "".join(
        f'<span data-choice="{name}" title="Theme: {name}"><svg viewBox="0 0 24 24" aria-hidden="true">{icon}</svg>'
        f'<span class="nh-unseen">Theme: {name}</span></span>'
        for name, icon in _ICONS.items()
    )
}</button>"""
LOGOUT = (
    '<form method="post" action="/logout"><button type="submit" class="nh-logout" title="Log out">'
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 4H5v16h5M15 8l4 4-4 4M19 12H9"/></svg>'
    '<span class="nh-unseen">Log out</span></button></form>'
)
SELECTOR = (
    '<label class="nh-selector"><span>Collection</span><select aria-label="Collection"></select></label>'
    '<p class="nh-missing" role="status"></p>'
)


def header(service: Service) -> gr.HTML:
    """Lay out the header, and return the component whose value is the collection's name.

    Its event `choose` says that another collection was chosen, or that the one there is has changed.
    """
    with gr.Row(elem_id="nh-header"):
        gr.HTML(BRAND, js_on_load=None, apply_default_css=False, elem_id="nh-brand")
        collection = gr.HTML(
            usual(service),
            choices=choices(service),
            html_template=SELECTOR,
            js_on_load=script("selector.js"),
            apply_default_css=False,
            elem_id="nh-collection",
        )
        if service.settings.token:
            gr.HTML(LOGOUT, js_on_load=None, apply_default_css=False, elem_id="nh-logout")
        gr.HTML(THEME, js_on_load=None, apply_default_css=False, elem_id="nh-theme")
    return collection


def choices(service: Service) -> list[dict[str, Any]]:
    """Return the collections there are, as the selector lists them; an edition lasts until a passage changes."""
    found = service.store.all()
    return [{"name": one.name, "passages": len(one), "edition": f"{one.row.number}.{one.row.version}"} for one in found]


def usual(service: Service) -> str | None:
    """Return the collection to begin with; None when there is none."""
    names = service.store.names()
    best = service.resolve(None)
    return best if best in names else next(iter(names), None)
