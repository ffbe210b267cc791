// Charts: every element with data-chart="ID" draws the ECharts option in the JSON script of that id, in the theme of the
// page. The table behind each chart stays in the page; the chart is put beside it.
import * as echarts from "echarts/core";
import { BarChart, LineChart, MapChart, ScatterChart, PieChart } from "echarts/charts";
import {
  AriaComponent, DatasetComponent, GeoComponent, GridComponent, LegendComponent, MarkLineComponent,
  TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  BarChart, LineChart, MapChart, ScatterChart, PieChart, AriaComponent, DatasetComponent, GeoComponent, GridComponent,
  LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, SVGRenderer,
]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const theme = () => ({
  color: [token("--accent"), "#c98a2b", "#5b7f95", "#7a5c8e", "#4f8f6b", "#b4574f", "#8a8f3c", "#3f6fb0"],
  textStyle: { color: token("--ink"), fontFamily: getComputedStyle(document.body).fontFamily },
  categoryAxis: { axisLine: { lineStyle: { color: token("--line") } }, axisLabel: { color: token("--ink-soft") } },
  valueAxis: { splitLine: { lineStyle: { color: token("--line") } }, axisLabel: { color: token("--ink-soft") } },
  legend: { textStyle: { color: token("--ink-soft") } },
  tooltip: { backgroundColor: token("--paper"), borderColor: token("--line"), textStyle: { color: token("--ink") } },
});

const data = (id) => JSON.parse(document.getElementById(id).textContent);

async function draw(element) {
  const option = data(element.dataset.chart);
  if (element.dataset.outline) {
    const answer = await fetch(element.dataset.outline);
    echarts.registerMap(element.dataset.map, await answer.json());
  }
  echarts.getInstanceByDom(element)?.dispose();
  const chart = echarts.init(element, theme(), { renderer: "svg" });
  chart.setOption({ aria: { enabled: true }, animation: false, ...option });
  chart.on("click", (event) => {
    const address = event.data?.address;
    if (address) window.htmx ? htmx.ajax("GET", address, "#panel") : (location.href = address);
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}

const drawAll = (root) => root.querySelectorAll("[data-chart]").forEach(draw);

document.addEventListener("DOMContentLoaded", () => drawAll(document));
document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) drawAll(event.detail.elt); });
document.addEventListener("theme", () => drawAll(document));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save-chart]");
  if (!button) return;
  const element = document.querySelector(`[data-chart="${button.dataset.saveChart}"]`);
  const canvas = document.createElement("canvas");
  const svg = new XMLSerializer().serializeToString(element.querySelector("svg"));
  const image = new Image();
  image.onload = () => {
    canvas.width = 2 * element.clientWidth;
    canvas.height = 2 * element.clientHeight;
    const pen = canvas.getContext("2d");
    pen.fillStyle = token("--paper");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = `${button.dataset.saveChart}.png`;
    link.click();
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
});
