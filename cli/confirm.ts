import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { PlanStep } from '../shared/buckets/plan.ts';
import { isIrreversible } from '../shared/buckets/types.ts';
import { failure } from '../shared/platform/errors.ts';
import { interrupt } from './interrupt.ts';

/**
 * Lets a person type the word for what cannot be undone.
 * @returns whether anything was asked: nothing is, when every step can be undone
 * @throws NOT_CONFIRMED for another word, and when there is no terminal to ask on
 */
export async function confirm(steps: readonly PlanStep[]): Promise<boolean> {
  const forGood = steps.filter(({ decision }) => isIrreversible(decision));
  if (forGood.length === 0) return false;
  const changes = forGood.map(inWords).join(', ');
  const word = forGood.some(({ decision }) => decision.action === 'lock') ? 'lock' : 'extend';
  const question = `To ${changes} cannot be undone by anybody.\nType ${word} to do it: `;
  if (!process.stdin.isTTY || (await ask(question)) !== word)
    throw failure('NOT_CONFIRMED', { changes, word });
  return true;
}

function inWords({ bucket, observed, decision }: PlanStep): string {
  return decision.action === 'lock'
    ? `lock ${bucket} (${observed?.days} days)`
    : `extend ${bucket} (to ${decision.days} days)`;
}

/** The answer; empty when the input ends. Standard output stays free for the result. */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once('SIGINT', interrupt);
  const ended = once(terminal, 'close').then(() => '');
  const answer = await Promise.race([terminal.question(question), ended]);
  terminal.close();
  return answer.trim();
}
