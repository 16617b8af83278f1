import { type Child, el } from './dom.ts';

/** Stands where there is nothing to tell; a narrow page leaves such a cell out. */
export const noValue = '–';

export interface TableColumn {
  readonly title: string;
  /** Numbers stand right. */
  readonly number?: boolean;
  /** Its cells are never broken into lines. */
  readonly whole?: boolean;
}

/**
 * Makes a table with a caption; the first cell of a row names it. On a narrow page its rows become blocks of
 * `title value`; the roles keep it a table for who does not see it.
 */
export function dataTable(
  caption: string,
  columns: readonly (TableColumn | string)[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const all = columns.map((column) => (typeof column === 'string' ? { title: column } : column));
  const head = all.map((column) =>
    el('th', { scope: 'col', role: 'columnheader', class: classOf(column) }, column.title),
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
              {
                role: 'cell',
                'data-title': all[index]?.title || undefined,
                class: classOf(all[index], cell),
              },
              el('div', {}, cell),
            ),
      ),
    ),
  );
  return el(
    'div',
    { class: 'wide' },
    el(
      'table',
      { role: 'table', class: 'stacking' },
      el('caption', {}, caption),
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, head)),
      el('tbody', { role: 'rowgroup' }, body),
    ),
  );
}

/** Returns the classes of a cell; undefined for none. */
function classOf(column: TableColumn | undefined, cell?: Child): string | undefined {
  const classes = [
    column?.number === true ? 'number' : '',
    column?.whole === true ? 'whole' : '',
    cell === noValue ? 'none' : '',
  ];
  return classes.filter(Boolean).join(' ') || undefined;
}
