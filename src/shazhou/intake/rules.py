"""What a row of a document can break."""

from __future__ import annotations

from shazhou.city.problem import Rule

UNKNOWN_VARIABLE = Rule(
    "unknown-variable",
    "There is no variable {found}.",
    "没有名为 {found} 的指标项。",
    "Define it in variables.yaml, or correct the cell.",
    "请在 variables.yaml 中定义，或改正单元格。",
)
OUT_OF_RANGE = Rule(
    "out-of-range",
    "{found} is outside {low} to {high} {unit}, the valid range of {variable}.",
    "{found} 超出 {variable} 的有效范围 {low} 至 {high} {unit}。",
    "Correct the value or its unit; if it is right, widen the range in variables.yaml.",
    "请改正数值或单位；若数值无误，请在 variables.yaml 中放宽范围。",
)
NOT_WHOLE = Rule(
    "not-whole",
    "{found} is not a whole number.",
    "{found} 不是整数。",
    "A count has no fractions; correct the value or its unit.",
    "计数不能有小数，请改正数值或单位。",
)
TEXT_FOR_NUMBER = Rule(
    "text-for-number",
    "{variable} is a number, but the mapping reads it as a text.",
    "{variable} 是数值，但映射按文本读取。",
    "Use value: instead of text: in the mapping.",
    "请在映射中用 value: 代替 text:。",
)
UNKNOWN_CODE = Rule(
    "unknown-code",
    "{found} is not allowed for {column}.",
    "{column} 不允许 {found}。",
    "Use one of: {allowed}.",
    "请使用以下之一：{allowed}。",
)
WRONG_CODE = Rule(
    "wrong-code",
    "The code {found} is wrong: {en}.",
    "代码 {found} 有误：{zh}。",
    "Compare it with the certificate or the code list.",
    "请与证照或代码表核对。",
)
WRONG_HOURS = Rule(
    "wrong-working-hours",
    "The working hours are wrong: {en}.",
    "工作时间有误：{zh}。",
    "Write mon-fri 08:00-17:30, daily 00:00-24:00, or closed 2026-10-01/2026-10-07; several parted by semicolons.",
    "请写成 mon-fri 08:00-17:30、daily 00:00-24:00 或 closed 2026-10-01/2026-10-07；多项以分号隔开。",
)
WRONG_KEY = Rule(
    "wrong-public-key",
    "The key {found} is no Ed25519 public key in base64: {en}.",
    "{found} 不是 base64 格式的 Ed25519 公钥：{zh}。",
    "Give what shazhou edge key prints: 32 bytes in base64, 44 characters; or leave the cell empty.",
    "请填写 shazhou edge key 输出的内容：32 字节的 base64，共 44 个字符；或留空。",
)
WRONG_BY_CODE = {"hours": WRONG_HOURS, "ed25519": WRONG_KEY}
"""Rules of codes that are no codes of a list or certificate; of all others `WRONG_CODE`."""
UNKNOWN_INDUSTRY = Rule(
    "unknown-industry",
    "There is no industry {found}.",
    "没有名为 {found} 的产业。",
    "Define it in industries.yaml, or correct the cell.",
    "请在 industries.yaml 中定义，或改正单元格。",
)
NO_SOURCE = Rule(
    "source-missing",
    "The row cites no source.",
    "该行没有注明来源。",
    "Fill the source column, or name the document's source: --source ID.",
    "请填写来源列，或用 --source 指定文件的来源。",
)
STATED_TWICE = Rule(
    "stated-twice",
    "{found} contradicts {other} in row {row}, stated by the same source for the same thing.",
    "{found} 与第 {row} 行的 {other} 矛盾：同一来源对同一事项给出了不同数值。",
    "Keep the right one; give different periods or sources where both are meant.",
    "请保留正确的一行；若两者都要保留，请注明不同的时期或来源。",
)
SEVERAL_PLACES = Rule(
    "place-ambiguous",
    "{found} stands for several places: {several}.",
    "{found} 对应多个地方：{several}。",
    "Use the place's key or code.",
    "请使用地方的编号或代码。",
)
EMPTY_CELL = Rule(
    "cell-required",
    "The row states something, but its {column} is empty.",
    "该行有内容，但 {column} 为空。",
    "Fill the cell.",
    "请填写该单元格。",
)
WRONG_KIND = Rule(
    "entity-kind",
    "{variable} is not observed of any {kind}: {found}.",
    "指标项 {variable} 不适用于主体类别 {kind}：{found}。",
    "Correct the variable or the entity; it is observed of {allowed}.",
    "请改正指标项或主体；该指标项适用于：{allowed}。",
)
STATED_AGAIN = Rule(
    "stated-again",
    "The row states what row {row} states already: {found}.",
    "该行与第 {row} 行重复：{found}。",
    "Nothing needs to be done; remove one of them if it is there by mistake.",
    "无需处理；如为误填请删除其一。",
)
NOT_CITED = Rule(
    "source-unranked",
    "The source “{found}” is not in sources.yaml; any source that is goes before it.",
    "来源“{found}”不在 sources.yaml 中，排在所有已登记来源之后。",
    "Add it to sources.yaml with its rank.",
    "请在 sources.yaml 中登记并注明等级。",
)
LOST_CELL = Rule(
    "cell-lost",
    "“{found}” stays in the document only: the row states nothing that it belongs to.",
    "“{found}”仅保留在原始文件中：该行没有与之相关的观测值。",
    "Fill the value it belongs to, if it is to be found in the ledger.",
    "如需在账本中查到，请填写与之相关的数值。",
)
UNKNOWN_KIND = Rule(
    "unknown-kind",
    "Nothing has a name or code among entities of the kind {found}.",
    "没有名称或代码可比的主体类别：{found}。",
    "Use one of {known}.",
    "请使用以下之一：{known}。",
)
NOT_XLSX = Rule(
    "template-name",
    "A template is an XLSX workbook; {found} has another ending.",
    "模板是 XLSX 工作簿，而 {found} 的扩展名不符。",
    "Give a name that ends in .xlsx.",
    "请使用以 .xlsx 结尾的文件名。",
)
NOTHING_STATED = Rule(
    "nothing-stated",
    "The document states nothing: no row has a value.",
    "文件没有任何内容：没有一行填有数值。",
    "Fill in values; if there are some, check that they stand in the right column and sheet.",
    "请填写数值；如已填写，请检查是否填在正确的列和工作表中。",
)
