"""Fifty people click through the console of a city with 1,000,000 enterprises and 10 M observations.

    python bench/console.py [enterprises] [--seconds 60] [--people 50] [--addresses 8]

Fills a ledger (names, credit codes, places and industries of all enterprises, monthly output of a tenth of them for
five years), starts the site as `shazhou serve` does, with two workers, and lets people click: strangers and analysts,
each waiting one to three seconds between clicks. The first round starts with nothing computed (cold); then everything
is asked for once by strangers and by analysts, and the second round repeats the same addresses (warm; but for the
searches called new, which nobody has made before). Prints p50 and p95 for each page in milliseconds, and beside them a
page that asks the ledger nothing (sign-in) from the same run, so that what the machine itself costs can be told: the
ratio is to that page. Goals: p95 at most 150 ms warm, 800 ms cold. Then the weight of each page's first load,
compressed (goal 300 KB).
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import brotli
import numpy as np
import pyarrow as pa
import register

from shazhou.city.folder import pack, unpack
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery

MONTHS = [f"{year}-{month:02d}" for year in range(2020, 2025) for month in range(1, 13)]
FORMULAS = {
    "firms": ("count(place != '')", "count"),
    "output": ("sum(output)", "10k_cny"),
    "mean_output": ("mean(output)", "10k_cny"),
    "largest": ("max(output)", "10k_cny"),
    "growth": ("yoy(sum(output))", "percent"),
    "so_far": ("cumulative(sum(output))", "10k_cny"),
    "big": ("count(output >= 5000000)", "count"),
    "steel": ("share(sum(output, where=industry == 'industry0'), sum(output))", "percent"),
}
WORKERS, ANALYSTS, PATIENCE, LOOKERS = 2, 0.5, 60, 4
NEW_SEARCH = "new search"
"""A search for three characters that nobody has searched for before: nothing that is kept helps."""

UNPACKED = {"": bytes, "br": brotli.decompress, "gzip": gzip.decompress}
PASSWORD = "bench bench bench 7"


def definitions() -> bytes:
    """The register's city, with a flow and indicators over it; all of it public."""
    files = unpack(register.definitions())
    variables = json.loads(files["variables.yaml"])
    output = {"measure": "flow", "unit": "cny", "frequency": "M", "of": ["enterprise"]}
    variables["output"] = {"name": register.named("output"), **output}
    indicators = {
        name: {"name": register.named(name), "formula": formula, "unit": unit, "decimals": 1}
        for name, (formula, unit) in FORMULAS.items()
    }
    target = {"name": register.named("promise"), "indicator": "output", "place": "city", "value": 1, "unit": "10k_cny"}
    target |= {"direction": ">=", "period": "2024", "source": "list", "headline": True}
    files["variables.yaml"] = json.dumps(variables).encode()
    files["indicators.yaml"] = json.dumps(indicators).encode()
    files["targets.yaml"] = json.dumps({"promise": target}).encode()
    return pack(files)


def fill(folder: Path, count: int) -> int:
    """A ledger with so many enterprises, and the monthly output of a tenth of them; returns the observations."""
    register.fill(folder, count)
    ledger = Ledger.open(folder)
    ledger.append(Delivery("more", "bench", "definitions", "more", definitions()), SCHEMA.empty_table())
    firms = [f"enterprise:e{number:07d}" for number in range(0, count, 10)]
    chance = np.random.default_rng(7)
    for month in MONTHS:
        ledger.append(Delivery(f"output {month}", "bench", "file", f"output {month}"), outputs(firms, month, chance))
    ledger.compact()
    return sum(each.count for each in ledger.submissions())


def outputs(firms: Sequence[str], month: str, chance: np.random.Generator) -> pa.Table:
    """One month's output of some enterprises."""
    table = register.rows(firms, "output", [""] * len(firms), "list")
    first = np.datetime64(month, "M")
    amounts = pa.array(chance.integers(1, 10**7, len(firms))).cast(pa.decimal128(19, 0))
    changed = {
        "period": pa.repeat(pa.scalar(month), len(firms)),
        "start": pa.array(np.full(len(firms), first.astype("datetime64[D]"))),
        "end": pa.array(np.full(len(firms), (first + 1).astype("datetime64[D]") - 1)),
        "value": amounts.cast(SCHEMA.field("value").type),
        "text": pa.nulls(len(firms), pa.string()),
        "unit": pa.repeat(pa.scalar("cny"), len(firms)),
    }
    for name, column in changed.items():
        table = table.set_column(SCHEMA.names.index(name), SCHEMA.field(name), column)
    return table.cast(SCHEMA)


