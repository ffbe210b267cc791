"""What a verification can find wrong."""

from __future__ import annotations

from shazhou.city.problem import Rule

CHANGED_FILE = Rule(
    "file-changed",
    "The file is not as it was written.",
    "文件与写入时不一致。",
    "Restore it from a backup.",
    "请从备份恢复该文件。",
)
LOST_FILE = Rule(
    "file-lost",
    "A file of the ledger is missing.",
    "账本文件缺失。",
    "Restore it from a backup.",
    "请从备份恢复该文件。",
)
STRAY_FILE = Rule(
    "file-unlisted",
    "This file does not belong to the ledger.",
    "该文件不属于账本。",
    "Move it away after finding out how it came here.",
    "请查明来源后将其移走。",
)
CHANGED_QUOTATION = Rule(
    "quotation-changed",
    "Line {line} of the quoted figures is not as it was written, or a line before it is missing.",
    "所引数值清单第 {line} 行与写入时不一致，或其前缺行。",
    "Restore quoted/figures.jsonl from a backup; the evidence itself is not touched by this.",
    "请从备份恢复 quoted/figures.jsonl；证据本身不受影响。",
)
CHANGED_CACHE = Rule(
    "cache-changed",
    "The cached file is not as it was written; it is not believed, and the evidence itself is not touched by this.",
    "缓存文件与写入时不一致；系统不会采信该文件，证据本身不受影响。",
    "Delete it; it is computed again when it is needed.",
    "删除该文件即可，需要时会重新计算。",
)
UNREADABLE = Rule(
    "ledger-unreadable",
    "The ledger's tables cannot be read: {found}.",
    "账本数据表无法读取：{found}。",
    "Restore the files named above from a backup.",
    "请从备份恢复上述文件。",
)
LOST_SUBMISSION = Rule(
    "submission-lost",
    "Submission {sequence} can no longer be read.",
    "第 {sequence} 号报送已无法读取。",
    "It and all that follow are in doubt; restore the files named above from a backup.",
    "该报送及其后的内容均不可信，请从备份恢复上述文件。",
)
BROKEN_CHAIN = Rule(
    "chain-broken",
    "Submission {sequence} ({id}) does not continue the chain.",
    "第 {sequence} 号报送（{id}）与前一账头不相接。",
    "Everything from here on is in doubt; restore from a backup.",
    "自此以后的内容均不可信，请从备份恢复。",
)
CHANGED_CONTENT = Rule(
    "content-changed",
    "The observations of submission {sequence} ({id}) cannot be read back as they were submitted.",
    "第 {sequence} 号报送（{id}）的观测值无法按报送时的原样读回。",
    "Restore the observation files from a backup.",
    "请从备份恢复观测值文件。",
)
WRONG_DOCUMENT = Rule(
    "document-changed",
    "The document of submission {sequence} ({id}) is missing or not what was delivered.",
    "第 {sequence} 号报送（{id}）的原始文件缺失或已改变。",
    "Restore the document from a backup.",
    "请从备份恢复该文件。",
)
UNEXPECTED_HEAD = Rule(
    "head-not-found",
    "The chain does not pass through the expected head {found}.",
    "链上没有预期的账头 {found}。",
    "This is not the ledger that the report was made from, or it has been changed since.",
    "这不是生成该报告的账本，或账本已被改动。",
)
