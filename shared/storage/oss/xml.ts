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

/** An element that is still open. */
interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: Element[];
}

/** No reply of OSS is nested deeper than six elements. */
const deepest = 50;

/**
 * Reads a document whose root is `root`: elements, text, CDATA and character references; attributes, comments and
 * processing instructions are passed over, and a document type is refused. The replies of OSS have nothing else, and
 * this reads a list of 1,000 versions in a fraction of the time of a general parser (docs/dependencies.md).
 * @throws BadReply when it is not well-formed, or another document
 */
export function parseXml(body: string, root: string): Element {
  const element = parse(body.startsWith('\ufeff') ? body.slice(1) : body);
  if (element?.name === root) return element;
  throw new BadReply(`one ${root} was expected, not ${element?.name ?? 'nothing'}`);
}

function parse(xml: string): Element | undefined {
  const document: OpenElement = { name: '', text: '', children: [] };
  const open = [document];
  for (let at = 0; at < xml.length; ) {
    const mark = xml.indexOf('<', at);
    const end = mark < 0 ? xml.length : mark;
    if (end > at) topOf(open).text += decode(xml.slice(at, end));
    at = mark < 0 ? end : readMarkup(xml, mark, open);
  }
  const top = topOf(open);
  if (top !== document) throw malformed(`<${top.name}> is not closed`);
  if (document.text.trim() !== '') throw malformed('text outside of the root element');
  const [first, second] = document.children;
  if (second !== undefined) throw malformed(`a second root element, ${second.name}`);
  return first;
}

/** The innermost of the elements that are open; the first of them is the document. */
function topOf(open: readonly OpenElement[]): OpenElement {
  const top = open.at(-1);
  if (top === undefined) throw malformed('a tag too many is closed');
  return top;
}

/** Reads what begins at `mark`. @returns where the text after it begins */
function readMarkup(xml: string, mark: number, open: OpenElement[]): number {
  switch (xml[mark + 1]) {
    case '/':
      return closeElement(xml, mark, open);
    case '?':
      return find(xml, '?>', mark) + 2;
    case '!': {
      if (xml.startsWith('<!--', mark)) return find(xml, '-->', mark + 4) + 3;
      if (!xml.startsWith('<![CDATA[', mark)) throw malformed('a document type');
      const close = find(xml, ']]>', mark);
      topOf(open).text += xml.slice(mark + 9, close);
      return close + 3;
    }
    default:
      return openElement(xml, mark, open);
  }
}

function closeElement(xml: string, mark: number, open: OpenElement[]): number {
  const close = find(xml, '>', mark);
  const name = xml.slice(mark + 2, close).trimEnd();
  if (open.length < 2 || topOf(open).name !== name) throw malformed(`</${name}> closes nothing`);
  open.pop();
  return close + 1;
}

function openElement(xml: string, mark: number, open: OpenElement[]): number {
  const tag = readTag(xml, mark);
  const element: OpenElement = { name: tag.name, text: '', children: [] };
  topOf(open).children.push(element);
  if (!tag.isEmpty) open.push(element);
  if (open.length > deepest) throw malformed(`nested deeper than ${deepest} elements`);
  return tag.end;
}

interface StartTag {
  readonly name: string;
  readonly isEmpty: boolean;
  /** This is where the text after it begins. */
  readonly end: number;
}

/** A start tag, or the tag of an empty element, with its attributes. */
const startTag = /<([^\s<>/=&"'!?]+)(?:\s+[^\s<>/=&"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>/y;

/** A start tag is hardly ever more than its name. */
const plainName = /^[\w.-]+$/;

function readTag(xml: string, mark: number): StartTag {
  const close = xml.indexOf('>', mark);
  const name = xml.slice(mark + 1, Math.max(close, mark + 1));
  if (plainName.test(name)) return { name, isEmpty: false, end: close + 1 };
  startTag.lastIndex = mark;
  const match = startTag.exec(xml);
  if (match === null) throw malformed(`${JSON.stringify(xml.slice(mark, mark + 20))} is no tag`);
  return { name: match[1] ?? '', isEmpty: match[2] === '/', end: startTag.lastIndex };
}

function find(xml: string, text: string, from: number): number {
  const at = xml.indexOf(text, from);
  if (at < 0) throw malformed(`${text} is missing`);
  return at;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));|&/g, character);
}

function character(match: string, hex?: string, decimal?: string, name?: string): string {
  const known = name !== undefined ? named[name] : undefined;
  if (known !== undefined) return known;
  const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
  if (match === '&' || !(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) {
    throw malformed('an & that begins no character reference');
  }
  return String.fromCodePoint(code);
}

function malformed(reason: string): BadReply {
  return new BadReply(`not well-formed XML: ${reason}`);
}

export function childrenOf(parent: Element | undefined, ...names: string[]): readonly Element[] {
  return parent?.children.filter((child) => names.includes(child.name)) ?? [];
}

export function childOf(parent: Element | undefined, name: string): Element | undefined {
  if (parent === undefined) return undefined;
  for (const child of parent.children) if (child.name === name) return child;
  return undefined;
}

/** Returns the text of a child; `undefined` when the child is missing or empty. */
export function optionalText(parent: Element | undefined, name: string): string | undefined {
  return childOf(parent, name)?.text || undefined;
}

/** @throws BadReply when the child is missing or empty */
export function requiredText(parent: Element, name: string): string {
  const text = optionalText(parent, name);
  if (text === undefined) throw new BadReply(`${parent.name} has no ${name}`);
  return text;
}
