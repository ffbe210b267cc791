// An OPC UA server by `node-opcua`: variables ns=1;s=v0 … that change together every so many milliseconds, and what lines on
// standard input tell it. Its first argument is a JSON object: port, variables, period (0: they stand still), folder (for its
// certificates), limit (operations per call, 0: none), user and password (empty: anybody).
const path = require("path");
const readline = require("readline");
const opcua = require("node-opcua");

const asked = { period: 1000, limit: 0, user: "", password: "", ...JSON.parse(process.argv[2]) };

async function serve() {
    const certificates = new opcua.OPCUACertificateManager({
        rootFolder: path.join(asked.folder, "pki"), automaticallyAcceptUnknownCertificate: true,
    });
    const limits = asked.limit && {
        maxMonitoredItemsPerCall: asked.limit, maxNodesPerRead: asked.limit, maxNodesPerBrowse: asked.limit,
    };
    const server = new opcua.OPCUAServer({
        port: asked.port, hostname: "127.0.0.1", host: "127.0.0.1", resourcePath: "",
        serverInfo: { applicationUri: "urn:node-opcua:factory", productUri: "factory" },
        buildInfo: { productName: "node-opcua factory" },
        serverCertificateManager: certificates, userCertificateManager: certificates,
        allowAnonymous: !asked.user,
        userManager: { isValidUser: (user, password) => user === asked.user && password === asked.password },
        securityModes: [1, 2, 3], securityPolicies: [opcua.SecurityPolicy.None, opcua.SecurityPolicy.Basic256Sha256],
        serverCapabilities: {
            maxMonitoredItems: 1e6, maxMonitoredItemsPerSubscription: 1e6, maxSubscriptionsPerSession: 100,
            maxMonitoredItemsQueueSize: 100, maxSessions: 20, ...(limits && { operationLimits: limits }),
        },
    });
    await server.initialize();
    const space = server.engine.addressSpace.getOwnNamespace();
    const press = space.addObject({ organizedBy: server.engine.addressSpace.rootFolder.objects, browseName: "Press", nodeId: "s=press" });
    const variables = Array.from({ length: asked.variables }, (_, number) => space.addVariable({
        componentOf: press, browseName: `V${number}`, nodeId: `s=v${number}`, dataType: "Double",
        minimumSamplingInterval: 0, value: { dataType: "Double", value: number },
    }));
    await server.start();

    let tick = 0;
    const broken = new Set();
    if (asked.period) {
        setInterval(() => {
            tick += 1;
            variables.forEach((variable, number) => {
                if (!broken.has(number)) variable.setValueFromSource({ dataType: "Double", value: tick * 0.5 + number });
            });
        }, asked.period);
    }
    readline.createInterface({ input: process.stdin }).on("line", (line) => {
        const [word, argument] = line.split(" ");
        if (word === "bad") {
            // Broken from now on: a value that the next tick replaces may lie between two samples and be told to nobody.
            broken.add(Number(argument));
            variables[Number(argument)].setValueFromSource({ dataType: "Double", value: 0 }, opcua.StatusCodes.BadSensorFailure);
        } else if (word === "count") {
            process.stdout.write(JSON.stringify({ count: tick * variables.length }) + "\n");
        }
    });
    process.stdout.write(JSON.stringify({ up: asked.port }) + "\n");
}

serve();
