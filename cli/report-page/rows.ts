import { type Child, el } from '../../shared/page/dom.ts';
import { foreign } from '../../shared/page/foreign.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import type { PageVersion } from '../../shared/report/page-data.ts';
import type { Posture } from '../../shared/report/posture.ts';
import { bytes, count, standingMeanings } from '../../shared/report/words.ts';
import { remedyText } from './sections.ts';
import type { Sortable } from './view.ts';
import { badge, dateText } from './words.ts';

/** A column of the table of versions. */
export interface VersionColumn {
  readonly title: string;
  readonly className: string;
  readonly sort?: Sortable;
  cell(version: PageVersion): Child;
}

export const versionColumns: readonly VersionColumn[] = [
  { title: 'Standing', className: 'c-standing', sort: 'standing', cell: ({ standing }) => badge(standing) },
  { title: 'Bucket', className: 'c-bucket', sort: 'bucket', cell: ({ bucket }) => bucket },
  {
    title: 'Key',
    className: 'c-key',
    sort: 'key',
    // On paper the id stands under the key.
    cell: ({ key, versionId }) => [
      foreign(key),
      versionId === undefined ? undefined : el('small', { class: 'on-paper' }, foreign(versionId)),
    ],
  },
  { title: 'Version', className: 'c-version', cell: ({ versionId }) => foreign(versionId ?? '–') },
  { title: 'Rule', className: 'c-rule', sort: 'rule', cell: ({ rule }) => rule ?? '–' },
  { title: 'Held until', className: 'c-until', sort: 'until', cell: ({ until }) => dateText(until) },
  { title: 'Asked until', className: 'c-wanted', sort: 'wanted', cell: ({ wanted }) => dateText(wanted) },
  {
    title: 'Size',
    className: 'c-size',
    sort: 'size',
    cell: ({ size }) => (size === undefined ? '?' : bytes(size)),
  },
  { title: 'Why', className: 'c-why', cell: ({ reason }) => (reason === undefined ? '' : foreign(reason)) },
];

/** A version in the table: its row, and under it all that is known of it, once it was opened. */
export interface DrawnVersion {
  readonly row: HTMLElement;
  /** Absent while the row is closed. */
  readonly details: HTMLElement | undefined;
}

/**
 * Draws a version.
 * @param index its place among those that are shown, from 0
 * @param toggle opens or closes it
 */
export function drawVersion(
  posture: Pick<Posture, 'cloud'> & { readonly reasons: readonly RemedyOf[] },
  version: PageVersion,
  index: number,
  isOpen: boolean,
  toggle: () => void,
): DrawnVersion {
  const cells = versionColumns.map(({ className, title, cell }, column) =>
    el(
      'td',
      { class: className, 'data-title': title },
      column === 0 ? opener(version, isOpen, toggle) : '',
      cell(version),
    ),
  );
  const row = el('tr', { class: isOpen ? 'row opened' : 'row', 'aria-rowindex': String(index + 2) }, cells);
  row.addEventListener('click', () => {
    // Whoever marks text in a row to copy it does not want it to open.
    if (getSelection()?.isCollapsed !== false) toggle();
  });
  if (!isOpen) return { row, details: undefined };
  const all = el('td', { colspan: String(versionColumns.length) }, detailsOf(posture, version));
  return { row, details: el('tr', { class: 'details' }, all) };
}

interface RemedyOf {
  readonly code: string;
  readonly standing: string;
  readonly remedy?: string | undefined;
}

function opener({ key }: PageVersion, isOpen: boolean, toggle: () => void): HTMLElement {
  const button = el(
    'button',
    { type: 'button', class: 'open', 'aria-expanded': String(isOpen), 'aria-label': `All about ${key}` },
    isOpen ? '\u25be' : '\u25b8',
  );
  button.addEventListener('click', (event) => {
    event.stopPropagation();
    toggle();
  });
  return button;
}

function detailsOf({ cloud, reasons }: Parameters<typeof drawVersion>[0], version: PageVersion): HTMLElement {
  const {
    bucket,
    key,
    versionId,
    standing,
    rule,
    until,
    wanted,
    mode,
    legalHold,
    size,
    lastModified,
    code,
    reason,
  } = version;
  const remedy = reasons.find((one) => one.code === code && one.standing === standing)?.remedy;
  const facts: readonly (readonly [string, Child])[] = [
    ['Object', foreign(formatAddress(cloud, { bucket, key }))],
    ['Version id', versionId === undefined ? 'none: the bucket keeps no versions' : foreign(versionId)],
    ['Standing', [badge(standing), `: ${standingMeanings[standing]}`]],
    [
      'Why',
      reason === undefined
        ? undefined
        : [code === undefined ? '' : [el('code', {}, code), ' '], foreign(reason)],
    ],
    ['What to do', remedy === undefined ? undefined : remedyText(remedy)],
    ['Rule', rule],
    ['Held until', until === undefined ? undefined : [until, mode === undefined ? '' : `, ${mode}`]],
    ['Asked until', wanted],
    ['Legal hold', legalHold === true ? 'on' : undefined],
    ['Last-Modified', lastModified ?? 'not known'],
    ['Size', size === undefined ? 'not known' : `${count(size)} bytes`],
  ];
  return el(
    'dl',
    { class: 'facts' },
    facts.map(([name, fact]) => (fact === undefined ? undefined : [el('dt', {}, name), el('dd', {}, fact)])),
  );
}
