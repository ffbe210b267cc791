// Node-RED without its editor: the flow and the ports come from the environment.
module.exports = {
    uiHost: "127.0.0.1",
    uiPort: Number(process.env.UI_PORT),
    disableEditor: true,
    httpAdminRoot: false,
    userDir: process.env.USER_DIR,
    flowFile: process.env.FLOW,
    credentialSecret: false,
    functionGlobalContext: { sparkplug: require("sparkplug-payload").get("spBv1.0") },
    logging: { console: { level: "info", metrics: false, audit: false } },
};
