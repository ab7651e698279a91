"""Keeps secrets out of logs, whoever writes them: at debug level, libraries repeat what a server answered."""

import logging
import traceback
from collections.abc import Sequence
from typing import Any

HIDDEN = "***"


def mask(secrets: Sequence[str | None]) -> None:
    """Have each record that is logged from now on leave these out, tracebacks included."""
    # As it is sent: a key from a file may have a blank at its end.
    known = [secret.strip() for secret in secrets if secret and secret.strip()]
    make = logging.getLogRecordFactory()

    def masked(*given: Any, **more: Any) -> logging.LogRecord:  # noqa: ANN401 - as the factory before takes them
        record = make(*given, **more)
        if record.exc_info and record.exc_info[0] is not None:
            # A formatter takes what is there already.
            record.exc_text = _without(known, "".join(traceback.format_exception(*record.exc_info)))
        try:
            message = record.getMessage()
        except Exception as fault:  # noqa: BLE001 - who logs wrongly hears of it from the handler, and goes on
            message = f"{record.msg} ({type(fault).__name__})"
        if (told := _without(known, message)) != message:
            record.msg, record.args = told, None
        return record

    if known:
        logging.setLogRecordFactory(masked)


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
