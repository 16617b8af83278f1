import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { PlanStep } from '../../shared/buckets/plan.ts';
import { isIrreversible } from '../../shared/buckets/types.ts';
import { failure } from '../../shared/platform/errors.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { holdLiveLine } from '../../shared/terminal/live-line.ts';
import { interrupt } from './interrupt.ts';
import { shown } from './output.ts';

/** This is where a person sits, if anywhere: standard input and, so that standard output stays free, standard error. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The one that the command runs in. */
export const here: Terminal = {
  get input() {
    return process.stdin;
  },
  get output() {
    return process.stderr;
  },
};

/**
 * Lets a person type the word for what a plan cannot undo.
 * @returns whether anything was asked: nothing is, when every step can be undone
 * @throws NOT_CONFIRMED for another word, and when there is no terminal to ask on
 */
export async function confirm(steps: readonly PlanStep[], terminal = here): Promise<boolean> {
  const forGood = steps.filter(({ decision }) => isIrreversible(decision));
  if (forGood.length === 0) return false;
  const word = forGood.some(({ decision }) => decision.action === 'lock') ? 'lock' : 'extend';
  await confirmWord(word, forGood.map(inWords).join(', '), terminal);
  return true;
}

/**
 * Lets a person type a word before something that cannot be undone.
 * @param changes what it is, such as `lock archive-1 (365 days)`
 * @throws NOT_CONFIRMED for another word, and when there is no terminal to ask on
 */
export async function confirmWord(word: string, changes: string, terminal = here): Promise<void> {
  await typeWord(word, `About to ${changes}. Nobody can undo that.`, `${changes} cannot be undone`, terminal);
}

/**
 * Lets a person type a word before something that can be undone, and that many will notice.
 * @param changes what it is, such as `open matter case-1, which holds 3 versions`
 * @throws NOT_CONFIRMED for another word, and when there is no terminal to ask on
 */
export async function confirmUndoable(word: string, changes: string, terminal = here): Promise<void> {
  await typeWord(word, `About to ${changes}.`, changes, terminal);
}

async function typeWord(word: string, notice: string, changes: string, terminal: Terminal): Promise<void> {
  const question = shown(`${notice}\nType ${word} to do it: `, terminal.output);
  if (terminal.input.isTTY !== true || (await ask(question, terminal)) !== word) {
    throw failure('NOT_CONFIRMED', { changes, word });
  }
}

function inWords({ bucket, observed, decision }: PlanStep): string {
  const isLock = decision.action === 'lock';
  const days = quantity((isLock ? observed?.days : decision.days) ?? 0, 'day');
  return isLock ? `lock ${bucket} (${days})` : `extend ${bucket} (to ${days})`;
}

/** The answer; empty when the input ends, or with Ctrl-D. */
async function ask(question: string, { input, output }: Terminal): Promise<string> {
  const reader = createInterface({ input, output });
  reader.once('SIGINT', interrupt);
  const ended = once(reader, 'close').then(() => '');
  const release = holdLiveLine();
  const answer = await Promise.race([reader.question(question).catch(() => ''), ended]);
  release();
  reader.close();
  return answer.trim();
}
