// Charts: every element with data-chart="ID" draws the ECharts option in the JSON script of that id, in the theme of the
// page. The table behind each chart stays in the page; the chart is put beside it.
//
// A text in the option that begins with -- is a colour token of the page's style. A datum may say its `title`, how its
// value is `shown`, and the `address` of its trail, which a click opens. With data-outline="ADDRESS" data-map="NAME" the
// outlines of a map are fetched first.
import * as echarts from "echarts/core";
import { BarChart, LineChart, MapChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent, GeoComponent, GridComponent, LegendPlainComponent, TooltipComponent,
  VisualMapContinuousComponent,
} from "echarts/components";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  BarChart, LineChart, MapChart, ScatterChart, AriaComponent, GeoComponent, GridComponent, LabelLayout,
  LegendPlainComponent, TooltipComponent, VisualMapContinuousComponent, SVGRenderer,
]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const theme = () => ({
  color: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => token(`--series-${number}`)),
  textStyle: { color: token("--ink"), fontFamily: getComputedStyle(document.body).fontFamily },
  categoryAxis: {
    axisLine: { lineStyle: { color: token("--line-strong") } }, axisTick: { show: false },
    axisLabel: { color: token("--ink-soft") },
  },
  valueAxis: {
    splitLine: { lineStyle: { color: token("--line") } }, axisLabel: { color: token("--ink-soft") },
    nameTextStyle: { color: token("--ink-soft"), align: "left" },
  },
  legend: { textStyle: { color: token("--ink-soft") }, itemHeight: 9, itemWidth: 16 },
  tooltip: {
    backgroundColor: token("--paper"), borderColor: token("--line-strong"), borderWidth: 1, padding: [6, 10],
    textStyle: { color: token("--ink"), fontSize: 12 }, shadowBlur: 8, shadowColor: "rgb(0 0 0 / 0.12)",
  },
});

const coloured = (value) => {
  if (typeof value === "string") return value.startsWith("--") ? token(value) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, coloured(each)]));
};

// Rich text, not HTML: the page allows no inline style, and names need no escaping.
const said = (hit) => `${hit.data?.title ?? hit.seriesName}: ${hit.data?.shown ?? hit.value ?? "—"}`;
const tooltip = {
  renderMode: "richText",
  confine: true,
  formatter: (hits) =>
    Array.isArray(hits)
      ? [hits[0].axisValueLabel, ...hits.filter((hit) => hit.value != null).map((hit) => `${hit.marker}${said(hit)}`)].join("\n")
      : said(hits),
};

const data = (id) => JSON.parse(document.getElementById(id).textContent);
const resized = new ResizeObserver((entries) =>
  entries.forEach((entry) => echarts.getInstanceByDom(entry.target)?.resize()));

async function draw(element) {
  const option = coloured(data(element.dataset.chart));
  if (element.dataset.outline && !echarts.getMap(element.dataset.map)) {
    const answer = await fetch(element.dataset.outline);
    echarts.registerMap(element.dataset.map, await answer.json());
  }
  echarts.getInstanceByDom(element)?.dispose();
  const chart = echarts.init(element, theme(), { renderer: "svg" });
  chart.setOption({ aria: { enabled: true }, animation: false, ...option, tooltip: { ...tooltip, ...option.tooltip } });
  chart.on("click", (event) => {
    const address = event.data?.address;
    if (address) window.htmx ? htmx.ajax("GET", address, { target: "#panel", source: element }) : (location.href = address);
  });
  resized.observe(element);
}

const drawAll = (root) => root.querySelectorAll("[data-chart]").forEach(draw);

document.addEventListener("DOMContentLoaded", () => drawAll(document));
document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) drawAll(event.detail.elt); });
document.addEventListener("theme", () => drawAll(document));

// A chart as a picture: twice the size of the screen, on paper, with its title above.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save-chart]");
  if (!button) return;
  const element = document.querySelector(`[data-chart="${button.dataset.saveChart}"]`);
  const title = element.dataset.title ?? "", above = title ? 32 : 0;
  const svg = element.querySelector("svg").cloneNode(true);
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 2 * element.clientWidth;
    canvas.height = 2 * (element.clientHeight + above);
    const pen = canvas.getContext("2d");
    pen.fillStyle = token("--paper");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = token("--ink");
    pen.font = `600 28px ${getComputedStyle(document.body).fontFamily}`;
    pen.fillText(title, 16, 40, canvas.width - 32);
    pen.drawImage(image, 0, 2 * above, canvas.width, canvas.height - 2 * above);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = `${title || button.dataset.saveChart}.png`;
    link.click();
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
});