def addresses(count: int) -> dict[str, list[str]]:
    """What people click on, by page."""
    chance = random.Random(5)
    towns, names = [*register.TOWNS, "city"], list(FORMULAS)
    choices = [
        urlencode({"indicator": name, "place": place, "from": "2022", "to": "2024", "frequency": "A"})
        for name in names
        for place in towns
    ]
    chosen = chance.sample(sorted(set(register.BRANDS)), 20)
    words = [brand + trade[:2] for brand in register.BRANDS[:12] for trade in register.TRADES[:6]]
    firms = [f"enterprise:e{chance.randrange(count):07d}" for _ in range(200)]
    trails = [urlencode({"indicator": name, "place": place, "period": "2024-03"}) for name in names for place in towns]
    return {
        "overview": ["/"],
        "indicators": [f"/indicators/?{choice}" for choice in choices],
        "register": ["/registers/enterprise/"] + [f"/registers/enterprise/?place={town}" for town in register.TOWNS],
        "search": [f"/registers/enterprise/?q={quote(word)}" for word in words],
        NEW_SEARCH: [f"/registers/enterprise/?q={quote(''.join(word))}" for word in product(chosen, chosen, chosen)],
        "entity": [f"/entities/{firm}/" for firm in firms],
        "place": [f"/entities/place:{town}/" for town in register.TOWNS],
        "trail": [f"/trail/?{asked}" for asked in trails],
        "ledger": ["/ledger/"],
        "definitions": ["/definitions/"],
        "sign-in": ["/sign-in/"],
    }


class Person(threading.Thread):
    """Somebody who clicks until it is time to go."""

    def __init__(self, port: int, pages: dict[str, list[str]], seed: int, until: float) -> None:
        super().__init__()
        self._port, self._pages, self._until = port, pages, until
        self._chance = random.Random(seed)
        self._cookie = ""
        self.clicks: list[tuple[str, float, int]] = []
        self.reopened = 0

    def run(self) -> None:
        """Clicks; each click is one page, its milliseconds and its status (0: no answer within a minute)."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        is_analyst = self._chance.random() < ANALYSTS
        time.sleep(self._chance.uniform(0, 2))
        while time.monotonic() < self._until:
            page = self._chance.choice(list(self._pages)) if self.clicks else "sign-in"
            address = self._chance.choice(self._pages[page])
            self.clicks.append((page, *self._timed(line, partial(self._get, line, address))))
            if is_analyst and not self._cookie:
                self._timed(line, partial(self._sign_in, line))
            time.sleep(self._chance.uniform(1, 3))

    def look_at_everything(self) -> None:
        """Asks for every address, first as a stranger and then as an analyst, however long each takes."""
        line = http.client.HTTPConnection("127.0.0.1", self._port)
        known = [address for page, each in self._pages.items() for address in each if page != NEW_SEARCH]
        for signed_in in (False, True):
            if signed_in:
                self._sign_in(line)
            self._chance.shuffle(known)
            for address in known:
                status = self._get(line, address)
                assert status == 200, (address, status)

    def _timed(self, line: http.client.HTTPConnection, ask: Callable[[], int]) -> tuple[float, int]:
        """Milliseconds, all of its patience where there was no answer, and the status."""
        begun = time.perf_counter()
        try:
            status = ask()
        except (TimeoutError, ConnectionError):
            line.close()
            return 1000 * PATIENCE, 0
        return 1000 * (time.perf_counter() - begun), status

    def _get(self, line: http.client.HTTPConnection, address: str) -> int:
        cookie = "" if address == "/sign-in/" else self._cookie
        asked = {"Cookie": cookie, "Accept-Encoding": "br, gzip", "Accept-Language": "en"}
        try:
            line.request("GET", address, headers=asked)
            answer = line.getresponse()
        except ConnectionError:
            # The server has closed a line that was idle; a browser opens another.
            line.close()
            self.reopened += 1
            line.request("GET", address, headers=asked)
            answer = line.getresponse()
        answer.read()
        return answer.status

    def _sign_in(self, line: http.client.HTTPConnection) -> int:
        line.request("GET", "/sign-in/")
        first = line.getresponse()
        first.read()
        token = re.search(r"csrftoken=(\w+)", " ".join(first.headers.get_all("Set-Cookie") or []))
        assert token is not None
        body = urlencode({"username": "bench", "password": PASSWORD, "csrfmiddlewaretoken": token[1]})
        form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={token[1]}"}
        line.request("POST", "/sign-in/", body, {**form, "Referer": f"http://127.0.0.1:{self._port}/sign-in/"})
        answer = line.getresponse()
        answer.read()
        session = re.search(r"sessionid=(\w+)", " ".join(answer.headers.get_all("Set-Cookie") or []))
        assert session is not None, answer.status
        self._cookie = f"sessionid={session[1]}"
        return answer.status


def clicked(port: int, pages: dict[str, list[str]], people: int, seconds: float) -> dict[str, list[float]]:
    """Milliseconds by page of so many people clicking at once."""
    until = time.monotonic() + seconds
    crowd = [Person(port, pages, seed, until) for seed in range(people)]
    for person in crowd:
        person.start()
    for person in crowd:
        person.join()
    print(f"{sum(person.reopened for person in crowd)} lines were closed while idle, and opened again")
    found = defaultdict(list)
    for page, milliseconds, status in (click for person in crowd for click in person.clicks):
        assert status in (200, 0), (page, status)
        found[page].append(milliseconds)
    return found


def warmed(port: int, pages: dict[str, list[str]]) -> float:
    """Has everything looked at by several people at once, so that each worker has seen most of it; returns seconds."""
    begun = time.monotonic()
    with ThreadPoolExecutor(LOOKERS) as lookers:
        crowd = [Person(port, pages, -number, begun) for number in range(1, LOOKERS + 1)]
        for done in [lookers.submit(person.look_at_everything) for person in crowd]:
            done.result()
    return time.monotonic() - begun


def shown(title: str, times: dict[str, list[float]], goal: float) -> None:
    """Prints p50 and p95 of each page, and the ratio of p50 to the page that asks nothing."""
    base = statistics.median(times["sign-in"])
    everything = [one for many in times.values() for one in many]
    unanswered = sum(one >= 1000 * PATIENCE for one in everything)
    print(f"{title}: {len(everything)} clicks, {unanswered} without an answer within {PATIENCE} s")
    for page, each in [*times.items(), ("all pages", everything)]:
        ordered = sorted(each)
        p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        middle = statistics.median(ordered)
        print(f"  {page:12} p50 {middle:7.0f} ms   p95 {p95:7.0f} ms   ratio {middle / base:5.1f}")
    print(f"  goal p95 <= {goal:.0f} ms")


def weights(port: int, pages: dict[str, list[str]]) -> Iterator[tuple[str, int]]:
    """Bytes of each page's first load, compressed, with its style, script and icons."""
    for page, known in pages.items():
        html, total = _fetched(port, known[0])
        for address in sorted(set(re.findall(rb'(?:src|href)="(/static/[^"]+)"', html))):
            total += _fetched(port, address.decode())[1]
        yield page, total


