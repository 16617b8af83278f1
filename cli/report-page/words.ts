import { el } from '../../shared/page/dom.ts';
import type { Counts } from '../../shared/report/counts.ts';
import type { Standing } from '../../shared/report/standings.ts';
import { count, size, standingWords } from '../../shared/report/words.ts';

/** `2026-11-20 10:00 UTC` */
export const instantText = (text: string): string => `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
/** `2026-11-20` */
export const dateText = (text: string | undefined): string => text?.split('T', 1)[0] ?? '–';

/** Returns versions and their size, as two cells. */
export const numbers = (counts: Counts): [string, string] => [count(counts.versions), size(counts)];

/** Returns a standing in words, with a mark that does not need its colour. */
export const badge = (standing: Standing): HTMLElement =>
  el('span', { class: `standing ${standing}` }, standingWords[standing]);
