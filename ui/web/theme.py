"""Colours and type that Gradio's own components take; the rest is in assets/page.css."""

from inspect import signature

import gradio as gr
from gradio.themes import Base, LocalFont
from gradio.themes.utils import colors, sizes

# Both sides of each pair are variables of page.css, which knows light from dark.
_VARIABLES = {
    "body_background_fill": "paper",
    "body_text_color": "ink",
    "body_text_color_subdued": "ink-2",
    "background_fill_primary": "card",
    "background_fill_secondary": "paper",
    "block_background_fill": "card",
    "block_border_color": "line",
    "block_info_text_color": "ink-2",
    "block_label_text_color": "ink-2",
    "block_title_text_color": "ink-2",
    "border_color_accent": "accent",
    "border_color_primary": "line",
    "button_primary_background_fill": "accent",
    "button_primary_background_fill_hover": "accent-strong",
    "button_primary_border_color": "accent",
    "button_primary_text_color": "on-accent",
    "checkbox_background_color": "card",
    "checkbox_background_color_selected": "accent",
    "checkbox_border_color": "line-2",
    "checkbox_border_color_focus": "accent",
    "checkbox_border_color_selected": "accent",
    "checkbox_label_background_fill": "card",
    "checkbox_label_background_fill_hover": "card",
    "checkbox_label_background_fill_selected": "accent-soft",
    "checkbox_label_border_color": "line",
    "checkbox_label_text_color": "ink",
    "checkbox_label_text_color_selected": "accent-ink",
    "color_accent": "accent",
    "color_accent_soft": "accent-soft",
    "input_background_fill": "card",
    "input_border_color": "line-2",
    "input_border_color_focus": "accent",
    "input_placeholder_color": "ink-3",
    "link_text_color": "accent",
}


def theme() -> gr.themes.Base:
    """Return the theme. Fonts are those that Gradio ships, so that none is fetched."""
    base = Base(
        primary_hue=colors.teal,
        secondary_hue=colors.teal,
        neutral_hue=colors.stone,
        radius_size=sizes.radius_md,
        font=(LocalFont("IBM Plex Sans", weights=(400, 700)), "ui-sans-serif", "system-ui", "sans-serif"),
        font_mono=(LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"),
    )
    known = signature(base.set).parameters
    both = (f"{name}{mode}" for name in _VARIABLES for mode in ("", "_dark"))
    values = {name: f"var(--nh-{_VARIABLES[name.removesuffix('_dark')]})" for name in both if name in known}
    return base.set(
        **values,
        block_border_width="0px",
        block_padding="0px",
        block_shadow="none",
        button_primary_shadow="none",
        input_border_width="1px",
        input_shadow="none",
    )
