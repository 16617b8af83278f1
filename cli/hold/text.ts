import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import type { HoldCounts } from '../../shared/holds/counts.ts';
import { isMatterOpen, type Matter } from '../../shared/matters/state.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import type { HoldfastError } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { color, prose, type Report } from '../terminal/output.ts';
import { inventoryLines } from './inventory.ts';
import type { HoldPassOptions } from './options.ts';
import type { HoldPassResult } from './pass.ts';

/** Says who has opened a matter, and whether it is open, or when it was released. */
export function stateInWords(matter: Matter): string {
  const since = matter.openings
    .map(({ opened }) => `at ${formatInstant(opened.at)} by ${opened.by.caller}`)
    .join(' and ');
  const released = matter.openings.at(-1)?.released;
  return isMatterOpen(matter) || released === undefined
    ? `opened ${since}, and open`
    : `opened ${since}, released at ${formatInstant(released.at)}`;
}

/** It says what a pass was for. */
interface HoldReportAbout {
  readonly id: string;
  readonly kind: 'held' | 'lifted';
  /** The release that the rules ask an approval for, in a dry run, and why it is to be. */
  readonly approval?: ApprovalSubject;
  readonly reason?: string;
}

/** Tells what a pass has done. Exit code 1 when a version is not as it should be, 130 when the pass was interrupted. */
export function holdReport(
  cloud: CloudName,
  { id, kind, approval, reason }: HoldReportAbout,
  result: HoldPassResult,
  { dryRun }: HoldPassOptions,
): Report {
  const { counts, targets, troubles, complete, isWorkDone, interrupted, errors, inventory } = result;
  const { results, looked, overCap, withoutHolds, deletableNow, nextDeletable, lastDeletable } = counts;
  const would = dryRun === true ? 'would be ' : '';
  const lines = [
    `${color.bold(`matter ${id}`)}: ${quantity(looked, 'version')} looked at in ${quantity(targets.buckets.length, 'bucket')}`,
    ...(targets.buckets.length === 0 ? ['no bucket of this account is in its places'] : []),
    ...(kind === 'held' ? heldLines(cloud, id, counts, dryRun === true) : liftedLines(counts, would)),
    ...part(results.kept, 'still held, by other matters'),
    ...part(results['not-held'], 'had no hold'),
    ...part(results.left, 'left with a hold, without the tags of the matter: look whose it is'),
    ...part(
      results['left-for-matters'],
      'left with a hold, which an open matter with tags may have put: release this one again when that one is released',
    ),
    ...part(
      results.skipped,
      'skipped: symlinks, appendable objects, and files of Holdfast itself where there are no holds',
    ),
    ...part(results.gone, 'deleted meanwhile'),
    ...counts.failures.flatMap(({ code, count, example, remedy }) => [
      `${color.red(code)} ${quantity(count, 'version')}: ${visible(example)}`,
      prose(`  what to do: ${remedy}`),
    ]),
    ...troubles.flatMap(({ bucket, error }) => errorLines(error, formatAddress(cloud, { bucket }))),
    ...targets.elsewhere.flatMap((error) => errorLines(error)),
    ...errors.flatMap((error) => errorLines(error, 'the record is not under retention')),
    ...(inventory === undefined ? [] : inventoryLines(cloud, id, inventory)),
    ...(isWorkDone ? [] : [color.red('not all is done: the same command goes on')]),
  ];
  return {
    text: lines.join('\n'),
    json: {
      ...{
        matter: id,
        dryRun: dryRun === true,
        ...{ complete, interrupted },
        ...{ looked, overCap, withoutHolds },
        buckets: targets.buckets.map(({ bucket }) => bucket),
      },
      ...{ ...results, deletableNow, nextDeletable, lastDeletable, failures: counts.failures },
      ...{ firstRetainedUntil: counts.firstRetainedUntil, lastRetainedUntil: counts.lastRetainedUntil },
      troubles: troubles.map(({ bucket, error }) => ({ bucket, code: error.code, message: error.message })),
      elsewhere: targets.elsewhere.map(({ code, message }) => ({ code, message })),
      ...(approval !== undefined && { approval, cloud, reason }),
      ...(inventory !== undefined && { inventory }),
    },
    exitCode: interrupted ? 130 : complete ? 0 : 1,
  };
}

