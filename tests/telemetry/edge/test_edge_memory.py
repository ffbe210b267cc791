"""What an agent needs: it has to run on a small gateway beside other programs."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
from asyncua import Server
from shell import COMMAND
from waiting import awaited, free_port

from shazhou.telemetry.edge.buffer import depth_of

TAGS, MOST = 300, 150
"""Tags at one second each; megabytes."""


def resident(process: asyncio.subprocess.Process) -> float:
    """The highest resident memory that a process ever had, in megabytes."""
    for line in Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise AssertionError("the system tells a process's memory")


def written(folder: Path, endpoint: str) -> Path:
    tags = "\n".join(f'    Tag/{place}: {{source: plc, tag: "ns=2;s=t{place}"}}' for place in range(TAGS))
    (folder / "edge.yaml").write_text(
        f"""\
city: town
enterprise: acme
mode: full
broker: {{address: "127.0.0.1:{free_port()}"}}
sources:
  plc: {{kind: opcua, endpoint: "{endpoint}", interval: 1}}
equipment:
  press:
{tags}
""",
        encoding="utf-8",
    )
    return folder / "edge.yaml"


@pytest.mark.slow
def test_an_agent_that_reads_opc_ua_runs_in_150_megabytes(tmp_path: Path) -> None:
    """No broker is there, so that everything is stored."""

    async def test() -> float:
        server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://127.0.0.1:{free_port()}/")
        await server.register_namespace("urn:test")
        nodes = [await server.nodes.objects.add_variable(f"ns=2;s=t{place}", f"t{place}", 0.0) for place in range(TAGS)]
        async with asyncio.timeout(50), server:
            file = written(tmp_path, server.endpoint.geturl())
            process = await asyncio.create_subprocess_exec(
                str(COMMAND), "edge", "run", str(file), stderr=subprocess.DEVNULL
            )
            try:
                for second in range(20):
                    for place, node in enumerate(nodes):
                        await node.write_value(second * 1.0 + place)
                    await asyncio.sleep(1)
                await awaited(lambda: depth_of(tmp_path / "var" / "buffer.sqlite").bytes > TAGS * 15 * 20)
                return resident(process)
            finally:
                process.kill()
                await process.wait()

    needed = asyncio.run(test())
    print(f"{needed:.0f} MB")
    assert needed < MOST
