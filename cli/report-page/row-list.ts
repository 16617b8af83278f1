import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { el } from '../../shared/page/dom.ts';
import type { DrawnVersion } from './rows.ts';

/** Printed rows are all in the document at once. */
export const mostPrinted = 1000;

/** The height of a closed row, as the style sheet has it, in pixels. */
const tableRow = 30;
/** About the height of a stacked row; it depends on what is in it. */
const stackedRow = 112;

export interface RowList {
  /** Shows so many other rows, from the first one on. */
  replace(count: number): void;
  /** Draws one row anew, since it was opened or closed. */
  redraw(index: number): void;
}

/**
 * Keeps only those rows in the document that are to be seen; on paper the first thousand.
 * @param draw makes the row at an index
 */
export function rowList(
  scroller: HTMLDivElement,
  body: HTMLElement,
  draw: (index: number) => DrawnVersion,
): RowList {
  const drawn = new Map<number, DrawnVersion>();
  const above = spacer();
  const below = spacer();
  const narrow = matchMedia('(max-width: 720px)');
  const paper = matchMedia('print');
  let printing = false;
  let busy = false;
  let count = 0;

  const virtualizer = new Virtualizer<HTMLDivElement, HTMLTableRowElement>({
    count,
    estimateSize: () => (narrow.matches ? stackedRow : tableRow),
    getScrollElement: () => scroller,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    overscan: 8,
    onChange: () => show(),
  });

  const forget = (which: (index: number) => boolean) => {
    for (const [index, version] of drawn) {
      if (!which(index)) continue;
      for (const part of partsOf(version)) part.remove();
      drawn.delete(index);
    }
  };

  /** Adds and takes away what has changed: a row that stays keeps the focus that may be in it. */
  const place = (indexes: readonly number[]) => {
    const wanted = new Set(indexes);
    forget((index) => !wanted.has(index));
    let last: Element = above;
    const parts = indexes.flatMap((index) => {
      const version = drawn.get(index) ?? draw(index);
      drawn.set(index, version);
      return partsOf(version);
    });
    for (const part of parts) {
      if (last.nextElementSibling !== part) last.after(part);
      last = part;
    }
  };

  /** @returns true when a row is not as high as was thought */
  const measure = (): boolean => {
    let changed = false;
    for (const { index, size } of virtualizer.getVirtualItems()) {
      const version = drawn.get(index);
      // To measure costs more than to draw, and closed rows of a table are all as high as the style sheet says.
      if (version === undefined || !(narrow.matches || version.details !== undefined)) continue;
      const height = heightOf(version);
      if (height === 0 || Math.abs(height - size) < 1) continue;
      virtualizer.resizeItem(index, height);
      changed = true;
    }
    return changed;
  };

  const show = () => {
    if (busy) return;
    busy = true;
    if (printing || paper.matches) showPrinted();
    else showSeen();
    busy = false;
  };
  const showPrinted = () => {
    place(Array.from({ length: Math.min(count, mostPrinted) }, (_, index) => index));
    setHeight(above, 0);
    setHeight(below, 0);
  };
  const showSeen = () => {
    // Rows that turn out higher leave room for fewer: the second look settles it.
    for (let looks = 0; looks < 2; looks += 1) {
      const items = virtualizer.getVirtualItems();
      place(items.map(({ index }) => index));
      const changed = measure();
      setHeight(above, virtualizer.getVirtualItems()[0]?.start ?? 0);
      setHeight(below, virtualizer.getTotalSize() - (virtualizer.getVirtualItems().at(-1)?.end ?? 0));
      if (!changed) break;
    }
  };
  const print = (to: boolean) => () => {
    printing = to;
    show();
  };

  body.replaceChildren(above, below);
  addEventListener('beforeprint', print(true));
  addEventListener('afterprint', print(false));
  paper.addEventListener('change', show);
  narrow.addEventListener('change', () => {
    virtualizer.measure();
    show();
  });
  // The scroller has a size only once it stands in the document.
  queueMicrotask(() => {
    virtualizer._didMount();
    virtualizer._willUpdate();
    show();
  });
  return {
    replace(next) {
      count = next;
      forget(() => true);
      virtualizer.setOptions({ ...virtualizer.options, count });
      scroller.scrollTop = 0;
      virtualizer.measure();
      show();
    },
    redraw(index) {
      const hadFocus = drawn.get(index)?.row.contains(document.activeElement) === true;
      forget((each) => each === index);
      show();
      if (hadFocus) drawn.get(index)?.row.querySelector('button')?.focus({ preventScroll: true });
    },
  };
}

const partsOf = ({ row, details }: DrawnVersion): readonly HTMLElement[] =>
  details === undefined ? [row] : [row, details];

const heightOf = (version: DrawnVersion): number =>
  partsOf(version).reduce((height, part) => height + part.getBoundingClientRect().height, 0);

const spacer = (): HTMLElement =>
  el('tr', { 'aria-hidden': 'true', class: 'spacer' }, el('td', { colspan: '9' }));

const setHeight = (row: HTMLElement, height: number): void => {
  row.style.height = `${height}px`;
};
