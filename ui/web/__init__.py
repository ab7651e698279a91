"""The page."""

import os

from ui.web.stubs import make_none

# Gradio reads it when it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
make_none()
