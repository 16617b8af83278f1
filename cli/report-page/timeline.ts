import { axisX, axisY, gridY, plot, rectY, ruleX, ruleY } from '@observablehq/plot';
import { el } from '../../shared/page/dom.ts';
import { dataTable } from '../../shared/page/table.ts';
import type { Plain } from '../../shared/report/page-data.ts';
import type { Posture } from '../../shared/report/posture.ts';
import { bytes, count, plural, size } from '../../shared/report/words.ts';

type Shown = Pick<Plain<Posture>, 'months' | 'at' | 'read'>;
type Unit = 'versions' | 'bytes';

interface Bar {
  readonly from: Date;
  readonly to: Date;
  readonly versions: number;
  readonly bytes: number;
  readonly label: string;
}

const height = 220;

/** Shows when versions become deletable: bars by month, and the same as a table. */
export function timeline({ months, at, read }: Shown): HTMLElement {
  const title = `${read ? 'Held' : 'Expected to be held'} until`;
  const heading = el('h2', { id: 'timeline' }, title);
  if (months.length === 0) return el('section', {}, heading, el('p', {}, 'Nothing is held.'));

  const bars = months.map(barOf);
  const chart = el('div', { class: 'chart', 'aria-hidden': 'true' });
  let unit: Unit = 'versions';
  const draw = () => {
    const width = Math.max(320, chart.clientWidth);
    chart.replaceChildren(drawing(bars, unit, new Date(at), width));
  };
  new ResizeObserver(draw).observe(chart);
  const choice = (value: Unit, label: string) => {
    const input = el('input', { type: 'radio', name: 'unit', value });
    input.checked = value === unit;
    input.addEventListener('change', () => {
      unit = value;
      draw();
    });
    return el('label', {}, input, label);
  };
  return el(
    'section',
    { 'aria-labelledby': 'timeline' },
    heading,
    el(
      'fieldset',
      { class: 'choice' },
      el('legend', {}, 'Show'),
      choice('versions', 'versions'),
      choice('bytes', 'size'),
    ),
    el('figure', {}, chart, el('figcaption', {}, described(bars))),
    el(
      'details',
      {},
      el('summary', {}, 'The same as a table'),
      dataTable(
        'Versions by the month in which they become deletable',
        [{ title: 'Month (UTC)' }, { title: 'Versions', number: true }, { title: 'Size', number: true }],
        months.map((month) => [month.month, count(month.versions), size(month)]),
      ),
    ),
  );
}

/** From this month on a year at the least, so that a single month is a bar and no wall. */
function span(bars: readonly Bar[], at: Date): [Date, Date] {
  const start = bars.reduce((least, { from }) => (from < least ? from : least), at);
  const year = new Date(start);
  year.setUTCFullYear(year.getUTCFullYear() + 1);
  return [start, bars.reduce((most, { to }) => (to > most ? to : most), year)];
}

function barOf({ month, versions, bytes: weight }: Shown['months'][number]): Bar {
  const from = new Date(`${month}-01T00:00:00Z`);
  const to = new Date(from);
  to.setUTCMonth(to.getUTCMonth() + 1);
  return {
    from,
    to,
    versions,
    bytes: weight,
    label: `${month}: ${plural(versions, 'version')}, ${bytes(weight)}`,
  };
}

/** Tells what the chart shows, for those who do not see it. */
function described(bars: readonly Bar[]): string {
  const [first] = bars;
  const last = bars.at(-1);
  const most = bars.reduce((a, b) => (b.versions > a.versions ? b : a));
  return (
    `Versions by the month in which they become deletable (UTC): from ${first?.label.slice(0, 7)} to ` +
    `${last?.label.slice(0, 7)}. Most become deletable in ${most.label}.`
  );
}

function drawing(bars: readonly Bar[], unit: Unit, at: Date, width: number): Element {
  const format = unit === 'bytes' ? bytes : count;
  return plot({
    width,
    height,
    marginLeft: 64,
    marginRight: 16,
    style: { fontSize: '12px', background: 'none' },
    x: { type: 'utc', label: null, domain: span(bars, at) },
    y: { label: null, nice: true },
    marks: [
      gridY({ strokeOpacity: 0.15 }),
      axisY({ tickFormat: format, ticks: 4, tickSize: 0 }),
      axisX({ ticks: Math.max(2, Math.floor(width / 100)) }),
      rectY(bars, {
        x1: 'from',
        x2: 'to',
        y: unit,
        fill: 'var(--bar)',
        title: 'label',
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      ruleX([at], { stroke: 'var(--text)', strokeDasharray: '2 3' }),
      ruleY([0], { strokeOpacity: 0.5 }),
    ],
  });
}
