// Makes the site's own static files from npm packages: Tabler's style, htmx, and of ECharts only what the site draws.
import { build } from "esbuild";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "static", "vendor");
await mkdir(out, { recursive: true });
await build({
  entryPoints: ["node_modules/@tabler/core/dist/css/tabler.css"],
  outfile: join(out, "tabler.css"),
  bundle: true,
  minify: true,
  loader: { ".svg": "dataurl" },
});
await copyFile("node_modules/htmx.org/dist/htmx.min.js", join(out, "htmx.js"));
await build({
  entryPoints: [join(here, "charts.js")],
  outfile: join(out, "charts.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  legalComments: "eof",
});