const part = (count: number, text: string): string[] =>
  count === 0 ? [] : [`${quantity(count, 'version')} ${text}`];

/** Who renews the retention of a matter by itself, and what is to be done where nobody does. */
const renewers: Readonly<Record<CloudName, string>> = {
  obs: 'the repairs of the functions',
  oss: '`protect-existing` where an inventory of the bucket arrives daily',
};
const withoutThem: Readonly<Record<CloudName, string>> = {
  obs: '',
  oss: ': without that inventory let one of the two commands run every 30 days',
};

/** Says what a pass has put on, and what retention keeps in place of a hold. */
function heldLines(
  cloud: CloudName,
  id: string,
  { results: { held, retained }, overCap, withoutHolds, withHolds, ...ends }: HoldCounts,
  dryRun: boolean,
): string[] {
  const would = dryRun ? 'would be ' : '';
  const named = (buckets: readonly string[]) =>
    buckets.map((bucket) => formatAddress(cloud, { bucket })).join(', ');
  const none = withoutHolds.filter((bucket) => !withHolds.includes(bucket));
  const partly = withoutHolds.filter((bucket) => withHolds.includes(bucket));
  const why = [
    ...(none.length === 0 ? [] : [`${named(none)} ${none.length === 1 ? 'takes' : 'take'} no legal hold`]),
    ...(partly.length === 0 ? [] : [`${named(partly)} took holds of some versions and then refused one`]),
  ];
  return [
    `${quantity(held, 'version')} ${would}held`,
    ...(dryRun && held > 0 && cloud === 'oss'
      ? [
          '  a bucket that tells of holds and takes none shows only when one is put: retention keeps its versions then',
        ]
      : []),
    ...part(retained, `${would}kept by retention${untilOf(ends)}: ${why.join('; ')}`),
    ...(retained === 0
      ? []
      : [
          prose(
            `  the retention is renewed by ${renewers[cloud]}, \`holdfast protect\` or \`holdfast hold open ${id} … --again\`${withoutThem[cloud]}`,
          ),
        ]),
    ...(partly.length === 0
      ? []
      : [
          `  a bucket that refused a hold is asked for no more in one run: \`holdfast hold open ${id} … --again\` puts them on where it takes them by then`,
        ]),
    ...part(
      overCap,
      `${would}kept longer than limits.maxRetention after Last-Modified, while the matter is open`,
    ),
  ];
}

/** Says until when retention keeps versions, as far as that is known. */
function untilOf({
  firstRetainedUntil: first,
  lastRetainedUntil: last,
}: Pick<HoldCounts, 'firstRetainedUntil' | 'lastRetainedUntil'>): string {
  if (first === undefined || last === undefined) return '';
  const isOne = first.getTime() === last.getTime();
  return ` until ${formatInstant(first)}${isOne ? '' : ` at first, ${formatInstant(last)} at last`}`;
}

/** Says what a pass has taken off, and when the versions can be deleted that the matter keeps no more. */
function liftedLines(
  { results, deletableNow, nextDeletable, lastDeletable }: HoldCounts,
  would: string,
): string[] {
  const ended = results.lifted + results['off-already'] + results['off-written'] + results.retained;
  return [
    `${quantity(results.lifted, 'hold')} ${would}taken off`,
    ...part(results.retained, 'had no hold to take off: retention kept it, and goes on to its end'),
    ...part(
      results['off-already'],
      'had no hold any more: an earlier run took it off, or nobody had put one',
    ),
    ...part(
      results['off-written'],
      'may have had a hold: the service does not tell of one, and took the request to take it off',
    ),
    ...part(deletableNow, 'can be deleted now'),
    ...(nextDeletable === undefined || lastDeletable === undefined
      ? []
      : [
          `${quantity(ended - deletableNow, 'version')} can be deleted ${span(nextDeletable, lastDeletable)}, when the retention ends`,
        ]),
  ];
}

const span = (first: Date, last: Date): string =>
  first.getTime() === last.getTime()
    ? `from ${formatInstant(first)} on`
    : `between ${formatInstant(first)} and ${formatInstant(last)}`;

const errorLines = ({ code, message, remedy }: HoldfastError, where = ''): string[] => [
  `${color.red(code)} ${where === '' ? '' : `${where}: `}${visible(message)}`,
  prose(`  what to do: ${remedy}`),
];
