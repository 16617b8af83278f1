/** This is where the `${…}` of an s.yaml take their values from. */
export interface RenderSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** This is what `${config('AccountID')}` stands for; without it that text stays, as `s preview` leaves it. */
  readonly accountId?: string | undefined;
}

const placeholder = /\$\{([^{}]+)\}/g;
const deepest = 20;
/** Variables that name each other twice double with each step; no template needs so many. */
const mostFilled = 10_000;

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Fills in the variables of a parsed s.yaml as Serverless Devs does (its docs/zh/yaml.md and variables.md), as
 * far as a Holdfast template needs them: `${env('NAME', 'default')}`, `${vars.x}`, `${this.x}` (the props of the
 * same resource), `${resources.id.props.x}` and `${config('AccountID')}`. What is a value alone keeps its type.
 * @returns the document with everything filled in, and what could not be, each with its path
 */
export function render(
  document: unknown,
  sources: RenderSources,
): { document: unknown; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  let filled = 0;

  const fill = (value: unknown, path: readonly PropertyKey[], depth: number): unknown => {
    if (typeof value === 'string') return fillText(value, path, depth);
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, index], depth));
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key], depth)]),
    );
  };

  const fillText = (text: string, path: readonly PropertyKey[], depth: number): unknown => {
    const holes = [...text.matchAll(placeholder)];
    const [hole] = holes;
    if (hole?.[0] !== text) {
      return text.replace(placeholder, (each) => String(fillText(each, path, depth)));
    }
    filled += 1;
    if (filled > mostFilled) {
      const message = `more than ${mostFilled} variables are to be filled in`;
      if (filled === mostFilled + 1) problems.push({ path, message });
      return text;
    }
    const expression = (hole[1] ?? '').trim();
    const found =
      depth < deepest ? lookUp(expression, path, document, sources) : { problem: 'refers to itself' };
    if ('problem' in found) {
      problems.push({ path, message: `${text}: ${found.problem}` });
      return text;
    }
    return found.kept ? text : fill(found.value, path, depth + 1);
  };

  return { document: fill(document, [], 0), problems };
}

type Found = { kept?: false; value: unknown } | { kept: true } | { problem: string };

function lookUp(
  expression: string,
  path: readonly PropertyKey[],
  document: unknown,
  sources: RenderSources,
): Found {
  const call = /^(env|config)\((.*)\)$/s.exec(expression);
  const given = (call?.[2] ?? '').trim();
  if (call?.[1] === 'env') return fromEnvironment(given, sources);
  if (call?.[1] === 'config') {
    if (sources.accountId === undefined || !/^['"]?AccountID['"]?$/.test(given)) return { kept: true };
    return { value: sources.accountId };
  }
  const [root, ...names] = expression.split('.');
  if (root === 'vars') return dig(document, ['vars', ...names]);
  if (root === 'resources') return dig(document, ['resources', ...names]);
  if (root === 'this') return dig(document, [...path.slice(0, 2).map(String), 'props', ...names]);
  return { problem: 'is not a variable that is known here (env, config, vars, resources, this)' };
}

function fromEnvironment(argumentsText: string, sources: RenderSources): Found {
  const [name = '', fallback] = argumentsText.split(/\s*,\s*(?=['"]|[^'"]*$)/).map(unquote);
  const own = Object.hasOwn(sources.environment, name) ? sources.environment[name] : undefined;
  const value = own ?? fallback;
  return value === undefined
    ? { problem: `${name} is not set in the environment and has no default` }
    : { value };
}

function unquote(text: string): string {
  return text.replace(/^(['"])(.*)\1$/s, '$2');
}

function dig(document: unknown, names: string[]): Found {
  let value = document;
  for (const name of names) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return { problem: 'there is no such value' };
    value = value[name];
  }
  return { value };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
