import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { lockWindowMs } from '../shared/buckets/decide.ts';
import { type FunctionProps, loadTemplate, timerGapMs } from '../shared/deploy/template.ts';
import { hasCode } from '../shared/platform/errors.ts';
import { minute } from '../shared/platform/instant.ts';
import { readDocument } from '../shared/rules/document.ts';
import { formatDuration } from '../shared/rules/duration.ts';
import type { Rules } from '../shared/rules/types.ts';

/** A mistake and its place. Lines and columns count from 1. */
export interface Mistake {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly message: string;
}

interface Checked {
  readonly mistakes: readonly Mistake[];
  /** What was not checked, and why; no mistake. */
  readonly notes: readonly string[];
}

/**
 * Checks the s.yaml beside a rules file, and whether its timer can lock in time what the rules lock.
 * @param text of the rules file
 * @param rules undefined when they are invalid themselves
 */
export function checkDeployment(rulesFile: string, text: string, rules: Rules | undefined): Checked {
  const file = join(dirname(rulesFile), 's.yaml');
  if (!existsSync(file)) {
    const locks = rules?.buckets.some(({ policy }) => policy.lockAfterMs !== undefined) === true;
    const note = `no s.yaml beside ${rulesFile}: whether its timer locks in time was not checked`;
    return { mistakes: [], notes: locks ? [note] : [] };
  }
  try {
    const { functions } = loadTemplate(file, { environment: process.env });
    return { mistakes: lockTiming(rulesFile, text, rules, file, functions), notes: [] };
  } catch (error) {
    if (!hasCode(error, 'TEMPLATE_INVALID')) throw error;
    return {
      mistakes: error.message
        .split('\n')
        .slice(1)
        .map((line) => placed(file, line)),
      notes: [],
    };
  }
}

/** A line of TEMPLATE_INVALID: `s.yaml:12:7 message`. */
function placed(file: string, text: string): Mistake {
  const [, line = '1', col = '1', message = text] = /^.*?:(\d+):(\d+) (.*)$/s.exec(text) ?? [];
  return { file, line: Number(line), col: Number(col), message };
}

/**
 * OSS drops an unlocked policy after 24 hours. Once a policy is due, the next run comes a period later at most, and
 * one missed run must not cost the policy: two periods have to fit.
 */
function lockTiming(
  rulesFile: string,
  text: string,
  rules: Rules | undefined,
  templateFile: string,
  functions: readonly FunctionProps[],
): Mistake[] {
  const place = readDocument(text, 'core').place;
  const period = timerPeriodMs(functions);
  return (rules?.buckets ?? []).flatMap(({ name, policy: { lockAfterMs } }, index) => {
    if (lockAfterMs === undefined) return [];
    const message = whyTooLate(lockAfterMs, period, templateFile);
    if (message === undefined) return [];
    const at = { path: ['buckets', index, 'policy', 'lock', 'after'], part: 'value', message } as const;
    const { line, col } = place(at);
    return [{ file: rulesFile, line, col, message: `rule ${name}: ${message}` }];
  });
}

function whyTooLate(lockAfterMs: number, periodMs: number | undefined, file: string): string | undefined {
  if (periodMs === undefined) {
    return `nothing would lock the policy: ${file} has no enabled timer for policy-timer; add one`;
  }
  if (lockAfterMs + 2 * periodMs < lockWindowMs) return undefined;
  const most = lockWindowMs - 2 * periodMs;
  const advice = most > minute ? `lower lock.after below ${inWords(most)} or ` : '';
  return (
    `lock.after ${inWords(lockAfterMs)} plus twice the timer's period of ${inWords(periodMs)} (${file}) ` +
    `must stay under 24h: ${advice}let the timer run more often`
  );
}

/** The longest time between two runs; with several timers the densest one bounds it. */
function timerPeriodMs(functions: readonly FunctionProps[]): number | undefined {
  const gaps = functions
    .filter(({ code }) => basename(code) === 'policy-timer')
    .flatMap(({ triggers }) => triggers)
    .flatMap((trigger) => (trigger.triggerType === 'timer' ? [trigger.triggerConfig] : []))
    .filter(({ enable }) => enable)
    .map(({ cronExpression }) => timerGapMs(cronExpression));
  return gaps.length === 0 ? undefined : Math.min(...gaps);
}

/** Up to the full minute; rules count no finer. */
const inWords = (ms: number): string => formatDuration({ months: 0, ms: Math.ceil(ms / minute) * minute });
