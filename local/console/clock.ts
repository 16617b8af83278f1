import { type Child, el } from '../../shared/page/dom.ts';
import { dataTable } from '../../shared/page/table.ts';
import type { BucketView } from '../views/shown.ts';
import {
  advance,
  CallFailed,
  type ClockView,
  leap,
  readBuckets,
  readInvocations,
  readInvocationsAfter,
} from './api.ts';
import { countRuns, type FiredCount, type PolicyChange, policyChanges } from './fired.ts';
import { instantText, mark } from './words.ts';

/** The most runs that are counted after the clock was moved. */
const mostRuns = 1000;

/** The section of the clock. */
export interface ClockSection {
  readonly section: HTMLElement;
  show(clock: ClockView): void;
}

/**
 * Makes the section that shows the time, lets it pass, and tells what fired meanwhile.
 * @param refresh reads everything anew
 */
export function clockSection(refresh: () => Promise<void>): ClockSection {
  // A reader that reads each second aloud would be of no use: this is no live region.
  const now = el('p', { class: 'now' }, '…');
  const said = el('p', { role: 'status', class: 'said' });
  const fired = el('div', {});
  let moving = false;

  const pass = async (name: string, move: () => Promise<unknown>) => {
    if (moving) return;
    moving = true;
    section.setAttribute('aria-busy', 'true');
    said.textContent = `${name} passes…`;
    fired.replaceChildren();
    try {
      // What has fired before is known from the cloud: what the page shows may be old.
      const [[last], before] = await Promise.all([readInvocations(1), readBuckets()]);
      await move();
      const { runs, changes } = await whatFired(last?.id ?? 0, before);
      said.textContent = `${name} has passed. ${summaryOf(runs, changes)}`;
      fired.replaceChildren(el('div', {}, firedTables(runs, changes)));
    } catch (error) {
      said.textContent = `Time has not passed. ${error instanceof CallFailed ? error.message : 'The embedded cloud does not answer.'}`;
    } finally {
      moving = false;
      section.removeAttribute('aria-busy');
      await refresh();
    }
  };

  const button = (title: string, move: () => Promise<unknown>) => {
    const made = el('button', { type: 'button' }, title);
    made.addEventListener('click', () => void pass(title, move));
    return made;
  };
  const span = el('input', { id: 'span', placeholder: '21h, 90min, 1d12h', autocomplete: 'off', size: '16' });
  const form = el(
    'form',
    { class: 'row' },
    el('label', {}, 'Other span', span),
    el('button', { type: 'submit' }, 'Let it pass'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = span.value.trim();
    if (text !== '') void pass(text, () => advance(text));
  });
  const section = el(
    'section',
    { id: 'clock', 'aria-labelledby': 'clock-title', tabindex: '-1' },
    el('h2', { id: 'clock-title' }, 'Clock'),
    now,
    el(
      'div',
      { class: 'row' },
      button('An hour', () => advance('1h')),
      button('A day', () => advance('24h')),
      button('A year', letYearPass),
      form,
    ),
    el(
      'p',
      { class: 'hint' },
      'What falls due on the way runs in order. Of a year, two days pass so, for timers to lock what is due; the rest passes at one go, and a timer that was missed runs once.',
    ),
    said,
    fired,
  );
  return {
    section,
    show(clock) {
      now.textContent = instantText(clock.now);
    },
  };
}

/** A whole year run by run is 35,000 runs of one timer: two days are enough for it to lock policies. */
async function letYearPass(): Promise<void> {
  await advance('48h');
  await leap('363d');
}

async function whatFired(known: number, before: readonly BucketView[]) {
  const [runs, after] = await Promise.all([readInvocationsAfter(known, mostRuns), readBuckets()]);
  return { runs: countRuns(runs), changes: policyChanges(before, after) };
}

function summaryOf(runs: readonly FiredCount[], changes: readonly PolicyChange[]): string {
  const total = runs.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return 'Nothing fired.';
  const most = total === mostRuns ? 'The latest ' : '';
  const counted = `${most}${total.toLocaleString('en')} ${total === 1 ? 'run' : 'runs'}`;
  const policies = changes.length === 1 ? 'policy' : 'policies';
  return `${counted}; ${changes.length === 0 ? 'no' : changes.length} bucket ${policies} changed.`;
}

function firedTables(runs: readonly FiredCount[], changes: readonly PolicyChange[]): Child {
  const ran = runs.map(({ cloud, function: name, trigger, status, count }) => [
    name,
    cloud,
    trigger,
    statusMark(status),
    count.toLocaleString('en'),
  ]);
  return [
    changes.length === 0
      ? undefined
      : dataTable(
          'Policies that changed meanwhile',
          ['Bucket', 'Before', 'After'],
          changes.map(({ bucket, before, after }) => [bucket, before, after]),
        ),
    ran.length === 0
      ? undefined
      : dataTable(
          'What fired',
          ['Function', 'Cloud', 'Trigger', 'Ended', { title: 'Runs', number: true }],
          ran,
        ),
  ];
}

/** Shows how an invocation ended. */
export function statusMark(status: string): HTMLElement {
  if (status === 'succeeded') return mark('good', status);
  if (status === 'running') return mark('quiet', status);
  return mark(status === 'retrying' ? 'warn' : 'bad', status);
}
