/** This is what may stand in an element: text is never read as markup. */
export type Child = Node | string | undefined | readonly Child[];

/** Makes an element. Attributes that are undefined are left out. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(attribute, value);
  }
  add(element, children);
  return element;
}

function add(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined) continue;
    if (typeof child === 'string' || child instanceof Node) element.append(child);
    else add(element, child);
  }
}

/** Returns the element with this id, which the page is known to have. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

export interface TableColumn {
  readonly title: string;
  /** Numbers stand right. */
  readonly number?: boolean;
  /** Its cells are never broken into lines. */
  readonly whole?: boolean;
}

/** Returns a table with a caption; the first cell of a row names it. On a narrow screen each cell is shown with its title. */
export function dataTable(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const kind = (index: number) => {
    if (columns[index]?.number === true) return 'number';
    return columns[index]?.whole === true ? 'whole' : undefined;
  };
  const head = columns.map(({ title }, index) => el('th', { scope: 'col', class: kind(index) }, title));
  const body = rows.map((cells) =>
    el(
      'tr',
      {},
      cells.map((cell, index) =>
        index === 0
          ? el('th', { scope: 'row' }, cell)
          : el(
              'td',
              { class: kind(index), 'data-title': columns[index]?.title || undefined },
              el('div', {}, cell),
            ),
      ),
    ),
  );
  return el(
    'div',
    { class: 'wide' },
    el('table', {}, el('caption', {}, caption), el('thead', {}, el('tr', {}, head)), el('tbody', {}, body)),
  );
}
