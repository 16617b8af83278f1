import * as z from 'zod';
import { failure } from '../platform/errors.ts';
import { compilePattern } from '../rules/pattern.ts';
import { formatProblem } from '../rules/problem.ts';
import { read } from '../rules/schema/fields.ts';
import { readStrict } from '../rules/strict-file.ts';
import type { DiffRow } from './totals.ts';

const price = z
  .number({ error: 'a price for a GB and month, such as 0.12' })
  .nonnegative({ error: 'a price that is not below 0' });

const bucketGlob = z
  .string({ error: 'a bucket glob such as archive-*' })
  .transform(read((text) => compilePattern([text], 'text')));

/** The file of `--prices`. */
const priceFile = z.strictObject(
  {
    version: z.literal(1, { error: '1' }),
    currency: z.string({ error: 'a currency such as CNY' }).min(1, { error: 'a currency such as CNY' }),
    perGbMonth: price,
    buckets: z
      .array(
        z.strictObject(
          { match: bucketGlob, perGbMonth: price },
          { error: 'a map with match and perGbMonth' },
        ),
        { error: 'a list of prices for buckets' },
      )
      .optional(),
  },
  { error: 'a map with version, currency and perGbMonth' },
);

/** This is what storage costs. */
export interface Prices {
  readonly currency: string;
  /** The price of a GB for a month in this bucket; the first glob of the file that matches counts. */
  perGbMonth(bucket: string): number;
}

/**
 * Reads a table of prices, YAML 1.2 or JSON.
 * @throws PRICES_INVALID with all mistakes, one a line
 */
export function readPrices(text: string, file: string): Prices {
  const smallest = '{version: 1, currency: CNY, perGbMonth: 0.12}';
  const loaded = readStrict(text, file, { schema: priceFile, contradictions: () => [], smallest });
  if (!loaded.ok) {
    const problems = loaded.problems.map((problem) => formatProblem(file, problem)).join('\n');
    throw failure('PRICES_INVALID', { count: loaded.problems.length, file, problems });
  }
  const { currency, perGbMonth, buckets = [] } = loaded.value;
  return {
    currency,
    perGbMonth: (bucket) => buckets.find(({ match }) => match.matches(bucket))?.perGbMonth ?? perGbMonth,
  };
}

/** OSS bills by GB of 1024³ bytes; a month is taken for 30 days. */
const gb = 1024 ** 3;
const monthDays = 30;

/** Tells what it costs to store the bytes of these rows for the days that they are held longer, or less long. */
export const costOf = (rows: readonly DiffRow[], prices: Prices): number =>
  rows.reduce(
    (sum, { bucket, byteDays }) => sum + (byteDays / gb / monthDays) * prices.perGbMonth(bucket),
    0,
  );
