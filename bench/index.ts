import Table from 'cli-table3';
import { bulk } from './figures/bulk.ts';
import { bundles } from './figures/bundles.ts';
import { decide } from './figures/decide.ts';
import type { Figure } from './figures/figure.ts';
import { inventory } from './figures/inventory.ts';
import { starts } from './figures/starts.ts';
import { timer } from './figures/timer.ts';
import { transport } from './figures/transport.ts';

/**
 * `npm run bench`: every figure with the reference that was measured beside it in this run, its goal, and whether it
 * holds. A busy machine disturbs the times of both alike; the ratios are what counts.
 */
const figures: readonly Figure[] = [bundles, starts, transport, timer, decide, bulk, inventory];

const table = new Table({
  head: ['figure', 'value', 'beside', 'ratio', 'goal, at most', 'holds'],
  style: { head: [], border: [] },
});
for (const figure of figures) {
  for (const { what, value, reference, measured, goal } of await figure()) {
    const isRatio = reference !== '';
    const shown = (number: number) => (isRatio ? number.toFixed(2) : `${number / 1000} KB`);
    table.push([
      what,
      value,
      reference,
      isRatio ? shown(measured) : '',
      shown(goal),
      measured <= goal ? 'yes' : 'no',
    ]);
  }
}
console.log(table.toString());
