import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Figure } from './figure.ts';

const sizes = [10_000, 10_000_000];
const mostMb = 120;

const program = fileURLToPath(new URL('./inventory.js', import.meta.url));
const result = z.object({ peak: z.number(), perSecond: z.number() });

/** Peak memory and speed of reading and deciding an inventory, at two sizes, each in a process of its own. */
export const inventory: Figure = () =>
  sizes.map((rows) => {
    const output = execFileSync(process.execPath, [program, String(rows)], { encoding: 'utf8' });
    const { peak, perSecond } = result.parse(JSON.parse(output));
    const mb = Math.round(peak / 1e6);
    return {
      what: `inventory of ${rows.toLocaleString('en')} rows, peak memory`,
      value: `${mb} MB at ${Math.round(perSecond).toLocaleString('en')} rows/s`,
      reference: `${mostMb} MB`,
      measured: mb / mostMb,
      goal: 1,
    };
  });
