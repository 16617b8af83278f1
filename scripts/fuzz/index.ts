import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replyTarget } from './replies.ts';
import { type FuzzResult, fuzz } from './run.ts';
import { textTargets } from './targets.ts';

/*
 * npm run fuzz [-- SEED [COUNT]]
 *
 * Feeds every reader of Holdfast with changed inputs and prints how many each has read and refused. It ends with 1 when one of
 * them threw something that is no coded error, or took longer than a second for an input; the input is kept in coverage/fuzz/.
 */

const [seedText = '1', countText = '20000'] = process.argv.slice(2);
const seed = Number(seedText);
const each = Number(countText);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(each) || each < 1) {
  console.error('usage: npm run fuzz [-- SEED [COUNT]], both whole numbers');
  process.exit(2);
}

/** Processor time, so that a busy machine makes no input slow. */
const cpuMs = () => Math.round(process.cpuUsage().user / 1000);
const slowMs = 1000;
const { target, close } = await replyTarget();
const start = process.memoryUsage().rss;
const result = await fuzz([...textTargets, target], { seed, each, now: cpuMs });
close();
const slow = result.counts.filter(({ slowestMs }) => slowestMs > slowMs);
print(result);
process.exitCode = result.faults.length > 0 || slow.length > 0 ? 1 : 0;

function print({ counts, faults }: FuzzResult): void {
  const row = (cells: readonly (string | number)[]) =>
    console.log(
      cells
        .map((cell, index) => (index === 0 ? String(cell).padEnd(26) : String(cell).padStart(12)))
        .join(''),
    );
  row(['reader', 'inputs', 'read', 'refused', 'slowest ms']);
  for (const count of counts) row([count.target, count.inputs, count.read, count.refused, count.slowestMs]);
  const grown = Math.round((process.memoryUsage().rss - start) / 2 ** 20);
  console.log(`seed ${seed}; memory grew by ${grown} MB; ${faults.length} faults, ${slow.length} too slow`);
  for (const { target: name, input, error } of faults) {
    const file = join('coverage', 'fuzz', `${name.replaceAll(' ', '-')}.bin`);
    mkdirSync(join('coverage', 'fuzz'), { recursive: true });
    writeFileSync(file, input);
    console.error(`\n${name}: ${error instanceof Error ? error.stack : String(error)}\n  input in ${file}`);
  }
}
