/**
 * Draws what `bench/end-to-end.ts` has measured: Mbit/s over the size of the objects, a line a way.
 *
 *     node --import ./tools/register.mjs tools/plot.ts FIGURES.json PICTURE.svg
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { z } from 'zod';

const WIDTH = 900;
const HEIGHT = 540;

/** A run, as the benchmark writes it. */
const schema = z.object({
  machine: z.string(),
  clients: z.int(),
  backends: z.int(),
  switch: z.string(),
  rate: z.string(),
  turn: z.string(),
  results: z.array(z.object({ octets: z.int(), mbits: z.record(z.string(), z.number()) })).min(1),
});

type Run = z.infer<typeof schema>;

/** `2000000` as `2 MB`. */
function sizeText(octets: number): string {
  const [unit, scale] = octets < 1_000_000 ? (['kB', 1000] as const) : (['MB', 1_000_000] as const);
  return `${octets / scale} ${unit}`;
}

function draw(run: Run): string {
  const { clients, backends, rate, machine, results } = run;
  const [first] = results;
  const ways = Object.keys(first?.mbits ?? {});
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: HEIGHT,
  });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: {
      text: `${clients} clients, ${backends} backends, every link ${rate}, a backend in turn for each ${run.turn}`,
      subtext: `${machine}; switch ${run.switch}`,
    },
    legend: { bottom: 0, data: ways },
    grid: { left: 70, right: 30, top: 80, bottom: 80 },
    xAxis: {
      type: 'category',
      name: 'object',
      nameLocation: 'middle',
      nameGap: 30,
      data: results.map(({ octets }) => sizeText(octets)),
    },
    yAxis: { type: 'value', name: 'Mbit/s' },
    series: ways.map((name) => ({
      type: 'line',
      name,
      symbolSize: 8,
      lineStyle: { width: name === 'prism' ? 4 : 2 },
      data: results.map(({ mbits }) => Math.round(mbits[name] ?? 0)),
    })),
  });
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

const [figures, picture] = process.argv.slice(2);
if (figures === undefined || picture === undefined) {
  process.stderr.write('usage: plot.ts FIGURES.json PICTURE.svg\n');
  process.exitCode = 64;
} else {
  use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const run = schema.parse(JSON.parse(readFileSync(figures, 'utf8')));
  writeFileSync(picture, `${draw(run)}\n`);
}
