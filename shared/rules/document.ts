import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml';
import { beyondBounds, maxAliases, notJson } from './document-bounds.ts';
import { formatPath, type Path, type RulesFinding, type RulesProblem } from './problem.ts';

/** A YAML 1.2 or JSON text as plain values, with the place of each. */
export interface RulesDocument {
  /** undefined: the text cannot be read, and `problems` says why. */
  readonly value: unknown;
  readonly problems: readonly RulesProblem[];
  /** A plain scalar that is no text for YAML (a number, `true`, `null`), as it stands in the file; else undefined. */
  sourceAt(path: Path): string | undefined;
  /** The finding with its line and column. */
  place(finding: RulesFinding): RulesProblem;
}

/**
 * Reads the text; never throws. Duplicate keys are reported, and the rest is read on.
 * @param schema YAML's name for the types of plain values: `core` is YAML 1.2, `json` takes no unquoted text
 * @param smallest a file of this kind that is as small as can be, for the message about an empty one
 */
export function readDocument(given: string, schema: 'core' | 'json', smallest = '{}'): RulesDocument {
  const text = given.replace(/^\uFEFF/, '');
  const lines = new LineCounter();
  const problemAt = (offset: number, message: string, path: Path = []): RulesProblem => {
    // An offset on the line after the last has no line of its own; LineCounter then says 0.
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), col: Math.max(col, 1), message, path: formatPath(path) };
  };
  const unreadable = (problems: readonly RulesProblem[]): RulesDocument => ({
    value: undefined,
    problems,
    sourceAt: () => undefined,
    place: (finding) => problemAt(0, finding.message, finding.path),
  });

  const refusal = beyondBounds(text);
  if (refusal !== undefined) {
    // The line counter fills while the text is parsed, and this text is not.
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) lines.addNewLine(end + 1);
    lines.lineStarts.unshift(0);
    return unreadable([problemAt(refusal.offset, refusal.message)]);
  }
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      schema,
      merge: true,
      prettyErrors: false,
      uniqueKeys: false, // its own check compares every key with every other
    });
    const [document, second] = [...documents];
    if (document === undefined || document.contents === null) {
      return unreadable([problemAt(0, `the file is empty; the smallest one is ${smallest}`)]);
    }
    const syntax = syntaxProblems(document.errors, problemAt);
    const twice = takeKeysAsTheyStand(document, problemAt);
    const traps = trapProblems(document, problemAt);
    if (second)
      traps.push(problemAt(second.range[0], 'expected one document, found a second one after "---"'));
    const notStrict = schema === 'json' && document.errors.length === 0 ? notJson(text) : undefined;
    if (notStrict !== undefined) traps.push(problemAt(notStrict.offset, notStrict.message));
    if (document.errors.length > 0 || traps.length > 0) return unreadable([...syntax, ...twice, ...traps]);
    return {
      value: document.toJS({ maxAliasCount: maxAliases }),
      problems: twice,
      sourceAt: (path) => sourceOf(document, path),
      place: (finding) => problemAt(offsetOf(document, finding), finding.message, finding.path),
    };
  } catch (error) {
    return unreadable([problemAt(0, whyUnreadable(error))]);
  }
}

