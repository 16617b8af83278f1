import { type Child, el } from '../../shared/page/dom.ts';
import { foreign } from '../../shared/page/foreign.ts';
import { dataTable } from '../../shared/page/table.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import type { Undelivered } from '../fc/undelivered.ts';
import type { LettersView } from '../views/shown.ts';
import { createPanel } from './panel.ts';
import { instant, mark } from './words.ts';

/** The section of the dead letters. */
export interface LettersSection {
  readonly section: HTMLElement;
  show(letters: LettersView, undelivered: readonly Undelivered[]): void;
}

/** Makes the section that lists the failed events that were kept, and those that got lost. */
export function lettersSection(): LettersSection {
  const { section, show } = createPanel('letters', 'Dead letters');
  return {
    section,
    show: (letters, undelivered) =>
      show([letters, undelivered], () => [keptTable(letters), lostTable(undelivered)]),
  };
}

function keptTable({ letters, total, places }: LettersView): Child {
  if (places.length === 0) {
    return el('p', { class: 'empty' }, 'The rules in force name no folder for dead letters.');
  }
  if (letters.length === 0) return el('p', { class: 'empty' }, `There is none in ${places.join(' or ')}.`);
  const more = total > letters.length ? `, the latest ${letters.length} of ${total}` : '';
  return dataTable(
    `Failed events that were kept in ${places.join(' and ')}${more}`,
    ['Letter', 'Failed', 'State', 'Function', 'Why'],
    letters.map(({ cloud, id, bucket, key, failedAt, open, function: name, error }) => [
      [el('code', {}, id), el('small', {}, foreign(formatAddress(cloud, { bucket, key })))],
      instant(failedAt),
      open ? mark('bad', 'open') : mark('good', 'replayed'),
      name ?? 'cannot be read',
      foreign(error ?? ''),
    ]),
  );
}

function lostTable(undelivered: readonly Undelivered[]): Child {
  if (undelivered.length === 0) return undefined;
  return dataTable(
    'Events that could not be delivered: nobody sends them again',
    ['Function', 'When', 'What', 'To', 'Why'],
    undelivered
      .toReversed()
      .slice(0, 50)
      .map(({ at, kind, function: name, target, code, message }) => [
        name,
        instant(at),
        kind === 'destination' ? 'dead letter' : 'event of OSS',
        target,
        foreign(`${code}: ${message}`),
      ]),
  );
}
