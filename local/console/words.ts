import { el } from '../../shared/page/dom.ts';

/** Returns an instant as people read it: `2026-11-20 10:00:05 UTC`. */
export const instantText = (text: string): string => `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;

/** Shows an instant that breaks into lines only between its date and its time. */
export const instant = (text: string): HTMLElement =>
  el(
    'time',
    { datetime: text },
    el('span', {}, text.slice(0, 10)),
    ' ',
    el('span', {}, `${text.slice(11, 19)} UTC`),
  );

/** The colour and sign of a mark: neither stands without its word. */
export type Tone = 'good' | 'bad' | 'warn' | 'quiet';

/** Shows a state in a word, with a sign that does not need its colour. */
export const mark = (tone: Tone, word: string): HTMLElement => el('span', { class: `mark ${tone}` }, word);
