import uPlot from "uplot";
import { time, tokens } from "../../lib/format";
import { shownClasses } from "./series";

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** How uPlot draws the hour, in the colours of the theme that is worn now. */
export function options(
  size: { width: number; height: number },
  fresh: boolean,
  point: (index: number | null) => void,
): uPlot.Options {
  const columns = uPlot.paths.bars?.({ size: [0.72, 14], radius: 0.2 });
  const layers = [...shownClasses(fresh)].reverse();
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: token("text-3"), font, ticks: { show: false } };
  return {
    ...size,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_, min, max) => [min - 45, max + 45] },
      y: { range: (_, __, max) => [0, Math.max(max * 1.05, 10)] },
    },
    axes: [
      {
        ...axis,
        size: 22,
        gap: 4,
        space: 64,
        grid: { show: false },
        border: { show: true, stroke: token("line"), width: 1 },
        values: (plot, splits) => splits.map((split) => (nearEnd(plot, split) ? "" : time(split * 1000))),
      },
      {
        ...axis,
        size: 44,
        gap: 6,
        space: 32,
        grid: { stroke: token("line"), width: 1, dash: [2, 4] },
        values: (plot, splits) => splits.map((split) => (split === 0 || isEmpty(plot) ? "" : short(split))),
      },
    ],
    series: [{}, ...layers.map(({ css }) => layer(css, columns))],
    hooks: { setCursor: [(plot) => point(plot.cursor.idx ?? null)] },
  };
}

/** A label there would be cut off. */
const nearEnd = (plot: uPlot, split: number) => split > (plot.scales.x?.max ?? split) - 120;

const isEmpty = (plot: uPlot) => Array.from(plot.data[1] ?? []).every((height) => !height);

/** Round figures of an axis need no zeros: `50k`, not `50.0k`. */
const short = (count: number) =>
  tokens(count)
    .replace(/([.,]\d*?)0+(?=[kMB])/, "$1")
    .replace(/[.,](?=[kMB])/, "");

function layer(css: string, paths: uPlot.Series.PathBuilder | undefined): uPlot.Series {
  const colour = token(`data-${css}`);
  return { paths, fill: () => pattern(css, colour), stroke: colour, width: 0, points: { show: false } };
}

/** The same patterns as the legend's: plain, dots, diagonal, vertical lines. */
function pattern(css: string, colour: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  const side = 4 * devicePixelRatio;
  tile.width = tile.height = side;
  const pen = tile.getContext("2d");
  if (!pen || css === "input") return colour;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, side, side);
  pen.globalAlpha = 0.2;
  pen.fillStyle = pen.strokeStyle = token("bg");
  pen.lineWidth = devicePixelRatio;
  if (css === "output") pen.fillRect(0, 0, devicePixelRatio, devicePixelRatio);
  if (css === "cache-read") pen.fillRect(0, 0, devicePixelRatio, side);
  if (css === "cache-write") {
    pen.moveTo(0, side);
    pen.lineTo(side, 0);
    pen.stroke();
  }
  return pen.createPattern(tile, "repeat") ?? colour;
}
