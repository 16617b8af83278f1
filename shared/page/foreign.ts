import { visible } from '../platform/visible.ts';
import { el } from './dom.ts';

/** Shows text that somebody else has chosen: nothing in it is hidden, and its direction is its own. */
export const foreign = (text: string): HTMLElement => el('bdi', {}, visible(text));
