"""What the printed certificate calls things: both languages side by side, as on every page of it."""

from __future__ import annotations

TITLE = "企业联网证明 Connection certificate"

LABELS = {
    "month": "月份 Month",
    "city": "城市 City",
    "enterprise": "企业 Enterprise",
    "node": "节点 Edge node",
    "town": "所在区镇 Town",
    "industry": "产业 Industry",
    "joined": "承诺接入 Promised to connect by",
    "key": "网关公钥 Key of its gateway",
    "working_hours": "工作时间 Working hours",
    "rule": "判定规则 Rule",
    "levels": "各小时等级 Level by hour",
    "day": "日期 Day",
    "live": "活跃/应工作（小时） Live/working (h)",
    "counts": "计入 Counts",
    "proves": "能证明什么 What it proves",
    "highest": "最高等级 Highest level",
    "challenges": "抽查 Challenges",
    "gaps": "中断 Gaps",
    "doubts": "疑点 Doubts",
    "machines": "设备 Machines",
    "does_not_prove": "不能证明什么 What it does not prove",
    "would_settle": "哪些其他证据可以判定 What else would settle it",
    "signature": "签名 Signature",
    "city_key": "本市公钥 The city's key",
    "signed_value": "签名值 Ed25519 signature",
    "head": "账头 Head of the ledger",
    "month_in": "账本报送 Submission in the ledger",
    "made": "签发时间（UTC） Made (UTC)",
    "verify": "核验 To verify",
}

COLUMNS = {
    "challenges": ("时间 At", "结果 Outcome", "即时读取 Tag read"),
    "gaps": ("起 From", "止 To", "类别 Kind", "缺失 Missing"),
    "doubts": ("疑点 Doubt", "设备 Machine", "起止 From – to", "降至 Lowers to", "依据 Evidence"),
    "machines": (
        *("设备 Machine", "运行（时） Running (h)", "活跃（时） Live (h)", "件数 Pieces", "合格 Good"),
        *("电量（千瓦时） Energy (kWh)", "故障 Failures"),
    ),
}

WIDTHS = {"challenges": (0, 1, 1), "gaps": (1, 1, 1, 1), "doubts": (3, 1, 2, 1, 5), "machines": (2, 1, 1, 1, 1, 1, 1)}
"""Shares of the width that columns take, 0 for as much as they need."""

NONE = "无 None"
NOT_STATED = "—"
YES, NO = "是 yes", "否 no"
ONLINE, NOT_ONLINE = "在线 Online", "不在线 Not online"
SO_FAR = "截至 {until}，当月未结束 so far until {until}, the month is not over"
VERDICT = "达标 {days} 天（须 {asked} 天），通过抽查 {challenges} 次（须 {wanted} 次） "
VERDICT_EN = "Days that count: {days} (asked: {asked}), challenges passed: {challenges} (asked: {wanted})"
RULE = (
    "当月至少 {days} 天，工作时间的 {share} 达到 {level} 级，并通过至少 {challenges} 次抽查 "
    "At level {level} for {share} of the working hours on at least {days} days; challenges passed, at least: "
    "{challenges}"
)
MARKS = {
    "": "",
    "simulated": "模拟数据：本证明不涉及任何真实设备 SIMULATED: no real machine stands behind this certificate",
    "recorded": "录制数据回放：并非当月实际信号 RECORDED data played back: these are no signals of this month",
}
WATERMARKS = {"": "", "simulated": "模拟 SIMULATED", "recorded": "录制 RECORDED"}
OUTCOMES = {True: "通过 passed", False: "未通过 failed", None: "未答复 not answered"}
READS = {True: "一致 agreed", False: "不一致 did not agree", None: NOT_STATED}
GAPS = {"offline": "离线 offline", "lost": "丢失 lost"}
LASTS = "持续 still"
MORE = "其余 {count} 项见附件 JSON {count} more in the attached JSON"
HOW = (
    "shazhou certificate verify FILE --key KEY，公钥以本市公布为准。任何一个字节被改动都会被发现，核验无需联网。 "
    "The key is the one that the city publishes. Any changed byte is found; no connection is needed."
)
HEAT_MAP = (
    "数字为等级：0 已承诺接入，1 已建会话，2 有报文，3 活跃，4 已通过抽查；横线为工作时间，* 为因疑点下调。 "
    "Digits are levels: 0 promised, 1 session, 2 speaking, 3 live, 4 challenged; underlined: working time; "
    "*: lowered by doubts."
)
