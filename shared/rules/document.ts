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
import { type Finding, formatPath, type Path, type Problem } from './problem.ts';

/** A YAML 1.2 or JSON text as plain values, with the place of each. */
export interface RulesDocument {
  /** undefined: the text cannot be read, and `problems` says why. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** The finding with its line and column. */
  place(finding: Finding): Problem;
}

/** More aliases than a rules file needs, and too few to blow it up. */
const maxAliasCount = 100;

/**
 * Reads the text; never throws. Duplicate keys are reported, and the rest is read on.
 * @param schema YAML's name for the types of plain values: `core` is YAML 1.2, `json` takes no unquoted text
 * @param smallest a file of this kind that is as small as can be, for the message about an empty one
 */
export function readDocument(text: string, schema: 'core' | 'json', smallest = '{}'): RulesDocument {
  const lines = new LineCounter();
  const problemAt = (offset: number, message: string, path: Path = []): Problem => {
    // An offset on the line after the last has no line of its own; LineCounter then says 0.
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), col: Math.max(col, 1), message, path: formatPath(path) };
  };
  const unreadable = (problems: readonly Problem[]): RulesDocument => ({
    value: undefined,
    problems,
    place: (finding) => problemAt(0, finding.message, finding.path),
  });

  try {
    const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), {
      lineCounter: lines,
      schema,
      merge: true,
      prettyErrors: false,
    });
    const [document, second] = [...documents];
    if (document === undefined || document.contents === null) {
      return unreadable([problemAt(0, `the file is empty; the smallest one is ${smallest}`)]);
    }
    const syntax = syntaxProblems(document.errors, problemAt);
    const traps = trapProblems(document, problemAt);
    if (second)
      traps.push(problemAt(second.range[0], 'expected one document, found a second one after "---"'));
    const onlyDuplicates = document.errors.every(isDuplicate);
    if (!onlyDuplicates || traps.length > 0) return unreadable([...syntax, ...traps]);
    return {
      value: document.toJS({ maxAliasCount }),
      problems: syntax,
      place: (finding) => problemAt(offsetOf(document, finding), finding.message, finding.path),
    };
  } catch (error) {
    return unreadable([problemAt(0, whyUnreadable(error))]);
  }
}

/** The library throws for what would exhaust memory or the stack; everything else is in its list of errors. */
function whyUnreadable(error: unknown): string {
  if (error instanceof RangeError) return 'the file is nested too deeply';
  if (error instanceof ReferenceError) return `expected at most ${maxAliasCount} uses of aliases`;
  return `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

type ProblemAt = (offset: number, message: string) => Problem;

/** One a line: what follows the first mistake of a line is mostly its echo. Duplicate keys echo nothing. */
function syntaxProblems(errors: readonly YAMLError[], problemAt: ProblemAt): Problem[] {
  const linesSeen = new Set<number>();
  return errors.flatMap((error) => {
    const problem = problemAt(error.pos[0], words[error.code] ?? `YAML: ${error.message}`);
    if (isDuplicate(error)) return [problem];
    const echo = linesSeen.has(problem.line);
    linesSeen.add(problem.line);
    return echo ? [] : [problem];
  });
}

const isDuplicate = (error: YAMLError) => error.code === 'DUPLICATE_KEY';

/** The commonest YAML mistakes in the words of someone who writes rules. */
const words: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'this key is there twice; keep one',
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

/** What YAML accepts and means otherwise than people do: `*-records` (an alias) and `!tmp/**` (a tag) unquoted. */
function trapProblems(document: Document.Parsed, problemAt: ProblemAt): Problem[] {
  const problems: Problem[] = [];
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
function offsetOf(document: Document.Parsed, { path, part }: Finding): number {
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
