// Decodes messages from standard input with `sparkplug-payload`, names put in by alias; prints messages a second.
const fs = require("fs");
const { get } = require("sparkplug-payload");

const format = get("spBv1.0");
const raw = fs.readFileSync(0);
const messages = [];
for (let place = 0; place < raw.length; ) {
    const length = raw.readUInt32LE(place);
    messages.push(new Uint8Array(raw.subarray(place + 4, place + 4 + length)));
    place += 4 + length;
}
const [birth, ...data] = messages;
const names = new Map(format.decodePayload(birth).metrics.map((each) => [Number(each.alias), each.name]));
const begin = process.hrtime.bigint();
let payload;
for (const message of data) {
    payload = format.decodePayload(message);
    for (const metric of payload.metrics) {
        metric.name = names.get(Number(metric.alias));
    }
}
console.log((data.length * 1e9) / Number(process.hrtime.bigint() - begin), payload.metrics[0].value);
