import { day } from '../../platform/instant.ts';
import { formatDuration } from '../duration.ts';
import type { ObjectRule, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';

/** Generations so short that they cost more than they save, and margins that a late run uses up. */
export const generations = ({ objects }: Rules): Warning[] =>
  objects.flatMap((rule, index) => {
    const path = ['objects', index, 'extend'];
    return [
      ...manyCalls(rule, path),
      ...thinMargin(rule, path),
      ...thinHold(rule, ['objects', index, 'retain', 'for']),
    ];
  });

const year = 365 * day;
/** Once a week, which peers take as the least (AWS's sample for extending S3 Object Lock). */
const fewest = 7 * day;
const better = 30 * day;

function manyCalls({ name, extend }: ObjectRule, path: Warning['path']): Warning[] {
  if (extend === undefined || extend.byMs >= fewest) return [];
  const calls = (ms: number) => Math.ceil(year / ms);
  return [
    warn(
      'many-calls',
      [...path, 'by'],
      `rule ${name}: by (${inWords(extend.byMs)}) makes ${calls(extend.byMs)} calls a year for each object in use; ` +
        `write more, such as ${inWords(better)} (${calls(better)} calls)`,
    ),
  ];
}

/** An inventory comes once a day, describes the day before, and one may fail. */
const leastMargin = 3 * day;

function thinMargin({ name, extend }: ObjectRule, path: Warning['path']): Warning[] {
  if (extend === undefined || extend.withinMs >= leastMargin) return [];
  return [
    warn(
      'thin-margin',
      [...path, 'within'],
      `rule ${name}: within (${inWords(extend.withinMs)}) leaves no time for a run that fails or comes late, and what ` +
        `ends meanwhile is unprotected; write ${inWords(leastMargin)} or more`,
    ),
  ];
}

function thinHold({ name, retain }: ObjectRule, path: Warning['path']): Warning[] {
  if (retain.kind !== 'from-tag' || retain.whileOpen === undefined) return [];
  const hold = retain.whileOpen;
  if (hold.withinMs >= leastMargin) return [];
  return [
    warn(
      'thin-hold',
      path,
      `rule ${name}: with for: ${retain.period.text} a hold is renewed ${inWords(hold.withinMs)} before its end, which leaves no time for ` +
        `a run that fails or comes late; with for: ${inWords(4 * leastMargin)} or more there are ${inWords(leastMargin)} or more`,
    ),
  ];
}

const inWords = (ms: number): string => formatDuration({ months: 0, ms });