def _fetched(port: int, address: str) -> tuple[bytes, int]:
    """The content of an address in plain, and its compressed size."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", address, headers={"Accept-Encoding": "br, gzip"})
    answer = line.getresponse()
    content = answer.read()
    return UNPACKED[answer.headers.get("Content-Encoding", "")](content), len(content)


def served(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The site, once it answers."""
    command = Path(sys.executable).with_name("shazhou")
    arguments = ["serve", "--data", str(folder), "--port", str(port), "--workers", str(WORKERS)]
    with (folder.parent / "serve.log").open("wb") as log:
        server = subprocess.Popen([command, *arguments], stdout=log, stderr=log, start_new_session=True)
    for _ in range(600):
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            line.request("GET", "/sign-in/")
            line.getresponse().read()
            return server
        except OSError:
            time.sleep(0.2)
    raise SystemExit((folder.parent / "serve.log").read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("enterprises", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--addresses", type=int, help="addresses of each page at most")
    asked: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "ledger"
        begun = time.perf_counter()
        count = fill(folder, asked.enterprises)
        print(f"{count:,} observations in {time.perf_counter() - begun:.0f} s", flush=True)
        command = Path(sys.executable).with_name("shazhou")
        add = [command, "user", "add", "bench", "--role", "analyst", "--password", PASSWORD, "--data", str(folder)]
        subprocess.run(add, check=True, capture_output=True)
        server = served(folder, asked.port)
        pages = {page: each[: asked.addresses] for page, each in addresses(asked.enterprises).items()}
        try:
            shown("cold", clicked(asked.port, pages, asked.people, asked.seconds), 800)
            print(f"everything looked at once in {warmed(asked.port, pages):.0f} s", flush=True)
            shown("warm", clicked(asked.port, pages, asked.people, asked.seconds), 150)
            for page, size in weights(asked.port, pages):
                print(f"  {page:12} {size / 1000:6.0f} kB on first load   (goal <= 300)")
        finally:
            os.killpg(server.pid, 15)
            server.wait(30)


if __name__ == "__main__":
    main()
