"""Several people at the desk at once over a real database and ledger: what they work on, and what they leave behind.

``python desk_race.py prepare FOLDER`` makes a ledger, a people's database (``SHAZHOU_DATABASE``, else SQLite) and two
reviewers, a town officer and a reporter; ``run FOLDER SECONDS`` has them press buttons, each in a thread of this
process, for so long and until somebody was quicker than another, and prints as JSON what happened; ``outcome FOLDER``
prints what was left; ``all FOLDER SECONDS`` does all three.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENTITIES = ("e1", "e2", "e3")
PASSWORD = "correct horse battery staple"
YEAR = str(datetime.now(UTC).year - 1)
"""The return of last year is open all this year."""

LONGER = 20
"""How many times as long as asked the race goes on at most, until somebody was quicker than another:
its machine may be busy."""

PEOPLE = {
    "first": ("reviewer", (), ()),
    "second": ("reviewer", (), ()),
    "town": ("town", ("north", "south"), ()),
    "reporter": ("reporter", (), tuple(f"enterprise:{key}" for key in ENTITIES)),
}
BUTTONS = {
    "first": ("approve", "withdraw", "withdraw", "send back"),
    "second": ("approve", "approve", "withdraw"),
    "town": ("pass", "pass", "pass", "send back"),
    "reporter": ("save", "submit", "submit", "correct", "recall"),
}


def start(folder: Path) -> None:
    """Loads the site over a ledger."""
    os.environ["SHAZHOU_DATA"] = str(folder / "ledger")
    os.environ["SHAZHOU_SECRET"] = "a secret of the test"
    os.environ["SHAZHOU_HOSTS"] = "testserver"
    sys.path[:0] = [str(HERE), str(HERE.parent / "measure")]
    from shazhou.console.serve import start_django

    start_django()
    from django.conf import settings

    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def prepare(folder: Path) -> None:
    """The ledger, the database and the people."""
    start(folder)
    from desk_city import desk_ledger

    from shazhou.console.access.people import give, make_person
    from shazhou.console.serve import prepare_people

    desk_ledger(folder / "ledger", lock=366)
    prepare_people()
    for name, (role, places, enterprises) in PEOPLE.items():
        give(make_person(name, PASSWORD), role, places, enterprises)


def press(name: str, seconds: float, happened: Counter[str]) -> None:
    """One person presses buttons until the time is over and somebody was quicker than another."""
    from django.db import connection

    chance = random.Random(name)
    browser, began = signed_in(name), time.monotonic()
    while time.monotonic() - began < seconds * (1 if happened["quicker"] else LONGER):
        at = address(chance.choice(ENTITIES))
        text = browser.get(at).content.decode()
        offered = [each for each in BUTTONS[name] if f'value="{each}"' in text]
        # Now and then somebody presses what the page does not offer.
        act = chance.choice(offered if offered and chance.random() < 0.9 else BUTTONS[name])
        answer = pressed(browser, at, text, act, f"{name} says so", chance.randint(50, 150))
        happened[f"{act} {'done' if answer.status_code == 302 else answer.status_code}"] += 1
        if answer.status_code == 409 and b"was quicker" in answer.content:
            happened["quicker"] += 1
    connection.close()


def address(key: str) -> str:
    """Where the return of an enterprise is."""
    return f"/desk/yearly/enterprise:{key}/{YEAR}/"


def signed_in(name: str) -> Any:
    """The browser of one of the people."""
    from django.test import Client

    from shazhou.console.access.models import Person

    browser = Client(headers={"accept-language": "en"})
    browser.force_login(Person.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend")
    return browser


def pressed(browser: Any, at: str, text: str, act: str, reason: str, output: int) -> Any:
    """The answer to a button of a page that was seen."""
    from desk_site import hidden, typed

    form = {"act": act, "reason": reason, **hidden(text)}
    form |= {f"value-{variable}": value for variable, value in typed(text).items()}
    return browser.post(f"{at}act/", form | {"value-output": str(output)})


def calm() -> None:
    """When the race is over, whatever state it left a return in, people who take turns bring it to its approval."""
    at = address(ENTITIES[0])
    turns = (("reporter", ("correct", "submit")), ("town", ("pass",)), ("first", ("approve",)))
    for name, acts in turns:
        browser = signed_in(name)
        for act in acts:
            text = browser.get(at).content.decode()
            if f'value="{act}"' in text:
                pressed(browser, at, text, act, "in turn", 77)


def run(seconds: float) -> Counter[str]:
    """All of them at once."""
    happened: Counter[str] = Counter()
    failed: list[BaseException] = []

    def guarded(name: str) -> None:
        try:
            press(name, seconds, happened)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=guarded, args=(name,)) for name in PEOPLE]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return happened


def outcome(folder: Path) -> dict[str, Any]:
    """What was left behind: how often each act was done by hand; then, once one return has been brought to its end,
    returns with their steps, what the ledger holds, and whether it verifies."""
    start(folder)
    from shazhou.console.desk.approval import complete_all
    from shazhou.console.desk.models import Return, Step
    from shazhou.console.evidence import current, reporting
    from shazhou.ledger.verification import verify

    by_hand = Counter(Step.objects.exclude(person=None).values_list("act", flat=True))
    complete_all()
    calm()
    held = {
        each.entity.partition(":")[2]: int(each.value)
        for key in ENTITIES
        for each in reporting.held(reporting.collections()["yearly"], f"enterprise:{key}")
        if each.variable == "output" and each.period == YEAR and each.source == "firms" and each.value is not None
    }
    found = [
        {
            "entity": each.entity.partition(":")[2],
            "revision": each.revision,
            "state": each.state,
            "version": each.version,
            "versions": [step.version for step in each.steps.all()],
            "acts": [step.act for step in each.steps.all()],
            "states": [step.state for step in each.steps.all()],
            "submission": each.submission,
            "output": each.cells.get(variable="output").text,
        }
        for each in Return.objects.order_by("entity", "revision")
    ]
    ids = [each.id for each in current.ledger().submissions()]
    failures = [str(each) for each in verify(current.ledger()).failures]
    return {"by_hand": by_hand, "returns": found, "held": held, "ids": ids, "failures": failures}


if __name__ == "__main__":
    where = Path(sys.argv[2])
    match sys.argv[1]:
        case "prepare":
            prepare(where)
        case "run":
            start(where)
            print(json.dumps(run(float(sys.argv[3]))))
        case "outcome":
            print(json.dumps(outcome(where)))
        case "all":
            prepare(where)
            happenings = run(float(sys.argv[3]))
            print(json.dumps([happenings, outcome(where)]))
