/** A chart as a picture in SVG. */
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { POLICIES } from '../cluster.ts';
import type { Chart } from '../passage.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const WIDTH = 720;
const HEIGHT = 400;

/** Colours that the colour-blind can tell apart (Okabe and Ito, 2008), and shapes beside them. */
const LOOKS = [
  { itemStyle: { color: '#56b4e9' }, symbol: 'circle' },
  { itemStyle: { color: '#0072b2' }, symbol: 'rect' },
  { itemStyle: { color: '#e69f00' }, symbol: 'triangle' },
  { itemStyle: { color: '#d55e00' }, symbol: 'diamond' },
  { itemStyle: { color: '#009e73' }, symbol: 'emptyCircle' },
  { itemStyle: { color: '#000000' }, symbol: 'emptyRect' },
] as const;

type Look = (typeof LOOKS)[number];

/** A look for each name: a policy has the same in all charts, other names have what is left. */
function looksOf(names: readonly string[]): readonly (Look | undefined)[] {
  const policies: readonly string[] = POLICIES;
  const left = LOOKS.filter((_, place) => !names.includes(policies[place] ?? ''));
  return names.map((name) => LOOKS[policies.indexOf(name)] ?? left.shift());
}

/** A horizontal axis: numbers where they belong, or one category beside the other. */
function axisOf({ kind, categories }: Chart): object {
  if (kind !== 'curve') return { type: 'category', data: [...categories] };
  const marks = { customValues: categories.map(Number) };
  return {
    type: 'value',
    max: 'dataMax',
    axisLabel: marks,
    axisTick: marks,
    splitLine: { show: false },
  };
}

/** Draws a chart, as a text that can stand in a page. */
export function drawChart(drawn: Chart): string {
  const { title, kind, categories, categoryName, valueName, series } = drawn;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const looks = looksOf(series.map(({ name }) => name));
  chart.setOption({
    animation: false,
    title: { text: title, left: 'center' },
    legend: { bottom: 0, data: series.map(({ name }) => name) },
    grid: { left: 80, right: 30, top: 70, bottom: 80 },
    xAxis: { ...axisOf(drawn), name: categoryName, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: valueName },
    series: series.map(({ name, values }, place) => ({
      ...looks[place],
      type: kind === 'bar' ? 'bar' : 'line',
      name,
      symbolSize: 8,
      data: kind === 'curve' ? values.map((value, at) => [Number(categories[at]), value]) : values,
    })),
  });
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}
