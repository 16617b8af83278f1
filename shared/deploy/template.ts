import { basename } from 'node:path';
import type { z } from 'zod';
import { failure, type HoldfastError, hasCode } from '../platform/errors.ts';
import { readTextFileSync } from '../platform/text.ts';
import { type RulesDocument, readDocument } from '../rules/document.ts';
import { formatProblem, type RulesProblem } from '../rules/problem.ts';
import { type RenderSources, render } from './render.ts';
import { type FunctionProps, templateSchema } from './schema.ts';
import { triggerClashes } from './trigger-clashes.ts';

export { readFilterPattern } from './event-pattern.ts';
export { timerGapMs } from './schedule.ts';
export type { EventBridgeTrigger, FunctionProps, OssTrigger, TimerTrigger, Trigger } from './schema.ts';

/** A template that has been read, filled in and found right. */
export interface Template {
  readonly functions: readonly FunctionProps[];
  /** The resources that name no version of their component, where there are any. */
  readonly unpinned?: readonly string[];
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Reads an s.yaml file, fills in its variables and checks it.
 * @throws HoldfastError FILE_UNREADABLE, or TEMPLATE_INVALID with every mistake in `file:line:column path message`
 */
export function loadTemplate(file: string, sources: RenderSources): Template {
  return parseTemplate(readText(file), file, sources);
}

/** Works as {@link loadTemplate} does, for a text at hand; `file` is the name that the messages give. */
export function parseTemplate(text: string, file: string, sources: RenderSources): Template {
  return checkTemplateDocument(readTemplateDocument(text), file, sources);
}

/** Returns the values of an s.yaml and their places, as they stand; never throws. */
export function readTemplateDocument(text: string): RulesDocument {
  return readDocument(text, 'core', '{edition: 3.0.0, name: holdfast, access: default, resources: {}}');
}

/** Fills in and checks what {@link readTemplateDocument} has read, as {@link parseTemplate} does. */
export function checkTemplateDocument(
  document: RulesDocument,
  file: string,
  sources: RenderSources,
): Template {
  const placed = (problem: RulesProblem) => formatProblem(basename(file), problem);
  if (document.value === undefined || document.problems.length > 0) {
    throw invalid(file, document.problems.map(placed));
  }
  const rendered = render(document.value, sources);
  const { template, problems } = check(rendered.document, rendered.problems);
  const texts = problems.map((problem) => {
    const path = problem.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    return placed(document.place({ path, part: 'value', message: describe(problem) }));
  });
  if (template === undefined || texts.length > 0) throw invalid(file, texts);
  return template;
}

/**
 * Checks an s.yaml that is already filled in, such as the JSON that `s preview` writes.
 * @throws HoldfastError TEMPLATE_INVALID
 */
export function checkTemplate(document: unknown, file: string): Template {
  const { template, problems } = check(document, []);
  if (template === undefined || problems.length > 0) throw invalid(file, problems.map(describe));
  return template;
}

function check(
  document: unknown,
  found: readonly Problem[],
): { template: Template | undefined; problems: readonly Problem[] } {
  const long = tooLong(document, []);
  if (long.length > 0) return { template: undefined, problems: [...found, ...long] };
  const result = templateSchema.safeParse(document);
  const unfilled = new Set(found.map(({ path }) => path.join('.')));
  const issues = (result.error?.issues ?? [])
    .map(toProblem)
    .filter(({ path }) => !unfilled.has(path.join('.')));
  const resources = result.success ? Object.entries(result.data.resources) : [];
  const functions = resources.map(([, { props }]) => props);
  const unpinned = resources.filter(([, { component }]) => component === 'fc3').map(([name]) => name);
  const template = { functions, ...(unpinned.length > 0 && { unpinned }) };
  return {
    template: result.success ? template : undefined,
    problems: [...found, ...issues, ...clashes(functions), ...triggerClashes(resources)],
  };
}

/** More than any value of an s.yaml has. The patterns that values are checked with take longer, the longer a text is. */
const longestText = 4096;

function tooLong(value: unknown, path: readonly PropertyKey[]): Problem[] {
  if (typeof value === 'string' && value.length > longestText) {
    return [{ path, message: `has ${value.length} characters; at most ${longestText} are read` }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => tooLong(item, [...path, key]));
}

/** Tells what no single function shows: two of the same name, a failure destination that is not there. */
function clashes(functions: readonly FunctionProps[]): Problem[] {
  const names = functions.map(({ functionName }) => functionName);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const lost = functions
    .map((props) => props.asyncInvokeConfig.destinationConfig?.onFailure.destination.split('functions/')[1])
    .filter((name) => name !== undefined && !names.includes(name));
  return [
    ...twice.map((name) => ({ path: ['resources'], message: `two functions are called ${name}` })),
    ...lost.map((name) => ({
      path: ['resources'],
      message: `failure destination ${name} is not in the file`,
    })),
  ];
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  if (issue.code === 'unrecognized_keys') {
    return { path: issue.path, message: `does not know ${issue.keys.map((key) => `"${key}"`).join(', ')}` };
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return { path: issue.path, message: 'is missing' };
  }
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return { path: issue.path, message: message ?? issue.message };
}

function describe({ path, message }: Problem): string {
  const name = path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part),
    '',
  );
  return `${name || 'the file'}: ${message}`;
}

function invalid(file: string, problems: readonly string[]): HoldfastError {
  return failure('TEMPLATE_INVALID', { count: problems.length, file, problems: problems.join('\n') });
}

function readText(file: string): string {
  try {
    return readTextFileSync(file);
  } catch (cause) {
    if (hasCode(cause, 'TEXT_ENCODING')) throw cause;
    throw failure(
      'FILE_UNREADABLE',
      { file, reason: cause instanceof Error ? cause.message : 'unknown' },
      { cause },
    );
  }
}
