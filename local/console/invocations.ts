import { type Child, el } from '../../shared/page/dom.ts';
import { foreign } from '../../shared/page/foreign.ts';
import type { Invocation } from '../fc/invocations.ts';
import type { FunctionView } from '../views/shown.ts';
import { statusMark } from './clock.ts';
import { createPanel } from './panel.ts';
import { instantText } from './words.ts';

/** The section of the functions and their runs. */
export interface InvocationsSection {
  readonly section: HTMLElement;
  show(functions: readonly FunctionView[], invocations: readonly Invocation[]): void;
}

/**
 * Makes the section that lists the latest runs of functions, each with its event and its logs.
 * @param fire fires a timer now
 */
export function invocationsSection(
  fire: (cloud: FunctionView['cloud'], trigger: string) => void,
): InvocationsSection {
  const timers = createPanel('timers', 'Timers');
  timers.section.classList.add('inner');
  const runs = createPanel('invocations', 'Invocations', timers.section);
  return {
    section: runs.section,
    show(functions, invocations) {
      timers.show(functions, () => timerRows(functions, fire));
      const latest = invocations.toReversed();
      runs.show(latest, () =>
        latest.length === 0
          ? el('p', { class: 'empty' }, 'No function has run yet.')
          : el('div', { class: 'runs' }, latest.map(runOf)),
      );
    },
  };
}

function timerRows(
  functions: readonly FunctionView[],
  fire: (cloud: FunctionView['cloud'], trigger: string) => void,
): Child {
  const timers = functions.flatMap(({ cloud, name, triggers }) =>
    triggers
      .filter(({ type }) => type === 'timer')
      .map((trigger) => {
        const button = el(
          'button',
          {
            type: 'button',
            id: `fire ${cloud} ${name} ${trigger.name}`,
            'aria-label': `Fire now: ${trigger.name} of ${name} (${cloud})`,
          },
          'Fire now',
        );
        button.addEventListener('click', () => fire(cloud, trigger.name));
        return el(
          'li',
          {},
          button,
          ' ',
          `${name} by ${trigger.name} `,
          el('code', {}, trigger.when ?? ''),
          ` (${cloud})`,
        );
      }),
  );
  return timers.length === 0
    ? el('p', { class: 'empty' }, 'No function has a timer.')
    : el('ul', { class: 'plain' }, timers);
}

function runOf(run: Invocation): HTMLElement {
  const { id, cloud, startedAt, function: name, trigger, attempt, status, error, result, event, logs } = run;
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  const said =
    error === undefined ? (result ?? '') : `${error.errorType}: ${error.errorMessage.split('\n')[0]}`;
  const details = el(
    'details',
    { id: `run ${id}` },
    el(
      'summary',
      {},
      el('span', { class: 'when' }, instantText(startedAt)),
      ' ',
      el('span', {}, `${name} by ${trigger}${again}${cloud === 'obs' ? ' (OBS)' : ''} `),
      statusMark(status),
      ' ',
      el('small', {}, foreign(said)),
    ),
    el('h3', {}, 'Log'),
    logs.length === 0 ? el('p', { class: 'empty' }, 'It wrote nothing.') : block('Log', logs),
    el('h3', {}, 'Event'),
    block('Event', [typeof event === 'string' ? event : JSON.stringify(event, null, 1)]),
  );
  return details;
}

/** Shows lines as they are; the block scrolls, so it can have the focus. */
const block = (label: string, lines: readonly string[]): HTMLElement =>
  el(
    'pre',
    { tabindex: '0', role: 'region', 'aria-label': label },
    lines.flatMap((line) => line.split('\n')).map((line) => [foreign(line), '\n']),
  );
