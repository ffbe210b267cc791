// An edge node by `sparkplug-client`, told what to do by lines on standard input; what it is told by commands it prints.
const readline = require("readline");
const path = require("path");
const Long = require("long");
const sparkplug = require("sparkplug-client");

const VALUES = require(path.join(__dirname, "..", "values.json"));
const [port, groupId, edgeNode] = process.argv.slice(2);

function typed(type, value) {
    if (type === "Int64" || type === "UInt64" || type === "DateTime") {
        return Long.fromString(value, type !== "Int64");
    }
    return type === "Bytes" ? Uint8Array.from(value) : value;
}

function metrics(stage) {
    const table = { numOfColumns: 2, columns: ["heat", "grade"], types: ["Int32", "String"], rows: [[1, "A"], [-2, "B"]] };
    const motor = {
        templateRef: "Motor", isDefinition: false, version: "1",
        metrics: [{ name: "rpm", type: "Int32", value: -3 }], parameters: [{ name: "poles", type: "Int32", value: 4 }],
    };
    return VALUES.map((each) => ({ name: each.name, type: each.type, value: typed(each.type, each[stage]), timestamp: Date.now() }))
        .concat([
            { name: "table", type: "DataSet", value: table, timestamp: Date.now() },
            { name: "motor", type: "Template", value: motor, timestamp: Date.now() },
            { name: "null", type: "Int32", value: null, timestamp: Date.now() },
        ]);
}

const client = sparkplug.newClient({
    serverUrl: `mqtt://127.0.0.1:${port}`, username: "", password: "", groupId, edgeNode, clientId: edgeNode,
    publishDeath: true, version: "spBv1.0",
});

function birth() {
    const definition = { isDefinition: true, version: "1", metrics: [{ name: "rpm", type: "Int32", value: 0 }], parameters: [{ name: "poles", type: "Int32", value: 0 }] };
    const own = [
        { name: "Node Control/Rebirth", type: "Boolean", value: false },
        { name: "Motor", type: "Template", value: definition },
    ];
    client.publishNodeBirth({ timestamp: Date.now(), metrics: own.concat(metrics("birth")) });
    client.publishDeviceBirth("press", { timestamp: Date.now(), metrics: [{ name: "setpoint", type: "Int32", value: 0 }].concat(metrics("birth")) });
}

function said(kind, payload) {
    const named = payload.metrics.map((each) => [each.name, Long.isLong(each.value) ? Number(each.value) : each.value]);
    console.log(JSON.stringify({ [kind]: named }));
    if (named.some(([name, value]) => name === "Node Control/Rebirth" && value)) {
        birth();
    }
}

client.on("birth", birth);
client.on("ncmd", (payload) => said("ncmd", payload));
client.on("dcmd", (_, payload) => said("dcmd", payload));
readline.createInterface({ input: process.stdin }).on("line", (line) => {
    if (line === "data") {
        client.publishNodeData({ timestamp: Date.now(), metrics: metrics("data") });
        client.publishDeviceData("press", { timestamp: Date.now(), metrics: metrics("data") });
    } else if (line === "bury") {
        client.publishDeviceDeath("press", { timestamp: Date.now() });
    } else if (line === "stop") {
        client.stop();
    }
}).on("close", () => client.stop());
