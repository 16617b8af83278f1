import Table from 'cli-table3';
import { bulk } from './figures/bulk.ts';
import { bundles } from './figures/bundles.ts';
import { decide } from './figures/decide.ts';
import { embeddedOss } from './figures/embedded-oss.ts';
import { event } from './figures/event.ts';
import type { Figure } from './figures/figure.ts';
import { inventory } from './figures/inventory.ts';
import { protectCommand } from './figures/protect-command.ts';
import { starts } from './figures/starts.ts';
import { timer } from './figures/timer.ts';
import { transport } from './figures/transport.ts';

/**
 * `npm run bench`: every figure with the reference that was measured beside it in this run, its goal, and whether it
 * holds. A goal that is marked as ours was not asked for: it is there so that what it measures does not get worse unseen. A busy machine
 * disturbs the times of both alike; the ratios are what counts. Names of figures as arguments choose among them:
 * `npm run bench -- bulk decide`.
 */
const figures: readonly Figure[] = [
  bundles,
  starts,
  event,
  transport,
  timer,
  decide,
  bulk,
  protectCommand,
  embeddedOss,
  inventory,
];

const table = new Table({
  head: ['figure', 'value', 'beside', 'ratio', 'goal, at most', 'holds'],
  style: { head: [], border: [] },
});
const wanted = process.argv.slice(2);
for (const figure of figures) {
  if (wanted.length > 0 && !wanted.includes(figure.name)) continue;
  for (const { what, value, reference, measured, goal, ours } of await figure()) {
    const isRatio = reference !== '';
    const shown = (number: number) => (isRatio ? number.toFixed(2) : `${number / 1000} KB`);
    table.push([
      what,
      value,
      reference,
      isRatio ? shown(measured) : '',
      ours === true ? `${shown(goal)}, ours` : shown(goal),
      measured <= goal ? 'yes' : 'no',
    ]);
  }
}
console.log(table.toString());
