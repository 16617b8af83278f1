import { type Child, el } from '../../shared/page/dom.ts';
import { foreign } from '../../shared/page/foreign.ts';
import { standingAs } from '../../shared/report/counts.ts';
import type { PageData, Plain } from '../../shared/report/page-data.ts';
import type { Posture } from '../../shared/report/posture.ts';
import type { Standing } from '../../shared/report/standings.ts';
import { count, plural, size } from '../../shared/report/words.ts';
import { instantText } from './words.ts';

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
      `As of ${instantText(at)}, region ${region}: ${plural(versions.versions, 'version')} in `,
      foreign(where),
      `, ${size(versions)}. `,
      read
        ? 'The retention of each version was read from the service.'
        : 'No retention was read: dates are what the rules give, marked as expected.',
      source === 'listing' ? '' : ' The versions are those of an inventory: ',
      source === 'listing' ? '' : foreign(source),
    ),
  );
}

export function keyFigures({ cells, endings, policies, upkeep, read }: Plain<Posture>): HTMLElement {
  const of = (...wanted: Standing[]) => standingAs({ cells }, ...wanted);
  const open = of('unprotected', 'too-short');
  const held = of(read ? 'protected' : 'expected');
  const loose = policies.filter(({ holds }) => !holds).length;
  const { deadLetters } = upkeep;
  return el(
    'dl',
    { class: 'figures' },
    figure('Not protected', badWhenAny(open.versions), size(open)),
    figure(read ? 'Protected' : 'Expected', count(held.versions), size(held)),
    ...endings.map((each) => figure(`Deletable in ${each.days} days`, count(each.versions), size(each))),
    figure('Unknown', count(of('unknown').versions), size(of('unknown'))),
    policies.length === 0 ? undefined : policiesFigure(policies.length, loose),
    'unknown' in deadLetters
      ? figure('Open dead letters', '?', 'not known')
      : figure('Open dead letters', badWhenAny(deadLetters.open), 'failed events'),
  );
}

/** Only the number of those that do not hold is bad, not the number of all. */
function policiesFigure(all: number, loose: number): HTMLElement {
  if (loose === 0) return figure('Bucket policies', count(all), 'all hold');
  const value = [badWhenAny(loose), ` of ${count(all)}`];
  return figure('Bucket policies', value, loose === 1 ? 'does not hold' : 'do not hold');
}

const badWhenAny = (value: number): Child =>
  value === 0 ? count(value) : el('em', { class: 'bad' }, count(value));

const figure = (title: string, value: Child, note: string): HTMLElement =>
  el('div', {}, el('dt', {}, title), el('dd', {}, el('b', {}, value), el('span', {}, note)));
