import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { type RenderSources, render } from './render.ts';
import { type FunctionProps, templateSchema } from './schema.ts';

export { timerGapMs } from './schedule.ts';
export type { EventBridgeTrigger, FunctionProps, OssTrigger, TimerTrigger, Trigger } from './schema.ts';
export { readFilterPattern } from './schema.ts';

/** A template that has been read, filled in and found right. */
export interface Template {
  readonly functions: readonly FunctionProps[];
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

/** As {@link loadTemplate}, for a text at hand; `file` is the name that the messages give. */
export function parseTemplate(text: string, file: string, sources: RenderSources): Template {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const texts = document.errors.map(({ pos, message }) => `${placeAt(file, lines, pos[0])} ${message}`);
    throw invalid(file, texts);
  }
  const rendered = render(document.toJS(), sources);
  const { template, problems } = check(rendered.document, rendered.problems);
  const texts = problems.map(
    (problem) => `${place(document, lines, problem.path, file)} ${describe(problem)}`,
  );
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
  const result = templateSchema.safeParse(document);
  const unfilled = new Set(found.map(({ path }) => path.join('.')));
  const issues = (result.error?.issues ?? [])
    .map(toProblem)
    .filter(({ path }) => !unfilled.has(path.join('.')));
  const functions = result.success ? Object.values(result.data.resources).map(({ props }) => props) : [];
  return {
    template: result.success ? { functions } : undefined,
    problems: [...found, ...issues, ...clashes(functions)],
  };
}

/** What no single function shows: two of the same name, a failure destination that is not there. */
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
  return { path: issue.path, message: issue.message };
}

function describe({ path, message }: Problem): string {
  const name = path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part),
    '',
  );
  return `${name || 'the file'}: ${message}`;
}

/** `s.yaml:12:7`, the place of the value, or of the nearest thing around it that is there. */
function place(document: Document, lines: LineCounter, path: readonly PropertyKey[], file: string): string {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return placeAt(file, lines, node.range[0]);
  }
  return placeAt(file, lines, 0);
}

function placeAt(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${basename(file)}:${line}:${col}`;
}

function invalid(file: string, problems: readonly string[]): HoldfastError {
  return failure('TEMPLATE_INVALID', { count: problems.length, file, problems: problems.join('\n') });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw failure(
      'FILE_UNREADABLE',
      { file, reason: cause instanceof Error ? cause.message : 'unknown' },
      { cause },
    );
  }
}
