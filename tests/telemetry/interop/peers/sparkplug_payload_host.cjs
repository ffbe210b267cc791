// Listens to a node and says what `sparkplug-payload` decodes; the line "rebirth" has it command the node.
const readline = require("readline");
const Long = require("long");
const mqtt = require("mqtt");
const { get } = require("sparkplug-payload");

const [port, group, node] = process.argv.slice(2);
const format = get("spBv1.0");
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: "sparkplug-payload-host" });

client.on("connect", () => client.subscribe(`spBv1.0/${group}/#`, () => console.log(JSON.stringify({ ready: true }))));
client.on("message", (topic, bytes) => {
    const [, , kind, , device] = topic.split("/");
    const metrics = (format.decodePayload(bytes).metrics || []).map((each) => [
        each.name, Long.isLong(each.value) ? each.value.toString() : each.value, Boolean(each.isHistorical), each.alias && Number(each.alias),
    ]);
    console.log(JSON.stringify({ [kind]: { device: device || "", metrics } }));
});
readline.createInterface({ input: process.stdin }).on("line", () => {
    const metrics = [{ name: "Node Control/Rebirth", type: "Boolean", value: true }];
    client.publish(`spBv1.0/${group}/NCMD/${node}`, Buffer.from(format.encodePayload({ timestamp: Date.now(), metrics })));
}).on("close", () => client.end());
