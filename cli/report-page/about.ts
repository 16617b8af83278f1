import { type Child, el } from '../../shared/page/dom.ts';
import { foreign } from '../../shared/page/foreign.ts';
import { dataTable } from '../../shared/page/table.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import type { Plain } from '../../shared/report/page-data.ts';
import type { Posture } from '../../shared/report/posture.ts';
import { plural } from '../../shared/report/words.ts';
import { footnotes, shownCellsOf, titles } from '../../shared/schedule/formats.ts';
import { section } from './sections.ts';
import { instantText } from './words.ts';

type Shown = Plain<Posture>;

/** Tells the rules that the report judges by, in words. */
export function rulesInWords({ rules: { schedule } }: Shown): HTMLElement {
  return section(
    'The rules in words',
    dataTable(
      'Rules, and how long they retain',
      titles.map((title) => ({ title })),
      schedule.rows.map(shownCellsOf),
    ),
    footnotes(schedule).map((text) => el('p', { class: 'note' }, text)),
  );
}

/** Tells what the report is about, and who made it, from what. */
export function aboutSection({
  cloud,
  at,
  account,
  region,
  targets,
  source,
  rules,
  madeBy,
  requests,
}: Shown): HTMLElement {
  const { service } = cloudWords[cloud];
  const facts: readonly (readonly [string, Child])[] = [
    ['Instant', instantText(at)],
    ['Account', account === undefined ? 'not known: give it as --account' : foreign(account)],
    ['Region', `${region}, ${service}`],
    [
      'Looked at',
      targets.length === 0 ? 'no bucket' : targets.map((target) => el('div', {}, foreign(target))),
    ],
    [
      'Versions from',
      source === 'listing' ? 'a listing of the buckets' : ['the inventory ', foreign(source)],
    ],
    ['Rules', [foreign(rules.source), ' ', el('code', {}, rules.hash)]],
    [
      'Made by',
      [
        `Holdfast ${madeBy.holdfast}, with access key `,
        el('code', {}, madeBy.caller),
        ' from ',
        foreign(madeBy.callerFrom),
      ],
    ],
    ['Requests', plural(requests, 'request')],
  ];
  return section(
    'About this report',
    el(
      'dl',
      { class: 'facts' },
      facts.map(([name, fact]) => [el('dt', {}, name), el('dd', {}, fact)]),
    ),
    el('p', { class: 'note' }, 'Instants and dates are UTC; 1 KiB is 1,024 bytes.'),
  );
}