/** The library throws for what would exhaust memory or the stack; everything else is in its list of errors. */
function whyUnreadable(error: unknown): string {
  if (error instanceof RangeError) return 'the file is nested too deeply';
  if (error instanceof ReferenceError) return `expected at most ${maxAliases} uses of aliases`;
  return `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

type ProblemAt = (offset: number, message: string) => RulesProblem;

/** One a line: what follows the first mistake of a line is mostly its echo. */
function syntaxProblems(errors: readonly YAMLError[], problemAt: ProblemAt): RulesProblem[] {
  const linesSeen = new Set<number>();
  return errors.flatMap((error) => {
    const problem = problemAt(error.pos[0], words[error.code] ?? `YAML: ${error.message}`);
    const echo = linesSeen.has(problem.line);
    linesSeen.add(problem.line);
    return echo ? [] : [problem];
  });
}

/**
 * Makes every key the text that stands in the file: a tag `007` is no 7, and `null` no empty name. Then a key is there
 * twice when its text is.
 */
function takeKeysAsTheyStand(document: Document.Parsed, problemAt: ProblemAt): RulesProblem[] {
  const problems: RulesProblem[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (typeof key.value !== 'string' && key.source !== undefined) key.value = key.source;
        const name = String(key.value);
        if (seen.has(name) && name !== '<<') {
          problems.push(problemAt(startOf(key), 'this key is there twice; keep one'));
        }
        seen.add(name);
      }
    },
  });
  return problems;
}

function sourceOf(document: Document.Parsed, path: Path): string | undefined {
  const node = document.getIn(path, true);
  return isScalar(node) && typeof node.value !== 'string' && node.source ? node.source : undefined;
}

/** The commonest YAML mistakes in the words of someone who writes rules. */
const words: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'indent with spaces, not with tabs',
  BAD_INDENT: 'the indentation does not fit, or a bracket above is not closed',
  BAD_ALIAS: 'quote a text that starts with "*", such as "*"',
  BAD_SCALAR_START: 'quote a text that starts with this character',
  BLOCK_AS_IMPLICIT_KEY: 'the indentation does not fit, or a text with ": " is not quoted',
  MULTILINE_IMPLICIT_KEY: 'expected "key: value" on this line',
  MISSING_CHAR: 'a closing quote, a comma or a "-" is missing here or above',
  BLOCK_IN_FLOW: 'a comma or a closing bracket is missing here or above',
  UNEXPECTED_TOKEN: 'this does not belong here; quote the whole value if it is part of it',
};

/**
 * Tells what YAML accepts and means otherwise than people do: `*-records` (an alias) and `!tmp/**` (a tag) unquoted.
 */
function trapProblems(document: Document.Parsed, problemAt: ProblemAt): RulesProblem[] {
  const problems: RulesProblem[] = [];
  const report = (node: unknown, message: string) => problems.push(problemAt(startOf(node), message));
  visit(document, {
    Alias(_, node) {
      if (node.source !== '' && node.resolve(document) === undefined) {
        report(node, `quote a text that starts with "*": "*${node.source}"`);
      }
    },
    Pair(_, { key }) {
      if (isCollection(key)) report(key, 'expected a plain key, found a list or a map');
      if (isScalar(key) && key.value === '__proto__') report(key, 'expected a key other than "__proto__"');
    },
  });
  for (const warning of document.warnings) {
    const tag = /^Unresolved tag: (.*)$/.exec(warning.message)?.[1];
    const message =
      tag === undefined ? `YAML: ${warning.message}` : `quote a text that starts with "!": "${tag}"`;
    problems.push(problemAt(warning.pos[0], message));
  }
  return problems;
}

const startOf = (node: unknown): number => (isNodeWithRange(node) ? node.range[0] : 0);

function isNodeWithRange(node: unknown): node is { range: [number, number, number] } {
  return (isScalar(node) || isAlias(node) || isCollection(node)) && Array.isArray(node.range);
}

/**
 * Walks down the path. Where it ends early (a missing key, one that came by a merge), the last thing on the way
 * stands for it. A value that is not there is placed at its key.
 */
function offsetOf(document: Document.Parsed, { path, part }: RulesFinding): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? node.items.find((item) => keyOf(item) === String(step)) : undefined;
    const child: unknown = isSeq(node) && typeof step === 'number' ? node.items[step] : pair?.value;
    if (pair === undefined && child === undefined) return offset;
    const last = index === path.length - 1;
    const atKey = pair !== undefined && (!last || part === 'key' || isEmpty(child));
    offset = startOf(atKey ? pair.key : child);
    node = child;
  }
  return offset;
}

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);
const isEmpty = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === null && node.source === '');
