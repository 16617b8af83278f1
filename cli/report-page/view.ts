import type { PageVersion } from '../../shared/report/page-data.ts';
import type { Standing } from '../../shared/report/standings.ts';

/** Columns that the versions can be sorted by. */
export const sortable = ['standing', 'bucket', 'key', 'rule', 'until', 'wanted', 'size'] as const;
export type Sortable = (typeof sortable)[number];

/** This is what of the versions is to be seen, and in which order. */
export interface View {
  /** Words that a row must all have, anywhere. */
  readonly text: string;
  /** Undefined: all. */
  readonly standing: Standing | undefined;
  readonly bucket: string | undefined;
  /** Undefined: the most urgent first, as the data comes. */
  readonly sort: { readonly by: Sortable; readonly descending: boolean } | undefined;
}

export const wholeView: View = { text: '', standing: undefined, bucket: undefined, sort: undefined };

/** Returns the rows of a view. Pure; what has no value comes last in either direction. */
export function visibleRows(versions: readonly PageVersion[], view: View): readonly PageVersion[] {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = versions.filter(
    (version) =>
      (view.standing === undefined || version.standing === view.standing) &&
      (view.bucket === undefined || version.bucket === view.bucket) &&
      hasAll(version, words),
  );
  const { sort } = view;
  return sort === undefined ? rows : rows.sort((a, b) => compare(a[sort.by], b[sort.by], sort.descending));
}

/** Returns the next order when a column's title is pressed: upwards, downwards, and as the data comes. */
export function nextSort(sort: View['sort'], by: Sortable): View['sort'] {
  if (sort?.by !== by) return { by, descending: false };
  return sort.descending ? undefined : { by, descending: true };
}

function hasAll(version: PageVersion, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = searched.get(version) ?? searchedText(version);
  return words.every((word) => text.includes(word));
}

/** Texts that were searched before: somebody who types searches 50,000 of them with each letter. */
const searched = new WeakMap<PageVersion, string>();

function searchedText(version: PageVersion): string {
  const { bucket, key, versionId, rule, code, reason } = version;
  const text = [bucket, key, versionId, rule, code, reason].join(' ').toLowerCase();
  searched.set(version, text);
  return text;
}

type Value = string | number | undefined;

function compare(a: Value, b: Value, descending: boolean): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  const upwards = a < b ? -1 : 1;
  return descending ? -upwards : upwards;
}
