import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { type Child, el } from '../../shared/page/dom.ts';
import type { PageData, PageVersion } from '../../shared/posture/page-data.ts';
import { bytes, count, plural } from '../../shared/posture/words.ts';
import { filters } from './filters.ts';
import { nextSort, type Sortable, type View, visibleRows, wholeView } from './view.ts';
import { badge, dateText, foreign } from './words.ts';

interface Column {
  readonly title: string;
  readonly className: string;
  readonly sort?: Sortable;
  cell(version: PageVersion): Child;
}

const columns: readonly Column[] = [
  { title: 'Standing', className: 'c-standing', sort: 'standing', cell: ({ standing }) => badge(standing) },
  { title: 'Bucket', className: 'c-bucket', sort: 'bucket', cell: ({ bucket }) => bucket },
  { title: 'Key', className: 'c-key', sort: 'key', cell: ({ key }) => foreign(key) },
  { title: 'Version', className: 'c-version', cell: ({ versionId }) => foreign(versionId ?? '–') },
  { title: 'Rule', className: 'c-rule', sort: 'rule', cell: ({ rule }) => rule ?? '–' },
  { title: 'Held until', className: 'c-date', sort: 'until', cell: ({ until }) => dateText(until) },
  { title: 'Asked until', className: 'c-date', sort: 'wanted', cell: ({ wanted }) => dateText(wanted) },
  {
    title: 'Size',
    className: 'c-size',
    sort: 'size',
    cell: ({ size }) => (size === undefined ? '?' : bytes(size)),
  },
  { title: 'Why', className: 'c-why', cell: ({ reason }) => (reason === undefined ? '' : foreign(reason)) },
];

/** It is as the style sheet has it, in pixels. */
const rowHeight = 30;
/** Printed rows are all in the document at once. */
const mostPrinted = 1000;

/**
 * Returns the table of versions: sorted and filtered by its reader, with only the rows that are to be seen in the
 * document.
 */
export function versionsSection({ versions, total }: PageData): HTMLElement {
  let view: View = wholeView;
  let rows = visibleRows(versions, view);

  const body = el('tbody');
  const status = el('p', { role: 'status', class: 'status' });
  const printed = el('p', { class: 'printed' });
  const heads = columns.map((column) =>
    headOf(column, () => change({ ...view, sort: nextSort(view.sort, column.sort ?? 'key') })),
  );
  const table = el(
    'table',
    { class: 'versions' },
    el('caption', { class: 'hidden' }, 'Versions'),
    el('thead', {}, el('tr', { 'aria-rowindex': '1' }, heads)),
    body,
  );
  const scroller = el(
    'div',
    { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': 'Versions, scrolls' },
    table,
  );
  const virtualizer = new Virtualizer<HTMLDivElement, HTMLTableRowElement>({
    count: rows.length,
    estimateSize: () => rowHeight,
    getScrollElement: () => scroller,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    overscan: 12,
    onChange: () => draw(),
  });

  const drawSeen = () => {
    const items = virtualizer.getVirtualItems();
    const [first] = items;
    const last = items.at(-1);
    body.replaceChildren(
      spacer(first?.start ?? 0),
      ...items.map(({ index }) => rowOf(rows[index], index)),
      spacer(virtualizer.getTotalSize() - (last?.end ?? 0)),
    );
  };
  const drawPrinted = () => {
    const left = rows.length > mostPrinted;
    printed.textContent = left
      ? `The first ${count(mostPrinted)} of ${plural(rows.length, 'row')}; the CSV has all.`
      : '';
    body.replaceChildren(...rows.slice(0, mostPrinted).map((row, index) => rowOf(row, index)));
  };
  const draw = startPrinting(drawSeen, drawPrinted);
  const change = (next: View) => {
    view = next;
    rows = visibleRows(versions, view);
    table.setAttribute('aria-rowcount', String(rows.length + 1));
    for (const [index, head] of heads.entries())
      head.setAttribute('aria-sort', orderOf(columns[index], view));
    status.textContent = said(rows.length, versions.length, total);
    virtualizer.setOptions({ ...virtualizer.options, count: rows.length });
    scroller.scrollTop = 0;
    virtualizer.measure();
    draw();
  };

  change(view);
  // The scroller has a size only once it stands in the document.
  queueMicrotask(() => {
    virtualizer._didMount();
    virtualizer._willUpdate();
    draw();
  });
  return el(
    'section',
    { id: 'versions', tabindex: '-1', 'aria-labelledby': 'versions-title' },
    el('h2', { id: 'versions-title' }, 'Versions'),
    filters(versions, (part) => change({ ...view, ...part })),
    status,
    scroller,
    printed,
  );
}

/** On paper nothing scrolls, so what is drawn there does not depend on what is to be seen. @returns draws what is due */
function startPrinting(drawSeen: () => void, drawPrinted: () => void): () => void {
  const paper = matchMedia('print');
  let printing = false;
  const draw = () => (printing || paper.matches ? drawPrinted() : drawSeen());
  const turn = (to: boolean) => () => {
    printing = to;
    draw();
  };
  addEventListener('beforeprint', turn(true));
  addEventListener('afterprint', turn(false));
  paper.addEventListener('change', draw);
  return draw;
}

function headOf({ title, className, sort }: Column, press: () => void): HTMLElement {
  if (sort === undefined) return el('th', { scope: 'col', class: className }, title);
  const button = el('button', { type: 'button' }, title);
  button.addEventListener('click', press);
  return el('th', { scope: 'col', class: className }, button);
}

function orderOf(column: Column | undefined, { sort }: View): string {
  if (sort === undefined || sort.by !== column?.sort) return 'none';
  return sort.descending ? 'descending' : 'ascending';
}

function said(shown: number, here: number, total: number): string {
  const rows = shown === here ? plural(here, 'version') : `${count(shown)} of ${plural(here, 'version')}`;
  return here === total
    ? `${rows}, the most urgent first unless sorted.`
    : `${rows}. This page holds the ${count(here)} most urgent of ${count(total)}; the CSV has all.`;
}

const spacer = (height: number): HTMLElement => {
  const cell = el('td', { colspan: String(columns.length) });
  cell.style.height = `${height}px`;
  return el('tr', { 'aria-hidden': 'true', class: 'spacer' }, cell);
};

function rowOf(version: PageVersion | undefined, index: number): HTMLElement {
  if (version === undefined) return el('tr');
  const cells = columns.map(({ className, cell }) => {
    const content = el('td', { class: className }, cell(version));
    content.title = content.textContent ?? '';
    return content;
  });
  return el('tr', { 'aria-rowindex': String(index + 2) }, cells);
}
