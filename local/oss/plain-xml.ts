/**
 * Reads the documents that nearly all clients send: elements with text or with elements, laid out or not, without attributes,
 * references and comments. It returns what the general parser makes of them (xml.ts) in a tenth of the time.
 * @param repeated elements that are arrays also where there is one
 * @returns undefined for any other text, be it a document or not: the general parser judges it
 */
export function readPlainXml(text: string, repeated: readonly string[]): unknown {
  const root: PlainElement = {};
  const start = prolog.exec(text)?.[0].length ?? 0;
  const end = readElements(text, start, root, repeated, 0);
  const isWhole = end !== undefined && Object.keys(root).length === 1 && blank.test(text.slice(end));
  return isWhole ? root : undefined;
}

type PlainElement = Record<string, unknown>;

const prolog = /^<\?xml version="1\.0" encoding="UTF-8"\?>/i;
const blank = /^[ \t\n]*$/;
/** An element with its text, or only its start. No such name is a property of the language's own objects. */
const begin = /[ \t\n]*<([A-Z]\w*)>(?:([^<>&\r]*)<\/\1>)?/y;
const close = /[ \t\n]*<\/([A-Z]\w*)>/y;
const DEEPEST = 20;

/** Reads elements beside each other into their parent. @returns where they end; undefined where one is not plain */
function readElements(
  text: string,
  start: number,
  parent: PlainElement,
  repeated: readonly string[],
  depth: number,
): number | undefined {
  for (let at = start; ; ) {
    begin.lastIndex = at;
    const [all = '', name, leaf] = begin.exec(text) ?? [];
    if (name === undefined) return at;
    at += all.length;
    if (leaf !== undefined) {
      add(parent, name, leaf, repeated);
      continue;
    }
    const element: PlainElement = {};
    const end = depth < DEEPEST ? readElements(text, at, element, repeated, depth + 1) : undefined;
    if (end === undefined) return undefined;
    close.lastIndex = end;
    const closing = close.exec(text);
    if (closing?.[1] !== name) return undefined;
    at = end + closing[0].length;
    add(parent, name, element, repeated);
  }
}

function add(parent: PlainElement, name: string, value: unknown, repeated: readonly string[]): void {
  const before = parent[name];
  if (Array.isArray(before)) before.push(value);
  else if (before !== undefined) parent[name] = [before, value];
  else parent[name] = repeated.includes(name) ? [value] : value;
}
