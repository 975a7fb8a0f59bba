"""The same thing by many at the same moment."""

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from lms.core.db import db


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """Run the same thing in so many threads, each with a context of its own; the answers in no order."""
    return together(*[act] * count)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run these things in a thread each; an exception is an answer too."""
    db.session.commit()
    answers: list[Any] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers.append(act())
        except Exception as error:  # noqa: BLE001 - the test says which are right
            answers.append(error)

    threads = [threading.Thread(target=contextvars.Context().run, args=(run, act)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    return answers


def tab_of(browser: FlaskClient) -> FlaskClient:
    """Another tab of the same person, for a thread of its own."""
    tab = browser.application.test_client()
    cookie = browser.get_cookie("lms_session")
    assert cookie is not None
    tab.set_cookie("lms_session", cookie.value)
    return tab
