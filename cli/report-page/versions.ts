import { el } from '../../shared/page/dom.ts';
import { csvHead, csvRows } from '../../shared/report/csv.ts';
import type { PageData, PageVersion } from '../../shared/report/page-data.ts';
import { count, plural } from '../../shared/report/words.ts';
import { filters } from './filters.ts';
import { mostPrinted, rowList } from './row-list.ts';
import { drawVersion, type VersionColumn, versionColumns } from './rows.ts';
import { nextSort, type View, visibleRows, wholeView } from './view.ts';
import { linkOf, viewOf } from './view-link.ts';

/**
 * Returns the table of versions: sorted and filtered by its reader, and by the address of the page; with only the rows
 * that are to be seen in the document.
 */
export function versionsSection({ posture, versions, total }: PageData): HTMLElement {
  const section = (...parts: readonly Node[]) =>
    el(
      'section',
      { id: 'versions', tabindex: '-1', 'aria-labelledby': 'versions-title' },
      el('h2', { id: 'versions-title' }, 'Versions'),
      parts,
    );
  if (versions.length === 0) return section(el('p', {}, 'No version was found.'));

  let view: View = wholeView;
  let rows: readonly PageVersion[] = [];
  const opened = new Set<PageVersion>();

  const body = el('tbody');
  const status = el('p', { role: 'status', class: 'status' });
  const printed = el('p', { class: 'printed' });
  const heads = versionColumns.map((column) =>
    headOf(column, () => change({ sort: nextSort(view.sort, column.sort ?? 'key') })),
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
  const showAll = buttonOf('Show all', () => change(wholeView));
  const asCsv = buttonOf('CSV of these', () => saveCsv(rows));
  const controls = filters(versions, (part) => change(part));
  const list = rowList(scroller, body, (index) => {
    const version = rows[index];
    if (version === undefined) return { row: el('tr'), details: undefined };
    return drawVersion(posture, version, index, opened.has(version), () => {
      if (!opened.delete(version)) opened.add(version);
      list.redraw(index);
    });
  });

  const show = (next: View) => {
    view = next;
    rows = visibleRows(versions, view);
    controls.show(view);
    table.setAttribute('aria-rowcount', String(rows.length + 1));
    for (const [index, head] of heads.entries())
      head.setAttribute('aria-sort', orderOf(versionColumns[index], view));
    status.textContent = said(rows.length, versions.length, total);
    printed.textContent = leftOut(rows.length);
    showAll.disabled = linkOf(view) === linkOf(wholeView);
    asCsv.disabled = rows.length === 0;
    list.replace(rows.length);
  };
  const change = (part: Partial<View>) => {
    show({ ...view, ...part });
    keepLink(view);
  };
  const followLink = () => {
    const linked = viewOf(location.hash);
    if (linked === undefined) return;
    show(linked);
    if (location.hash.length > 1) document.getElementById('versions')?.scrollIntoView();
  };

  show(wholeView);
  addEventListener('hashchange', followLink);
  queueMicrotask(followLink);
  return section(controls.form, el('div', { class: 'said' }, status, asCsv, showAll), scroller, printed);
}

/** Browsers allow few changes of an address a second, so that of somebody who types waits for a pause. */
const pauseMs = 300;
let waiting: number | undefined;

/** Lets the address of the page say what it shows, so that it can be sent to somebody. */
function keepLink(view: View): void {
  clearTimeout(waiting);
  waiting = window.setTimeout(() => history.replaceState(null, '', linkOf(view)), pauseMs);
}

/** Saves the rows that are shown, with the columns of `holdfast report --format csv`. */
function saveCsv(rows: readonly PageVersion[]): void {
  const url = URL.createObjectURL(new Blob([csvHead(), csvRows(rows)], { type: 'text/csv' }));
  el('a', { href: url, download: 'holdfast-versions.csv' }).click();
  // The browser has begun to read it only after this task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function buttonOf(text: string, press: () => void): HTMLButtonElement {
  const button = el('button', { type: 'button' }, text);
  button.addEventListener('click', press);
  return button;
}

function headOf({ title, className, sort }: VersionColumn, press: () => void): HTMLElement {
  if (sort === undefined) return el('th', { scope: 'col', class: className }, title);
  const button = el('button', { type: 'button' }, title);
  button.addEventListener('click', press);
  return el('th', { scope: 'col', class: className }, button);
}

function orderOf(column: VersionColumn | undefined, { sort }: View): string {
  if (sort === undefined || sort.by !== column?.sort) return 'none';
  return sort.descending ? 'descending' : 'ascending';
}

function said(shown: number, here: number, total: number): string {
  if (shown === 0) return `No version of ${count(here)} matches.`;
  const rows = shown === here ? plural(here, 'version') : `${count(shown)} of ${plural(here, 'version')}`;
  return here === total
    ? `${rows}, the most urgent first unless sorted.`
    : `${rows}. This page holds the ${count(here)} most urgent of ${count(total)}; the CSV has all.`;
}

const leftOut = (shown: number): string =>
  shown > mostPrinted ? `The first ${count(mostPrinted)} of ${plural(shown, 'row')}; the CSV has all.` : '';
