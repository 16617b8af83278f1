import { type Child, el, type TableColumn } from '../../shared/page/dom.ts';

/** Stands where there is nothing to tell; a narrow page leaves such a cell out. */
export const none = '–';

/**
 * Makes a table whose rows become blocks of `title value` on a narrow page; the roles keep it a table for who does not see
 * it. The first cell of a row names it.
 */
export function stackingTable(
  caption: string,
  columns: readonly (TableColumn | string)[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const all = columns.map((column) => (typeof column === 'string' ? { title: column } : column));
  const classOf = (column: TableColumn | undefined, cell: Child) =>
    [column?.number === true ? 'number' : '', cell === none ? 'none' : ''].join(' ').trim() || undefined;
  const head = all.map((column) =>
    el('th', { scope: 'col', role: 'columnheader', class: classOf(column, '') }, column.title),
  );
  const body = rows.map((cells) =>
    el(
      'tr',
      { role: 'row' },
      cells.map((cell, index) =>
        index === 0
          ? el('th', { scope: 'row', role: 'rowheader' }, cell)
          : el(
              'td',
              { role: 'cell', 'data-title': all[index]?.title, class: classOf(all[index], cell) },
              cell,
            ),
      ),
    ),
  );
  return el(
    'table',
    { role: 'table', class: 'stacking' },
    el('caption', {}, caption),
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, head)),
    el('tbody', { role: 'rowgroup' }, body),
  );
}
