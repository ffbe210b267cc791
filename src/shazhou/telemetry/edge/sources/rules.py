"""What can be wrong between a source and its machines, as `shazhou edge check` says it."""

from __future__ import annotations

from shazhou.city.problem import Problem, Rule, Where

UNREACHABLE = Rule(
    "source-unreachable",
    "{address} does not answer: {found}.",
    "{address} 没有应答：{found}。",
    "Check the address, the cable and the firewall, and that the machine is on.",
    "请检查地址、网线和防火墙，并确认设备已开机。",
)
TURNED_AWAY = Rule(
    "source-turned-away",
    "{address} answers but refuses the connection: {found}.",
    "{address} 有应答但拒绝连接：{found}。",
    "Check user and password, and have the machine trust the agent's certificate.",
    "请检查用户名和密码，并在设备上信任本代理的证书。",
)
NO_SUCH_TAG = Rule(
    "tag-not-found",
    "{address} has no tag '{found}'.",
    "{address} 没有标签“{found}”。",
    "Write the tag as the machine names it; without tags, check lists what there is.",
    "请按设备中的名称书写标签；不写标签时，检查命令会列出可用的标签。",
)
WRONG_TAG = Rule(
    "tag-malformed",
    "'{found}' is no tag of this kind of source: {reason}.",
    "“{found}”不是此类数据源的标签：{reason_zh}。",
    "Write it as docs/telemetry/sources.md says.",
    "请按 docs/telemetry/sources.md 中的写法书写。",
)
BAD_VALUE = Rule(
    "tag-without-value",
    "'{found}' is there but has no good value: {reason}.",
    "“{found}”存在，但没有有效值：{reason_zh}。",
    "Look at the machine; until then its quality is sent as bad.",
    "请检查设备；在此之前其质量将以“坏”上报。",
)
UNREADABLE_FILE = Rule(
    "source-file-unreadable",
    "{address} cannot be read: {found}.",
    "无法读取 {address}：{found}。",
    "Check the path, the rights and the format's settings.",
    "请检查路径、权限和格式设置。",
)


Reason = tuple[str, str]
"""Why something is wrong, in Chinese and English."""


def problem(rule: Rule, address: str, found: str, reason: str | Reason = "") -> Problem:
    """A problem of the source at the address; a reason that is one text is the machine's own word."""
    zh, en = reason if isinstance(reason, tuple) else (reason, reason)
    return Problem(rule, Where(column=address), found, {"address": address, "reason": en, "reason_zh": zh})


def said(error: BaseException) -> str:
    """An error in short, with its kind where it says nothing itself."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
