"""What a certificate claims and what it does not, in both languages: part of every certificate, and so signed."""

from __future__ import annotations

from typing import TypedDict

from shazhou.telemetry.names import HIGHEST


class Said(TypedDict):
    """A sentence in both languages."""

    zh: str
    en: str


class Proof(Said):
    """What a mode can prove at most: the highest level, and why."""

    mode: str
    highest: int


_PROVES: dict[str, Said] = {
    "pulse": {
        "zh": "仅发送心跳：证明登记的网关保持有效会话，不涉及任何设备数值。",
        "en": "A pulse only: it proves that the enrolled gateway held a valid session, and says nothing of any value.",
    },
    "rollup": {
        "zh": "按分钟汇总并由登记公钥签名：证明网关持续读到源时间推进、质量良好的数据；具体数值未离开企业。",
        "en": (
            "Roll-ups by the minute, signed with the enrolled key: they prove that the gateway kept reading data whose "
            "source times advance and whose quality is good; the values themselves never left the enterprise."
        ),
    },
    "full": {
        "zh": "发送原始点位与签名的分钟汇总：数值可核对，抽查时即时读取的点位须与样本一致。",
        "en": (
            "Raw tags and signed roll-ups: values can be checked, and a tag read on demand in a challenge must agree "
            "with the samples."
        ),
    },
}

NOT_PROVED: tuple[Said, ...] = (
    {
        "zh": "不证明网关背后确有设备：掌握网关及其密钥的人可以模拟一台设备，足够仔细的模拟无法从信号中识别。",
        "en": (
            "That a machine stands behind the gateway: whoever holds the gateway and its key can imitate one, and an "
            "imitation made with enough care cannot be told from signals."
        ),
    },
    {
        "zh": "不证明数值正确：传感器可能失准，点位可能接错。",
        "en": "That values are right: a sensor may be wrong, a tag may be mapped to the wrong machine.",
    },
    {
        "zh": "不证明设备属于该企业或位于登记地址。",
        "en": "That the machine belongs to the enterprise or stands at its address.",
    },
    {
        "zh": "不证明产量、产值或节能效果：在线只说明设备有信号。",
        "en": "Output, revenue or savings: online says that machines give signals, and no more.",
    },
    {
        "zh": "不证明未发现疑点即无造假：只检查所列疑点，且只与已接入企业的数据比对。",
        "en": (
            "That there was no fraud where no doubt is listed: only these doubts are looked for, and series are "
            "compared with those of connected enterprises alone."
        ),
    },
)
"""What no certificate proves."""

WOULD_SETTLE: tuple[Said, ...] = (
    {
        "zh": "供电公司同期分时电量，与设备用电量、运行小时比对。",
        "en": "The grid's meter readings of the same hours, beside the machines' energy and running hours.",
    },
    {
        "zh": "产量、开票或纳税记录，与设备产出件数比对。",
        "en": "Output, invoices or tax returns, beside the pieces that the machines made.",
    },
    {
        "zh": "事先不通知的现场核查，并在现场进行一次抽查。",
        "en": "A visit without notice, with a challenge put while somebody stands beside the machine.",
    },
)
"""Which other evidence would settle what signals cannot."""


def proof_of(mode: str) -> Proof:
    """What a mode proves at most."""
    return {"mode": mode, "highest": HIGHEST[mode], **_PROVES[mode]}
