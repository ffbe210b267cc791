"""Why an hour did not reach the next level, and a month not the rule: codes with a sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from shazhou.city.problem import Language
from shazhou.telemetry.presence.doubt import KINDS


@dataclass(frozen=True)
class Reason:
    """A code with what it means to people."""

    code: str
    en: str
    zh: str

    def says(self, language: Language) -> str:
        """The sentence in a language."""
        return self.zh if language == "zh" else self.en


_REASONS = (
    Reason("", "Nothing is missing.", "无缺项。"),
    Reason("never-heard", "Joined on paper; nothing was ever heard of it.", "已登记，从未收到任何信号。"),
    Reason("first-hour", "Just heard; that hour is not judged yet.", "刚收到信号，该小时尚未判定。"),
    Reason("silent", "Nothing was heard in this time.", "该时段未收到任何信号。"),
    Reason("no-birth", "Messages came, but no valid birth.", "收到消息，但没有有效的上线报文。"),
    Reason(
        "short-session",
        "Connected for less of the working time than the rule asks.",
        "在线时长未达到规定的工作时间比例。",
    ),
    Reason(
        "pulse-mode", "Discloses a pulse only; a pulse proves no values.", "仅发送心跳（pulse），无法证明数据真实。"
    ),
    Reason("no-minutes", "Connected, but no minutes of any machine came.", "已连接，但没有任何设备的分钟记录。"),
    Reason("unsigned", "Minutes are not signed with the enrolled key.", "分钟记录未用登记的密钥签名。"),
    Reason("times-stand", "The machine's own times do not advance.", "设备源时间未推进。"),
    Reason("bad-quality", "Most values are of bad quality.", "多数数值质量码为差。"),
    Reason(
        "short-live", "Live for less of the working time than the rule asks.", "有效数据时长未达到规定的工作时间比例。"
    ),
    Reason(
        "not-challenged", "No challenge was put or answered in the last 24 hours.", "近 24 小时内没有已应答的抽查。"
    ),
    Reason("challenge-failed", "The last challenge was not answered.", "最近一次抽查未应答。"),
    Reason(
        "read-missing",
        "A tag read on demand did not agree or was not answered.",
        "即时读取的点位未应答或与样本不一致。",
    ),
    Reason("doubt-clone", "The same series came from elsewhere.", "同一数据序列也来自别处（克隆）。"),
    Reason("doubt-replay", "A past series was played again.", "重放过去的数据序列。"),
    Reason(
        "doubt-echo",
        "Consumption follows another enterprise's machine minute by minute.",
        "能耗逐分钟跟随另一企业的设备。",
    ),
    Reason("doubt-cached", "Only timestamps change.", "只有时间戳在变化（缓存）。"),
    Reason("doubt-frozen", "The same reading comes again and again.", "反复上报同一读数（冻结）。"),
    Reason("doubt-regular", "More regular than machines are.", "规律性超出真实设备（疑似模拟器）。"),
    Reason("doubt-shared-gateway", "One gateway speaks for several enterprises.", "同一网关代表多家企业。"),
    Reason("doubt-clock", "The gateway's clock is adrift.", "网关时钟偏差过大。"),
    Reason("doubt-seq-duplicates", "Sequence numbers come twice: two publishers.", "序号重复：存在两个发布者。"),
    Reason("doubt-unsigned", "Minutes without a valid signature.", "分钟记录签名无效。"),
    Reason("days-to-come", "Too few working days so far; nothing else is missing.", "工作日尚不足，其余条件均满足。"),
    Reason("too-few-challenges", "Too few challenges were passed.", "通过的抽查次数不足。"),
)

REASONS: dict[str, Reason] = {reason.code: reason for reason in _REASONS}
"""By code. A doubt's reason is ``doubt-`` and its kind."""

assert all(f"doubt-{kind}" in REASONS for kind in KINDS)
