import type { Path, RulesFinding } from '../rules/problem.ts';
import { child, isMap } from '../rules/schema-walk.ts';
import { actionsOf } from './actions.ts';

/** This is what only one kind of case can expect. */
const only: Readonly<Record<'object' | 'bucket', readonly string[]>> = {
  object: ['others', 'warnings'],
  bucket: ['days', 'problem'],
};

/** Returns everything in a file of test cases that is well-formed and cannot be meant. */
export function testContradictions(file: unknown): RulesFinding[] {
  const cases = child(file, 'cases');
  if (!Array.isArray(cases)) return [];
  const names = new Map<unknown, number>();
  return cases.flatMap((one: unknown, index): RulesFinding[] => {
    const path = ['cases', index];
    const name = child(one, 'name');
    const first = names.get(name);
    if (first === undefined) names.set(name, index);
    const taken = `the name "${name}" is taken by another case; names are unique in the file`;
    return [
      ...(typeof name === 'string' && first !== undefined ? [at([...path, 'name'], taken)] : []),
      ...misfits(child(one, 'given'), child(one, 'expect'), [...path, 'expect']),
    ];
  });
}

/** Tells what an object cannot come to, or a bucket. */
function misfits(given: unknown, expect: unknown, path: Path): RulesFinding[] {
  const kind = kindOf(given);
  if (kind === undefined || !isMap(expect)) return [];
  const other = kind === 'object' ? 'bucket' : 'object';
  const { action } = expect;
  const foreign = only[other].filter((key) => key in expect);
  return [
    ...foreign.map((key) =>
      at(
        [...path, key],
        `"${key}" is for ${articled[other]}, and the case is about ${articled[kind]}`,
        'key',
      ),
    ),
    ...(typeof action === 'string' && isForeign(action, kind)
      ? [
          at(
            [...path, 'action'],
            `expected ${actionsOf[kind].join(', ')}, found "${action}", which is for ${articled[other]}`,
          ),
        ]
      : []),
  ];
}

const articled = { object: 'an object', bucket: 'a bucket' };

function kindOf(given: unknown): 'object' | 'bucket' | undefined {
  if (child(given, 'object') !== undefined) return 'object';
  return child(given, 'bucket') === undefined ? undefined : 'bucket';
}

const isForeign = (action: string, kind: 'object' | 'bucket'): boolean =>
  !actionsOf[kind].includes(action) && Object.values(actionsOf).flat().includes(action);

const at = (path: Path, message: string, part: RulesFinding['part'] = 'value'): RulesFinding => ({
  path,
  part,
  message,
});
