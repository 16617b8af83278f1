import { XMLParser } from 'fast-xml-parser';

/** A reply that is not what the API promises. It becomes UNEXPECTED_REPLY where the operation is known. */
export class BadReply extends Error {
  override readonly name = 'BadReply';
}

/** One element with its own text and its children in document order, which lists depend on. */
export interface Element {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Element[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true, // numeric references, in tag values for example
});

/**
 * Reads a document whose root is `root`.
 * @throws BadReply when it is not well-formed, or another document
 */
export function parseXml(body: string, root: string): Element {
  const [element, another] = elements(parse(body));
  if (element?.name !== root || another !== undefined) {
    throw new BadReply(`one ${root} was expected, not ${another?.name ?? element?.name ?? 'nothing'}`);
  }
  return element;
}

function parse(body: string): unknown {
  try {
    return parser.parse(body, true);
  } catch (error) {
    throw new BadReply(`not well-formed XML: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}

/** The parser gives every node as an object with one key: its name, or `#text`. */
function elements(nodes: unknown): Element[] {
  return entries(nodes)
    .filter(([name]) => name !== '#text')
    .map(([name, inner]) => ({ name, text: ownText(inner), children: elements(inner) }));
}

function ownText(nodes: unknown): string {
  const texts = entries(nodes).filter(([name]) => name === '#text');
  return texts.map(([, text]) => String(text)).join('');
}

function entries(nodes: unknown): [string, unknown][] {
  return Array.isArray(nodes) ? nodes.flatMap((node: object) => Object.entries(node)) : [];
}

export function childrenOf(parent: Element | undefined, ...names: string[]): readonly Element[] {
  return parent?.children.filter((child) => names.includes(child.name)) ?? [];
}

export function childOf(parent: Element | undefined, name: string): Element | undefined {
  return childrenOf(parent, name)[0];
}

/** The text of a child; `undefined` when the child is missing or empty. */
export function optionalText(parent: Element | undefined, name: string): string | undefined {
  return childOf(parent, name)?.text || undefined;
}

/** @throws BadReply when the child is missing or empty */
export function requiredText(parent: Element, name: string): string {
  const text = optionalText(parent, name);
  if (text === undefined) throw new BadReply(`${parent.name} has no ${name}`);
  return text;
}
