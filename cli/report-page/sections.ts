import { type Child, dataTable, el } from '../../shared/page/dom.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { type Counts, sum } from '../../shared/posture/counts.ts';
import type { Plain } from '../../shared/posture/page-data.ts';
import type { Posture } from '../../shared/posture/posture.ts';
import { standings } from '../../shared/posture/standings.ts';
import { bytes, count, plural, size, standingMeanings, standingWords } from '../../shared/posture/words.ts';
import { badge, dateText, foreign, instantText, numbers } from './words.ts';

type Shown = Plain<Posture>;

const section = (title: string, ...children: Child[]): HTMLElement =>
  el('section', {}, el('h2', {}, title), children);

/** Tells what is not protected and why, and what could not be read; nothing when there is no such thing. */
export function attentionSection({ cloud, reasons, troubles }: Shown): Child {
  if (reasons.length === 0 && troubles.length === 0) return undefined;
  return section('Needs attention', whyTable(cloud, reasons), troublesTable(troubles));
}

function whyTable(cloud: Shown['cloud'], reasons: Shown['reasons']): Child {
  if (reasons.length === 0) return undefined;
  return dataTable(
    'Why versions are not protected',
    [
      { title: 'Why' },
      { title: 'Standing' },
      { title: 'Versions', number: true },
      { title: 'Size', number: true },
      { title: 'For example' },
    ],
    reasons.map(({ code, standing, example, reason, ...counts }) => [
      el('code', {}, code),
      badge(standing),
      ...numbers(counts),
      [foreign(formatAddress(cloud, example)), el('small', {}, foreign(reason))],
    ]),
  );
}

function troublesTable(troubles: Shown['troubles']): Child {
  if (troubles.length === 0) return undefined;
  return dataTable(
    'Buckets that could not be read',
    [{ title: 'Bucket' }, { title: 'Code' }, { title: 'What happened' }, { title: 'What to do' }],
    troubles.map(({ bucket, code, message, remedy }) => [
      bucket,
      el('code', {}, code),
      foreign(message),
      remedy ?? '–',
    ]),
  );
}

export function rulesSection({ cells }: Shown): HTMLElement {
  const shown = standings.filter((standing) => cells.some((cell) => cell.standing === standing));
  const names = (of: 'rule' | 'bucket') => [...new Set(cells.map((cell) => cell[of]))].sort();
  const rows = (of: 'rule' | 'bucket') =>
    names(of).map((name) => {
      const mine = cells.filter((cell) => cell[of] === name);
      const counted = shown.map((standing) => sum(mine.filter((cell) => cell.standing === standing)));
      return [name || 'none, or unknown', ...counted.map(cellOf), size(sum(mine))];
    });
  const columns = [
    ...shown.map((standing) => ({ title: standingWords[standing], number: true })),
    { title: 'Size', number: true },
  ];
  return section(
    'By rule and bucket',
    dataTable('Versions by rule', [{ title: 'Rule' }, ...columns], rows('rule')),
    dataTable('Versions by bucket', [{ title: 'Bucket' }, ...columns], rows('bucket')),
    el(
      'dl',
      { class: 'legend' },
      shown.map((standing) => [el('dt', {}, badge(standing)), el('dd', {}, standingMeanings[standing])]),
    ),
  );
}

const cellOf = ({ versions, bytes: size }: Counts): Child =>
  versions === 0 ? el('span', { class: 'none' }, '0') : el('span', { title: bytes(size) }, count(versions));

export function policiesSection({ policies }: Shown): Child {
  if (policies.length === 0) return undefined;
  return section(
    'Bucket WORM policies',
    dataTable(
      'Policies of the buckets that bucket rules match',
      [
        { title: 'Bucket' },
        { title: 'Rule' },
        { title: 'State' },
        { title: 'Days', number: true },
        { title: 'Hours to lock', number: true },
        { title: 'End' },
        { title: 'Next' },
      ],
      policies.map(({ bucket, rule, state, days, hoursLeft, end, holds, action, reason }) => [
        bucket,
        rule,
        el('span', { class: `standing ${holds ? 'protected' : 'unprotected'}` }, state),
        days === undefined ? '–' : count(days),
        hoursLeft === undefined ? '–' : hoursLeft.toFixed(1),
        dateText(end),
        `${action}: ${reason}`,
      ]),
    ),
  );
}

/** Tells whether failures and repairs are looked after. */
export function upkeepSection({ upkeep }: Shown): HTMLElement {
  const { place, deadLetters, repairs } = upkeep;
  const letters =
    'unknown' in deadLetters
      ? `Not known: ${deadLetters.unknown}.`
      : `${count(deadLetters.open)} open in ${place}${deadLetters.oldest === undefined ? '' : `, the oldest of ${instantText(deadLetters.oldest)}`}.`;
  return section(
    'Upkeep',
    el('p', {}, 'Dead letters: ', foreign(letters)),
    'unknown' in repairs
      ? el('p', {}, 'Last repair: ', `not known: ${repairs.unknown}.`)
      : repairsTable(repairs),
  );
}

function repairsTable(repairs: Exclude<Shown['upkeep']['repairs'], { unknown: string }>): HTMLElement {
  if (repairs.length === 0) return el('p', {}, 'Last repair: none is recorded.');
  return dataTable(
    'Last completed repair',
    [
      { title: 'Bucket' },
      { title: 'Completed' },
      { title: 'Versions', number: true },
      { title: 'Changed', number: true },
      { title: 'Failed', number: true },
    ],
    repairs.map((repair) =>
      'unknown' in repair
        ? [repair.bucket, `not known: ${repair.unknown}`, '–', '–', '–']
        : [
            repair.bucket,
            instantText(repair.completedAt),
            count(repair.versions),
            count(repair.changed),
            count(repair.failed),
          ],
    ),
  );
}

export function footerOf({ rules, requests }: Shown): HTMLElement {
  return el(
    'footer',
    {},
    `Rules ${rules.source}, `,
    el('code', {}, rules.hash),
    `. Made with ${plural(requests, 'request')} to OSS. Instants are UTC; 1 KiB is 1,024 bytes.`,
  );
}
