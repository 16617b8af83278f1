import { loadTemplate, timerGapMs } from '../../shared/deploy/template.ts';
import { hour } from '../../shared/platform/instant.ts';
import { markdownTable } from './sections.ts';

/* The worked example of docs/cost.md: so many of each, times the prices that the page names with their sources. */

const prices = {
  /** CNY for a compute unit of Function Compute. */
  computeUnit: 0.00011,
  /** CNY that a function costs at least in each hour in which it is invoked: bills are made by the hour and rounded up. */
  hourFloor: 0.01,
  /** Compute units by what is used. */
  factors: { invocation: 75 / 10_000, vcpuSecond: 1, memoryGbSecond: 0.15, diskGbSecond: 0.05 },
  /** CNY for a request to OSS, Standard class, Put or Get. */
  request: 0.01 / 10_000,
  /** CNY for a GB a month, Standard class, one zone. */
  gbMonth: 0.12,
};

const month = 30 * 24 * hour;

/** What the example has in a month. */
const example = {
  uploads: 10_000_000,
  /** Of an invocation that waits for three requests one after the other at most. */
  seconds: 0.1,
  buckets: 50,
  timerSeconds: 2,
  /** Bytes of a file of evidence with one record. */
  evidenceBytes: 750,
};

/** The instance's disk, when s.yaml does not say (Function Compute: 512 MB). */
const diskGb = 0.5;

export function costExample(): string {
  const { functions } = loadTemplate('s.yaml', { environment: {} });
  const find = (name: string) => {
    const found = functions.find(({ functionName }) => functionName === `holdfast-${name}`);
    if (found === undefined) throw new Error(`s.yaml has no function ${name}`);
    return found;
  };
  const timer = find('policy-timer');
  const [cron = ''] = timer.triggers.flatMap((trigger) =>
    trigger.triggerType === 'timer' ? [trigger.triggerConfig.cronExpression] : [],
  );
  const runs = month / timerGapMs(cron);
  const { uploads, seconds, buckets, timerSeconds, evidenceBytes } = example;
  const evidenceGb = (uploads * evidenceBytes) / 1e9;
  const timerRequests = runs * (1 + buckets);
  const timerUnits = unitsOf(timer, runs, timerSeconds);
  const timerHours = Math.min(month / hour, runs);
  const timerFloor = timerHours * prices.hourFloor;
  const rows: [what: string, count: string, cny: number][] = [
    [
      `${thousands(uploads)} uploads: invocations of object-created, ${seconds * 1000} ms each`,
      `${thousands(unitsOf(find('object-created'), uploads, seconds))} CU`,
      unitsOf(find('object-created'), uploads, seconds) * prices.computeUnit,
    ],
    ['their HEAD and GetObjectTagging', `${thousands(2 * uploads)} requests`, 2 * uploads * prices.request],
    ['their PutObjectRetention', `${thousands(uploads)} requests`, uploads * prices.request],
    [
      `policy-timer, ${thousands(runs)} runs of ${timerSeconds} s: by use ${(timerUnits * prices.computeUnit).toFixed(2)}, at least`,
      `${thousands(timerHours)} hours`,
      Math.max(timerUnits * prices.computeUnit, timerFloor),
    ],
    [
      `its ListBuckets, and GetBucketWorm of ${buckets} buckets`,
      `${thousands(timerRequests)} requests`,
      timerRequests * prices.request,
    ],
    [
      '`audit`: PutObject and PutObjectRetention for each invocation',
      `${thousands(2 * (uploads + runs))} requests`,
      2 * (uploads + runs) * prices.request,
    ],
    [
      '`audit`: what a month of evidence costs, every month that it is kept',
      `${evidenceGb.toFixed(1)} GB`,
      evidenceGb * prices.gbMonth,
    ],
    [
      `repair: HEAD and GetObjectTagging of ${thousands(uploads)} objects that are protected already`,
      `${thousands(2 * uploads)} requests a run`,
      2 * uploads * prices.request,
    ],
  ];
  const cells = rows.map(([what, count, cny]) => [what, count, cny.toFixed(2)]);
  return markdownTable(['in a month', 'count', 'CNY'], cells);
}

function unitsOf(
  { cpu, memorySize }: { readonly cpu: number; readonly memorySize: number },
  invocations: number,
  seconds: number,
): number {
  const { invocation, vcpuSecond, memoryGbSecond, diskGbSecond } = prices.factors;
  const each = cpu * vcpuSecond + (memorySize / 1024) * memoryGbSecond + diskGb * diskGbSecond;
  return invocations * (invocation + seconds * each);
}

const thousands = (count: number): string => Math.round(count).toLocaleString('en-US');
