"""Several people at the desk at once, in processes and threads of their own, over a real database and ledger.

``python desk_race.py FOLDER SECONDS SEED`` is one process with two reviewers, a town officer and a reporter who press
buttons at random on the same returns; it prints what happened as JSON. ``prepare`` makes what they work on.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENTITIES = ("e1", "e2", "e3")
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
    """Loads the site over a ledger, with the clock at the time of the return."""
    os.environ["SHAZHOU_DATA"] = str(folder / "ledger")
    os.environ["SHAZHOU_SECRET"] = "a secret of the test"
    os.environ["SHAZHOU_HOSTS"] = "testserver"
    os.environ.pop("SHAZHOU_DATABASE", None)
    sys.path[:0] = [str(HERE), str(HERE.parent / "measure")]
    from shazhou.console.serve import start_django

    start_django()
    from desk_city import NOW
    from django.conf import settings

    from shazhou.console.evidence import reporting

    reporting.now = lambda: NOW
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def prepare(folder: Path) -> None:
    """The ledger, the database and the people."""
    start(folder)
    from desk_city import desk_ledger
    from django.conf import settings
    from django.core.management import call_command

    from shazhou.console.access.people import give, make_person

    desk_ledger(folder / "ledger")
    settings.DEPLOYMENT.prepare()
    call_command("migrate", verbosity=0, interactive=False)
    for name, (role, places, enterprises) in PEOPLE.items():
        give(make_person(name, "correct horse battery staple"), role, places, enterprises)


def press(name: str, until: float, seed: int, happened: Counter[str]) -> None:
    """One person presses buttons until the time is over."""
    from django.db import connection

    chance = random.Random(f"{name}{seed}")
    browser = signed_in(name)
    while time.monotonic() < until:
        at = f"/desk/yearly/enterprise:{chance.choice(ENTITIES)}/2023/"
        text = browser.get(at).content.decode()
        offered = [each for each in BUTTONS[name] if f'value="{each}"' in text]
        # Now and then somebody presses what the page does not offer.
        act = chance.choice(offered if offered and chance.random() < 0.9 else BUTTONS[name])
        answer = pressed(browser, at, text, act, f"{name} says so", chance.randint(50, 150))
        happened[f"{act} {answer.status_code}"] += 1
        if answer.status_code == 409 and b"was quicker" in answer.content:
            happened["quicker"] += 1
    connection.close()


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
    at = f"/desk/yearly/enterprise:{ENTITIES[0]}/2023/"
    turns = (("reporter", ("correct", "submit")), ("town", ("pass",)), ("first", ("approve",)))
    for name, acts in turns:
        browser = signed_in(name)
        for act in acts:
            text = browser.get(at).content.decode()
            if f'value="{act}"' in text:
                pressed(browser, at, text, act, "in turn", 77)


def run(folder: Path, seconds: float, seed: int) -> Counter[str]:
    """All of them at once."""
    start(folder)
    happened: Counter[str] = Counter()
    failed: list[BaseException] = []

    def guarded(name: str) -> None:
        try:
            press(name, time.monotonic() + seconds, seed, happened)
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
    """What was left behind, once one return has been brought to its end: returns with their steps, what the ledger
    holds, and whether it verifies."""
    start(folder)
    from shazhou.console.desk.approval import complete_all
    from shazhou.console.desk.models import Return
    from shazhou.console.evidence import current, reporting
    from shazhou.ledger.verification import verify

    complete_all()
    calm()
    held = {
        each.entity.partition(":")[2]: int(each.value)
        for key in ENTITIES
        for each in reporting.held(reporting.collections()["yearly"], f"enterprise:{key}")
        if each.variable == "output" and each.period == "2023" and each.source == "firms" and each.value is not None
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
    return {"returns": found, "held": held, "ids": ids, "failures": [str(f) for f in verify(current.ledger()).failures]}


if __name__ == "__main__":
    where = Path(sys.argv[2])
    match sys.argv[1]:
        case "prepare":
            prepare(where)
        case "run":
            print(json.dumps(run(where, float(sys.argv[3]), int(sys.argv[4]))))
        case "outcome":
            print(json.dumps(outcome(where)))
        case "all":
            prepare(where)
            happenings = run(where, float(sys.argv[3]), 0)
            print(json.dumps([happenings, outcome(where)]))
