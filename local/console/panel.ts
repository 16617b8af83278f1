import { type Child, el } from '../../shared/page/dom.ts';

/** A section of the console whose body is made anew when what it shows has changed. */
export interface Panel {
  readonly section: HTMLElement;
  /** Makes the body anew, unless it shows these facts already. */
  show(facts: unknown, make: () => Child): void;
}

/** Makes a section with a title. Its other children stay as they are, above the body. */
export function createPanel(id: string, title: string, ...intro: readonly Child[]): Panel {
  const body = el('div', {});
  const heading = el('h2', { id: `${id}-title` }, title);
  const section = el('section', { id, 'aria-labelledby': heading.id, tabindex: '-1' }, heading, intro, body);
  let shown: string | undefined;
  return {
    section,
    show(facts, make) {
      const text = JSON.stringify(facts);
      if (text === shown) return;
      shown = text;
      keepPlace(body, () => body.replaceChildren(el('div', {}, make())));
    },
  };
}

/** Keeps the focus and what is unfolded where they are, by the ids of the elements, while the rest is made anew. */
function keepPlace(body: HTMLElement, change: () => void): void {
  const { activeElement } = document;
  const focused = body.contains(activeElement) ? activeElement?.id : undefined;
  const unfolded = [...body.querySelectorAll('details[open]')].map(({ id }) => id);
  change();
  for (const id of unfolded) document.getElementById(id)?.setAttribute('open', '');
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
