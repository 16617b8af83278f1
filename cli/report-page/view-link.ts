import { standings } from '../../shared/report/standings.ts';
import { sortable, type View, wholeView } from './view.ts';

/** Returns the end of an address that shows this view, beginning with `#`. Pure. */
export function linkOf({ text, standing, bucket, sort }: View): string {
  const parts = new URLSearchParams();
  if (text !== '') parts.set('find', text);
  if (standing !== undefined) parts.set('standing', standing);
  if (bucket !== undefined) parts.set('bucket', bucket);
  if (sort !== undefined) parts.set('sort', `${sort.descending ? '-' : ''}${sort.by}`);
  return `#${parts}`;
}

/**
 * Returns the view that an address asks for; what it does not say, or says wrongly, is as in the whole view. Pure.
 * @param link the end of the address, from `#` on
 * @returns undefined when the address names a place of the page and no view
 */
export function viewOf(link: string): View | undefined {
  if (/^#[\w-]+$/.test(link)) return undefined;
  const parts = new URLSearchParams(link.slice(1));
  const [, minus, by] = /^(-?)(.*)$/s.exec(parts.get('sort') ?? '') ?? [];
  const column = sortable.find((name) => name === by);
  return {
    ...wholeView,
    text: parts.get('find') ?? '',
    standing: standings.find((name) => name === parts.get('standing')),
    bucket: parts.get('bucket') ?? undefined,
    sort: column === undefined ? undefined : { by: column, descending: minus === '-' },
  };
}
