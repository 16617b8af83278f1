import { el } from '../../shared/page/dom.ts';
import type { PageVersion } from '../../shared/report/page-data.ts';
import { standings } from '../../shared/report/standings.ts';
import { standingWords } from '../../shared/report/words.ts';
import { sortable, type View } from './view.ts';

/** The controls that narrow the table of versions. */
export interface Filters {
  readonly form: HTMLElement;
  /** Shows in the controls what the table shows. */
  show(view: View): void;
}

/** Makes the controls. @param change takes what somebody has changed */
export function filters(versions: readonly PageVersion[], change: (part: Partial<View>) => void): Filters {
  const search = el('input', { type: 'search', id: 'search', placeholder: 'key, version, rule, reason' });
  search.addEventListener('input', () => change({ text: search.value }));
  const present = standings.filter((standing) => versions.some((version) => version.standing === standing));
  const buckets = [...new Set(versions.map(({ bucket }) => bucket))].sort();
  const standing = choiceOf(
    'standing',
    'all',
    present.map((name) => [name, standingWords[name]]),
  );
  standing.addEventListener('change', () =>
    change({ standing: present.find((name) => name === standing.value) }),
  );
  const bucket = choiceOf(
    'bucket',
    'all',
    buckets.map((name) => [name, name]),
  );
  bucket.addEventListener('change', () => change({ bucket: bucket.value || undefined }));
  const sort = choiceOf(
    'sort',
    'most urgent first',
    sortable.map((name) => [name, sortWords[name]]),
  );
  sort.addEventListener('change', () => {
    const by = sortable.find((name) => name === sort.value);
    change({ sort: by === undefined ? undefined : { by, descending: false } });
  });
  const form = el(
    'form',
    { class: 'filters', role: 'search' },
    el('label', {}, 'Find', search),
    el('label', {}, 'Standing', standing),
    el('label', {}, 'Bucket', bucket),
    // Where rows are stacked there is no head of columns to press.
    el('label', { class: 'stacked' }, 'Sort by', sort),
  );
  form.addEventListener('submit', (event) => event.preventDefault());
  return {
    form,
    show(view) {
      // A field that is being typed into keeps its caret.
      if (search.value !== view.text) search.value = view.text;
      standing.value = view.standing ?? '';
      bucket.value = view.bucket ?? '';
      sort.value = view.sort?.by ?? '';
    },
  };
}

const sortWords: Readonly<Record<(typeof sortable)[number], string>> = {
  standing: 'standing',
  bucket: 'bucket',
  key: 'key',
  rule: 'rule',
  until: 'held until',
  wanted: 'asked until',
  size: 'size',
};

const choiceOf = (
  id: string,
  none: string,
  choices: readonly (readonly [string, string])[],
): HTMLSelectElement =>
  el(
    'select',
    { id },
    el('option', { value: '' }, none),
    choices.map(([value, label]) => el('option', { value }, label)),
  );
