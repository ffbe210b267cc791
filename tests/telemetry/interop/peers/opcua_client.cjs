// An OPC UA client by `node-opcua`: subscribes to ns=1;s=v0 … of a server and says after so many seconds what came.
// Arguments: port, variables, seconds, publishing interval in milliseconds, queue, seconds before it counts.
const opcua = require("node-opcua");
const [port, count, seconds, interval, queueSize, settled] = process.argv.slice(2).map(Number);

async function listen() {
    const client = opcua.OPCUAClient.create({ endpointMustExist: false, securityMode: 1, securityPolicy: opcua.SecurityPolicy.None });
    await client.connect(`opc.tcp://127.0.0.1:${port}`);
    const session = await client.createSession();
    const subscription = await session.createSubscription2({
        requestedPublishingInterval: interval, requestedLifetimeCount: 1000, requestedMaxKeepAliveCount: 10,
        maxNotificationsPerPublish: 2000, publishingEnabled: true, priority: 0,
    });
    let heard = 0;
    const nodes = Array.from({ length: count }, (_, number) => ({ nodeId: `ns=1;s=v${number}`, attributeId: opcua.AttributeIds.Value }));
    for (let start = 0; start < count; start += 1000) {
        const group = opcua.ClientMonitoredItemGroup.create(
            subscription, nodes.slice(start, start + 1000),
            { samplingInterval: 0, queueSize, discardOldest: true }, opcua.TimestampsToReturn.Both);
        group.on("changed", () => { heard += 1; });
        await new Promise((resolve) => group.once("initialized", resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, settled * 1000));
    process.stdout.write(JSON.stringify({ begun: true }) + "\n");
    const [before, used, begun] = [heard, process.cpuUsage(), process.hrtime.bigint()];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const cpu = process.cpuUsage(used);
    const took = Number(process.hrtime.bigint() - begun) / 1e9;
    process.stdout.write(JSON.stringify({ measured: { heard: heard - before, seconds: took, cpu: (cpu.user + cpu.system) / 1e6 } }) + "\n");
    process.exit(0);
}

listen();
