import { type Child, el } from '../../shared/page/dom.ts';
import { dataTable, noValue } from '../../shared/page/table.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import type { BucketView, PolicyView } from '../views/shown.ts';
import { createPanel } from './panel.ts';
import { instant, mark } from './words.ts';

/** The section of the buckets. */
export interface BucketsSection {
  readonly section: HTMLElement;
  /** @param chosen the address of the bucket whose versions are shown */
  show(buckets: readonly BucketView[], chosen: string | undefined): void;
}

/** Makes the section that lists buckets and their WORM state; a bucket's name chooses it. */
export function bucketsSection(choose: (bucket: BucketView) => void): BucketsSection {
  const { section, show } = createPanel('buckets', 'Buckets');
  return {
    section,
    show(buckets, chosen) {
      // The hours run all the time: only what is to be read of them makes the table anew.
      const facts = buckets.map((bucket) => [
        bucket.name,
        bucket.versioning,
        stateText(bucket),
        ...cellsOf(bucket),
      ]);
      show([facts, chosen], () => tableOf(buckets, chosen, choose));
    },
  };
}

function tableOf(
  buckets: readonly BucketView[],
  chosen: string | undefined,
  choose: (bucket: BucketView) => void,
): Child {
  if (buckets.length === 0) {
    return el(
      'p',
      { class: 'empty' },
      'There is no bucket yet. ',
      el('code', {}, 'holdfast local --demo'),
      ' begins with some.',
    );
  }
  const rows = buckets.map((bucket) => {
    const address = formatAddress(bucket.cloud, { bucket: bucket.name });
    const name = el(
      'button',
      { type: 'button', id: `choose ${address}`, class: 'link', 'aria-pressed': String(address === chosen) },
      address,
    );
    name.addEventListener('click', () => choose(bucket));
    const [days, hours] = cellsOf(bucket);
    const since = bucket.policy === undefined ? noValue : instant(bucket.policy.createdAt);
    return [name, bucket.versioning, wormText(bucket), stateOf(bucket.policy), days, hours, since];
  });
  const columns = [
    'Bucket',
    'Versioning',
    'Object retention',
    'WORM policy',
    { title: 'Days', number: true },
    { title: 'Hours to lock', number: true },
    'Since',
  ];
  return dataTable('A name shows the versions of its bucket', columns, rows);
}

const wormText = ({ objectWorm, defaultRetention }: BucketView): string => {
  if (!objectWorm) return 'off';
  return defaultRetention === undefined
    ? 'on'
    : `on; ${defaultRetention.mode} for ${defaultRetention.period}`;
};

const stateText = (bucket: BucketView): string => `${wormText(bucket)} ${bucket.policy?.state}`;

function stateOf(policy: PolicyView | undefined): Child {
  switch (policy?.state) {
    case undefined:
      return 'none';
    case 'Locked':
      return mark('good', 'Locked');
    case 'InProgress':
      return mark('warn', 'InProgress');
    case 'Expired':
      return mark('bad', 'Expired');
  }
}

/** Tells the days of the policy, the hours left to lock it, and since when it is there. */
function cellsOf({ policy }: BucketView): readonly string[] {
  if (policy === undefined) return [noValue, noValue, noValue];
  const { days, hoursToLock, createdAt } = policy;
  return [String(days), hoursToLock === undefined ? noValue : hoursToLock.toFixed(1), createdAt];
}
