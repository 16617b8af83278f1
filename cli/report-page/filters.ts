import { el } from '../../shared/page/dom.ts';
import type { PageVersion } from '../../shared/posture/page-data.ts';
import { standings } from '../../shared/posture/standings.ts';
import { standingWords } from '../../shared/posture/words.ts';
import type { View } from './view.ts';

/** Tells what the table of versions can be narrowed by. */
export function filters(
  versions: readonly PageVersion[],
  change: (part: Partial<View>) => void,
): HTMLElement {
  const search = el('input', { type: 'search', id: 'search', placeholder: 'key, version, rule, reason' });
  search.addEventListener('input', () => change({ text: search.value }));
  const present = standings.filter((standing) => versions.some((version) => version.standing === standing));
  const buckets = [...new Set(versions.map(({ bucket }) => bucket))].sort();
  const standing = choiceOf(
    'standing',
    present.map((name) => [name, standingWords[name]]),
  );
  standing.addEventListener('change', () =>
    change({ standing: present.find((name) => name === standing.value) }),
  );
  const bucket = choiceOf(
    'bucket',
    buckets.map((name) => [name, name]),
  );
  bucket.addEventListener('change', () => change({ bucket: bucket.value || undefined }));
  const form = el(
    'form',
    { class: 'filters', role: 'search' },
    el('label', {}, 'Find', search),
    el('label', {}, 'Standing', standing),
    el('label', {}, 'Bucket', bucket),
  );
  form.addEventListener('submit', (event) => event.preventDefault());
  return form;
}

const choiceOf = (id: string, choices: readonly (readonly [string, string])[]): HTMLSelectElement =>
  el(
    'select',
    { id },
    el('option', { value: '' }, 'all'),
    choices.map(([value, label]) => el('option', { value }, label)),
  );
