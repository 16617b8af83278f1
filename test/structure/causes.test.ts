import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { parseAst } from 'vite';
import { expect, it } from 'vitest';
import { errorTable } from '../../shared/platform/error-table.ts';

const files = ['cli', 'functions', 'local', 'shared'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

/** A node of the syntax tree, by what is read of it here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Returns what a node has under a name: a node, or several. */
const parts = (node: Node, name: string): readonly Node[] => [node[name]].flat().filter(isNode);

/** Returns a node and everything below it. */
const within = (node: Node): readonly Node[] => [
  node,
  ...Object.keys(node).flatMap((name) => parts(node, name).flatMap(within)),
];

const isNamed = (node: Node | undefined, ...names: readonly unknown[]): boolean =>
  node?.type === 'Identifier' && names.includes(node['name']);

/** Tells whether a node is what has an error in its hands: a catch clause, the handler of a promise, or a function that takes an error. */
const takesError = (node: Node): boolean =>
  (node.type === 'CatchClause' && parts(node, 'param').length > 0) ||
  parts(node, 'params').some((param) => isNamed(param, 'error', 'cause'));

/** Returns the handlers that a call of `catch` or `then` is given. */
function handlersOf(call: Node): readonly Node[] {
  const [property] = parts(call, 'callee').flatMap((callee) => parts(callee, 'property'));
  const given = isNamed(property, 'catch') ? 0 : isNamed(property, 'then') ? 1 : undefined;
  const handler = given === undefined ? undefined : parts(call, 'arguments')[given];
  return handler !== undefined && parts(handler, 'params').length > 0 ? [handler] : [];
}

/** Tells whether a call makes the error of a code. */
function makesError(call: Node): boolean {
  const [callee] = parts(call, 'callee');
  const [code] = parts(call, 'arguments');
  if (call.type !== 'CallExpression' || callee === undefined || code === undefined) return false;
  const isFailure =
    isNamed(callee, 'failure') || parts(callee, 'property').some((name) => isNamed(name, 'failure'));
  const isCode = ({ value }: Node) => typeof value === 'string' && value in errorTable;
  return isFailure && (isNamed(code, 'code') || within(code).some(isCode));
}

/** Tells whether options have a property `cause` of their own. Those that are a variable are what it is declared as. */
function haveCause(options: Node | undefined, all: readonly Node[]): boolean {
  switch (options?.type) {
    case 'ObjectExpression':
      return parts(options, 'properties').some(
        (property) =>
          (parts(property, 'key').some((key) => isNamed(key, 'cause')) && property['computed'] === false) ||
          (property.type === 'SpreadElement' && haveCause(parts(property, 'argument')[0], all)),
      );
    case 'ConditionalExpression':
      return ['consequent', 'alternate'].every((name) => haveCause(parts(options, name)[0], all));
    case 'Identifier': {
      const declared = all.filter(
        (node) => node.type === 'VariableDeclarator' && isNamed(parts(node, 'id')[0], options['name']),
      );
      return declared.length > 0 && declared.every((node) => haveCause(parts(node, 'init')[0], all));
    }
    default:
      return false;
  }
}

/** The coded errors of a source that forget the error which led to them. */
async function forgetful(source: string): Promise<readonly string[]> {
  if (!/\bfailure\(/.test(source)) return [];
  const { code } = await transform(source, { loader: 'ts', target: 'esnext' });
  const all = within(parts({ type: '', start: 0, end: 0, program: parseAst(code) }, 'program')[0] ?? never());
  const withError = all.filter(takesError).concat(all.flatMap(handlersOf));
  const calls = new Set(withError.flatMap(within).filter(makesError));
  return [...calls]
    .filter((call) => !haveCause(parts(call, 'arguments')[2], all))
    .map(({ start, end }) => code.slice(start, end));
}

function never(): never {
  throw new Error('nothing was parsed');
}

it('an error that comes from another one keeps it as its cause', async () => {
  const found = files.map(async (file) => {
    const calls = await forgetful(readFileSync(file, 'utf8'));
    return calls.map((call) => `${file}: ${call}`);
  });
  expect((await Promise.all(found)).flat()).toEqual([]);
});

const caught = (call: string) => `try { a() } catch (cause) { throw ${call}; }`;

it.each([
  caught("failure('USAGE', { reason: f(1) })"),
  "await a().catch((cause: Error) => { throw failure('USAGE', { reason }); })",
  "await a().catch((problem) => failure('USAGE', { reason }))",
  "await a().then(b, (problem) => { throw failure('USAGE', { reason }); })",
  "function coded(error: unknown, about: About): HoldfastError {\n  return failure('USAGE', { reason });\n}",
  "const coded = (error: unknown) => failure(b ? 'USAGE' : 'THROTTLED', { reason })",
  caught('failure(code, { reason: cause.message })'),
  caught("failure('USAGE', { reason: 'see the cause and the options' })"),
  caught("failure('USAGE', { cause })"),
  caught("failure('USAGE', { reason }, { remedy: cause.message })"),
  caught("failure('USAGE', { reason }, options)"),
  `const options = { reply }; ${caught("failure('USAGE', { reason }, options)")}`,
])('is found where it does not: %s', async (source) => {
  expect(await forgetful(source)).toHaveLength(1);
});

it.each([
  caught("failure('USAGE', { reason }, { cause })"),
  caught("failure('USAGE', { reason }, { reply, cause: cause.first })"),
  `const options = { cause, reply }; ${caught("failure('USAGE', { reason }, options)")}`,
  `const options = { cause, reply }; ${caught("failure('USAGE', { reason }, { ...options, remedy })")}`,
  "try { a() } catch { throw failure('USAGE', { reason }); }",
  "throw failure('USAGE', { reason })",
])('is not found where it does: %s', async (source) => {
  expect(await forgetful(source)).toEqual([]);
});
