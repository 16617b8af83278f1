import { el } from '../../shared/page/dom.ts';
import { foreign } from '../../shared/page/foreign.ts';
import { dataTable, noValue } from '../../shared/page/table.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { bytes } from '../../shared/report/words.ts';
import type { VersionsMarker, VersionsPage, VersionView } from '../views/shown.ts';
import type { ShownVersions } from './api.ts';
import { createPanel } from './panel.ts';
import { instant, mark } from './words.ts';

/** The section of the versions. */
export interface VersionsSection {
  readonly section: HTMLElement;
  /** @param page the page that was read, or why it could not be; undefined: no bucket is chosen */
  show(shown: ShownVersions | undefined, page: VersionsPage | string | undefined): void;
}

/**
 * Makes the section that shows the versions of one bucket, page by page.
 * @param narrow shows only keys that begin so
 * @param turn shows the page behind a version; the first one for undefined
 */
export function versionsSection(
  narrow: (prefix: string) => void,
  turn: (after: VersionsMarker | undefined) => void,
): VersionsSection {
  const prefix = el('input', { type: 'search', id: 'prefix', placeholder: 'ledger/', autocomplete: 'off' });
  prefix.addEventListener('input', () => narrow(prefix.value));
  const form = el('form', { class: 'row', role: 'search' }, el('label', {}, 'Keys that begin with', prefix));
  form.addEventListener('submit', (event) => event.preventDefault());
  const first = el('button', { type: 'button' }, 'First page');
  const next = el('button', { type: 'button' }, 'Next page');
  let behind: VersionsMarker | undefined;
  first.addEventListener('click', () => turn(undefined));
  next.addEventListener('click', () => {
    if (behind !== undefined) turn(behind);
  });
  const { section, show } = createPanel('versions', 'Versions', form);
  section.append(el('p', { class: 'row' }, first, next));
  return {
    section,
    show(shown, page) {
      behind = typeof page === 'object' ? page.next : undefined;
      if (document.activeElement !== prefix) prefix.value = shown?.prefix ?? '';
      form.hidden = shown === undefined;
      first.hidden = shown?.after === undefined;
      next.hidden = behind === undefined;
      show([shown, page], () => {
        if (shown === undefined) return el('p', { class: 'empty' }, 'Choose a bucket above.');
        if (typeof page !== 'object') return el('p', { class: 'empty' }, page ?? 'They are being read.');
        return listOf(shown, page);
      });
    },
  };
}

function listOf({ cloud, bucket, prefix, after }: ShownVersions, { versions, next }: VersionsPage) {
  const address = formatAddress(cloud, { bucket });
  if (versions.length === 0) {
    const which = prefix === '' ? '' : ' of a key that begins so';
    return el('p', { class: 'empty' }, `${address} has no version${which}.`);
  }
  const place = after === undefined && next === undefined ? 'all' : 'a page of the';
  const caption = `${address}: ${place} versions, ${versions.length} here`;
  const columns = [
    'Key and version',
    'Modified',
    { title: 'Size', number: true },
    'Retention',
    'Legal hold',
    'Tags',
    'Delete',
  ];
  return dataTable(caption, columns, versions.map(cellsOf));
}

function cellsOf(version: VersionView) {
  const { key, lastModified, size, tags, retention, legalHold, immutable } = version;
  const name = [foreign(key), idOf(version)];
  if (version.kind === 'delete-marker') {
    return [
      name,
      instant(lastModified),
      'delete marker',
      noValue,
      noValue,
      noValue,
      mark('quiet', 'allowed'),
    ];
  }
  const until =
    retention === undefined ? noValue : [retention.mode, el('small', {}, 'until ', instant(retention.until))];
  const tagged = Object.entries(tags).map(([tag, value]) => el('div', {}, foreign(`${tag}=${value}`)));
  return [
    name,
    instant(lastModified),
    bytes(size),
    until,
    legalHold ? mark('good', 'on') : noValue,
    tagged.length === 0 ? noValue : tagged,
    immutable ? mark('good', 'refused') : mark('quiet', 'allowed'),
  ];
}

/** Shows enough of a version id to tell it from others; the whole of it unfolds. */
function idOf({ key, versionId, isLatest }: VersionView): HTMLElement {
  const current = isLatest ? 'current ' : '';
  if (versionId.length <= 20) return el('small', {}, current, el('code', {}, versionId));
  const short = `${versionId.slice(0, 8)}…${versionId.slice(-8)}`;
  return el(
    'details',
    { id: `version ${versionId} ${key}`, class: 'id' },
    el('summary', {}, el('small', {}, current, el('code', {}, short))),
    el('small', {}, el('code', {}, versionId)),
  );
}
