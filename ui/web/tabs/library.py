"""Library: the collections, what is in them, and what is to come in."""

import gradio as gr

from ingest.uploads import LIMITS, kinds
from ui.web.parts import script
from ui.web.receipt import size

_KINDS = (
    ("", "As the file says", "Notes; a table with one column of short texts is a list of words"),
    ("notes", "Notes", "Passages of some sentences"),
    ("sentences", "Sentences", "A passage for each line"),
    ("words", "Words", "A passage for each line"),
)


def library() -> gr.HTML:
    """Lay out the tab. The browser fetches the rest from `/page/library`, once it can be seen."""
    return gr.HTML(
        "", html_template=page(), js_on_load=script("library.js"), apply_default_css=False, elem_id="nh-library"
    )


def page() -> str:
    """Return the tab as HTML: places for what is fetched, and the form."""
    return (
        '<div class="nh-shelf"></div><div class="nh-gone" aria-live="polite"></div>'
        '<div class="nh-columns">'
        f'<section class="nh-detail" aria-label="The collection"></section>{_form()}</div>'
    )


def _form() -> str:
    chosen = "".join(_choice(*kind) for kind in _KINDS)
    return (
        '<form class="nh-intake" aria-label="Take in"><h2>Take in</h2>'
        f'<div class="nh-drop"><input type="file" multiple id="nh-files" accept="{",".join(kinds())}">'
        '<label for="nh-files"><b>Drop files or a folder here</b>, or choose files</label>'
        f"<p>Notes, texts, tables, books, notebooks, PDF and Word, up to {size(LIMITS.file_bytes)} each."
        " They stay on the machine that serves this page.</p></div>"
        '<ul class="nh-picked" aria-label="Chosen files"></ul>'
        '<label class="nh-field nh-path"><span>Or a folder of this machine</span><input name="path" autocomplete="off"'
        ' spellcheck="false" placeholder="~/notes" maxlength="4096"></label>'
        '<label class="nh-field"><span>Collection</span><input name="collection" required autocomplete="off"'
        ' spellcheck="false" list="nh-names" maxlength="200"><datalist id="nh-names"></datalist></label>'
        f'<fieldset class="nh-kinds"><legend>Cut into</legend>{chosen}</fieldset>'
        '<div class="nh-buttons"><button type="submit" class="primary">See what it will take</button></div>'
        '<div class="nh-progress" hidden><progress aria-label="Progress"></progress><p role="status"></p>'
        '<button type="button" class="nh-chip" data-act="stop">Stop</button></div>'
        '<div class="nh-receipt" aria-live="polite"></div></form>'
    )


def _choice(value: str, name: str, why: str) -> str:
    checked = "" if value else " checked"
    return f'<label title="{why}"><input type="radio" name="kind" value="{value}"{checked}>{name}</label>'
