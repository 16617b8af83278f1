import { type Child, el } from '../../shared/page/dom.ts';
import { foreign } from '../../shared/page/foreign.ts';
import { dataTable, noValue } from '../../shared/page/table.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { type Counts, sum } from '../../shared/report/counts.ts';
import type { Plain } from '../../shared/report/page-data.ts';
import type { Posture } from '../../shared/report/posture.ts';
import { standings } from '../../shared/report/standings.ts';
import { bytes, count, size, standingMeanings, standingWords } from '../../shared/report/words.ts';
import { wholeView } from './view.ts';
import { linkOf } from './view-link.ts';
import { badge, dateText, instantText, numbers } from './words.ts';

type Shown = Plain<Posture>;

export const section = (title: string, ...children: Child[]): HTMLElement =>
  el('section', {}, el('h2', {}, title), children);

/** Tells what is not protected, why, and what to do about it, and what could not be read. */
export function attentionSection({ cloud, reasons, troubles }: Shown): HTMLElement {
  if (reasons.length === 0 && troubles.length === 0)
    return section('Needs attention', el('p', {}, 'No version and no bucket needs attention.'));
  return section('Needs attention', whyTable(cloud, reasons), troublesTable(troubles));
}

function whyTable(cloud: Shown['cloud'], reasons: Shown['reasons']): Child {
  if (reasons.length === 0) return undefined;
  return dataTable(
    'Versions by the reason for which they need attention',
    [
      { title: 'Why' },
      { title: 'Standing' },
      { title: 'Versions', number: true },
      { title: 'Size', number: true },
      { title: 'For example' },
      { title: 'What to do' },
    ],
    reasons.map(({ code, standing, example, reason, remedy, ...counts }) => {
      const [versions, bytes] = numbers(counts);
      const shown = linkOf({ ...wholeView, text: code, standing });
      return [
        el('code', {}, code),
        badge(standing),
        el('a', { href: shown, title: 'Show them in the table of versions' }, versions),
        bytes,
        [foreign(formatAddress(cloud, example)), el('small', {}, foreign(reason))],
        remedyText(remedy),
      ];
    }),
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
      remedyText(remedy),
    ]),
  );
}

/** Commands in a remedy stand between backticks. */
export const remedyText = (remedy = noValue): Child =>
  el(
    'span',
    { class: 'remedy' },
    remedy.split('`').map((part, index) => (index % 2 === 1 ? el('code', {}, part) : part)),
  );

export function rulesSection({ cells }: Shown): HTMLElement {
  if (cells.length === 0) return section('By rule and bucket', el('p', {}, 'No version was found.'));
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

export function policiesSection({ policies }: Shown): HTMLElement {
  if (policies.length === 0)
    return section(
      'Bucket WORM policies',
      el('p', {}, 'No bucket rule matches a bucket that was looked at.'),
    );
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
        { title: 'End', whole: true },
        { title: 'Next' },
      ],
      policies.map(({ bucket, rule, state, days, hoursLeft, end, holds, action, reason }) => [
        bucket,
        rule,
        el('span', { class: `standing ${holds ? 'protected' : 'unprotected'}` }, state),
        days === undefined ? noValue : count(days),
        hoursLeft === undefined ? noValue : hoursLeft.toFixed(1),
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
    'Failed events and repairs',
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
        ? [repair.bucket, `not known: ${repair.unknown}`, noValue, noValue, noValue]
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
