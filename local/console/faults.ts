import { el } from '../../shared/page/dom.ts';
import { foreign } from '../../shared/page/foreign.ts';
import { addFault, CallFailed, type FaultEntry, removeFault } from './api.ts';
import { createPanel } from './panel.ts';
import { isSameRule, otherRules, presets } from './presets.ts';

/** The section of the faults. */
export interface FaultsSection {
  readonly section: HTMLElement;
  show(rules: readonly FaultEntry[]): void;
}

/**
 * Makes the section that switches faults on and off, those with a switch and any other rule.
 * @param refresh reads everything anew
 */
export function faultsSection(refresh: () => Promise<void>): FaultsSection {
  const said = el('p', { role: 'status', class: 'said' });
  let changing = 0;
  const change = async (work: () => Promise<unknown>) => {
    said.textContent = '';
    changing += 1;
    await work().catch((error: unknown) => {
      said.textContent = error instanceof CallFailed ? error.message : String(error);
    });
    changing -= 1;
    await refresh();
  };
  const switches = presets.map(({ id, title, rule }) => {
    const box = el('input', { type: 'checkbox', role: 'switch', id: `fault-${id}` });
    box.addEventListener('change', () => change(() => (box.checked ? addFault(rule) : removeFault(rule))));
    return { box, rule, label: el('label', { for: box.id }, title) };
  });
  const text = el('textarea', {
    id: 'rule',
    rows: '3',
    spellcheck: 'false',
    placeholder: '{"operation":"HeadObject","times":3,"effect":{"status":500,"code":"InternalError"}}',
  });
  const form = el(
    'form',
    {},
    el('label', { for: 'rule' }, 'Another rule, as JSON (docs/faults.md)'),
    text,
    el('button', { type: 'submit' }, 'Switch on'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void change(() => addFault(JSON.parse(text.value)));
  });
  const { section, show } = createPanel(
    'faults',
    'Faults',
    el(
      'ul',
      { class: 'plain switches' },
      switches.map(({ box, label }) => el('li', {}, box, label)),
    ),
    form,
    said,
  );
  return {
    section,
    show(rules) {
      // What was read before a change would turn its switch back; the change reads anew when it is made.
      if (changing > 0) return;
      for (const { box, rule } of switches) box.checked = rules.some((each) => isSameRule(each, rule));
      const others = otherRules(rules);
      show(others, () =>
        others.length === 0
          ? undefined
          : el(
              'ul',
              { class: 'plain' },
              others.map((rule, index) => ruleItem(rule, index)),
            ),
      );
    },
  };

  function ruleItem(rule: FaultEntry, index: number): HTMLElement {
    const json = JSON.stringify(rule);
    const button = el(
      'button',
      { type: 'button', id: `end-${index}`, 'aria-label': `Switch off ${json}` },
      'Switch off',
    );
    button.addEventListener('click', () => void change(() => removeFault(rule)));
    return el('li', {}, button, ' ', el('code', {}, foreign(json)));
  }
}
