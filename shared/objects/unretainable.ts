import type { ObservedVersion, Unretainable } from './types.ts';

/** Tells which kind a version is that cannot carry retention; undefined for one that can. */
export function unretainable(type: ObservedVersion['type']): Unretainable | undefined {
  switch (type) {
    case 'delete-marker':
      return 'delete-marker';
    case 'Appendable':
      return 'appendable';
    case 'Symlink':
      return 'symlink';
    default:
      return undefined;
  }
}

/** The sentences that people read of a version that was skipped. */
export const skippedReasons: Readonly<Record<Unretainable, string>> = {
  'delete-marker': 'a delete marker carries no data and no retention',
  appendable: 'an appendable object cannot carry retention',
  symlink: 'a symlink cannot carry retention',
};
