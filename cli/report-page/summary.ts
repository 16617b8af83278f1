import { type Counts, standingAs, sum } from '../../shared/posture/counts.ts';
import type { PageData, Plain } from '../../shared/posture/page-data.ts';
import type { Posture } from '../../shared/posture/posture.ts';
import { type Standing, standings } from '../../shared/posture/standings.ts';
import {
  bytes,
  count,
  plural,
  size,
  standingMeanings,
  standingWords,
  visible,
} from '../../shared/posture/words.ts';
import { type Child, dataTable, el } from './dom.ts';

type Shown = Plain<Posture>;

/** `2026-11-20 10:00 UTC` */
export const instant = (text: string): string => `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
/** `2026-11-20` */
export const date = (text: string | undefined): string => text?.slice(0, -14) ?? '–';

const numbers = (counts: Counts): [string, string] => [count(counts.versions), size(counts)];

/** A standing in words, with a mark that does not need its colour. */
export const badge = (standing: Standing): HTMLElement =>
  el('span', { class: `standing ${standing}` }, standingWords[standing]);

/** Text that somebody else has chosen: nothing in it is hidden, and its direction is its own. */
export const foreign = (text: string): HTMLElement => el('bdi', {}, visible(text));

export function headlineOf({ headline, posture }: PageData): HTMLElement {
  const { verdict, at, region, targets, source, versions, read } = posture;
  const where = targets.length === 1 ? String(targets[0]) : plural(targets.length, 'bucket');
  return el(
    'section',
    { class: `verdict ${verdict}`, 'aria-labelledby': 'verdict' },
    el('h1', { id: 'verdict' }, headline),
    el(
      'p',
      {},
      `As of ${instant(at)}, region ${region}: ${plural(versions.versions, 'version')} in `,
      foreign(where),
      `, ${size(versions)}. `,
      read
        ? 'The retention of each version was read from OSS.'
        : 'No retention was read: dates are what the rules give, marked as expected.',
      source === 'listing' ? '' : ' The versions are those of an inventory: ',
      source === 'listing' ? '' : foreign(source),
    ),
  );
}

export function keyFigures({ cells, endings, policies, upkeep, read }: Shown): HTMLElement {
  const of = (...wanted: Standing[]) => standingAs({ cells }, ...wanted);
  const open = of('unprotected', 'too-short');
  const held = of(read ? 'protected' : 'expected');
  const loose = policies.filter(({ holds }) => !holds).length;
  const { deadLetters } = upkeep;
  return el(
    'dl',
    { class: 'figures' },
    figure('Not protected', count(open.versions), size(open), open.versions > 0),
    figure(read ? 'Protected' : 'Expected', count(held.versions), size(held)),
    ...endings.map((each) => figure(`Let go within ${each.days} days`, count(each.versions), size(each))),
    figure('Unknown', count(of('unknown').versions), size(of('unknown'))),
    figure(
      'Bucket policies',
      count(policies.length),
      loose === 0 ? 'all hold' : `${loose} do not hold`,
      loose > 0,
    ),
    'unknown' in deadLetters
      ? figure('Open dead letters', '?', 'not known')
      : figure('Open dead letters', count(deadLetters.open), 'failed events', deadLetters.open > 0),
  );
}

const figure = (title: string, value: string, note: string, bad = false): HTMLElement =>
  el(
    'div',
    { class: bad ? 'bad' : undefined },
    el('dt', {}, title),
    el('dd', {}, el('b', {}, value), el('span', {}, note)),
  );

const section = (title: string, ...children: Child[]): HTMLElement =>
  el('section', {}, el('h2', {}, title), children);

/** Why versions are not protected; nothing when all are. */
export function whySection({ reasons }: Shown): Child {
  if (reasons.length === 0) return undefined;
  return section(
    'Not protected',
    dataTable(
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
        [foreign(`oss://${example.bucket}/${example.key}`), el('small', {}, foreign(reason))],
      ]),
    ),
  );
}

export function rulesSection({ cells }: Shown): HTMLElement {
  const shown = standings.filter((standing) => cells.some((cell) => cell.standing === standing));
  const names = (of: 'rule' | 'bucket') => [...new Set(cells.map((cell) => cell[of]))].sort();
  const rows = (of: 'rule' | 'bucket') =>
    names(of).map((name) => {
      const mine = cells.filter((cell) => cell[of] === name);
      const counted = shown.map((standing) => sum(mine.filter((cell) => cell.standing === standing)));
      return [name || 'no rule', ...counted.map(cellOf), size(sum(mine))];
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
        date(end),
        `${action}: ${reason}`,
      ]),
    ),
  );
}

/** Whether failures and repairs are looked after, and what could not be read. */
export function upkeepSection({ upkeep, troubles }: Shown): HTMLElement {
  const { place, deadLetters, repairs } = upkeep;
  const letters =
    'unknown' in deadLetters
      ? `Not known: ${deadLetters.unknown}.`
      : `${count(deadLetters.open)} open in ${place}${deadLetters.oldest === undefined ? '' : `, the oldest of ${instant(deadLetters.oldest)}`}.`;
  return section(
    'Upkeep',
    el('p', {}, 'Dead letters: ', foreign(letters)),
    'unknown' in repairs
      ? el('p', {}, 'Last repair: ', `not known: ${repairs.unknown}.`)
      : repairsTable(repairs),
    troubles.length === 0
      ? undefined
      : dataTable(
          'Buckets that could not be read',
          [{ title: 'Bucket' }, { title: 'Code' }, { title: 'What happened' }, { title: 'What to do' }],
          troubles.map(({ bucket, code, message, remedy }) => [
            bucket,
            el('code', {}, code),
            foreign(message),
            remedy ?? '–',
          ]),
        ),
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
            instant(repair.completedAt),
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
    `Rules ${rules.source}, SHA-256 `,
    el('code', {}, rules.hash),
    `. Made with ${plural(requests, 'request')} to OSS. Instants are UTC; 1 KiB is 1,024 bytes.`,
  );
}
