// The flow's function node: names by alias from the births; points are gathered for a fifth of a second.
const [, , kind, edge, device] = msg.topic.split("/");
const names = context.get("names") || {};
const known = names[edge] || (names[edge] = {});
const metrics = global.get("sparkplug").decodePayload(msg.payload).metrics;
if (kind.endsWith("BIRTH")) {
    for (const metric of metrics) {
        known[metric.alias] = metric.name;
    }
    context.set("names", names);
    return null;
}
const points = context.get("points") || [];
if (points.length === 0) {
    context.set("points", points);
    setTimeout(() => {
        context.set("points", []);
        node.send({ payload: points });
    }, 200);
}
for (const metric of metrics) {
    points.push({
        measurement: "sample",
        tags: { node: edge, device, metric: known[metric.alias] },
        fields: { value: metric.value },
        timestamp: String(metric.timestamp),
    });
}
return null;
