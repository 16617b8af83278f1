import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { z } from 'zod';
import { refuse } from './errors.ts';
import { readPlainXml } from './plain-xml.ts';

/**
 * Reads a request body against a schema. Elements that may repeat are always arrays.
 * @throws MalformedXML for anything else than the one document the schema describes; documents with a
 *   DOCTYPE are refused unread, so that no entity is ever expanded
 */
export function readXml<T>(body: Buffer, schema: z.ZodType<T>, repeated: readonly string[] = []): T {
  const text = body.toString('utf8');
  const parsed = schema.safeParse(readPlainXml(text, repeated) ?? readGeneralXml(text, repeated));
  if (!parsed.success) throw refuse('MalformedXML');
  return parsed.data;
}

/** Reads any document. @throws MalformedXML */
export function readGeneralXml(text: string, repeated: readonly string[]): unknown {
  if (text.includes('<!DOCTYPE') || XMLValidator.validate(text) !== true) throw refuse('MalformedXML');
  const parser = repeated.length === 0 ? parserOfSingles : parserFor(repeated);
  return withoutLayout(parse(parser, text));
}

/**
 * Checks a document that is kept as it is, and returns it without its prolog.
 * @throws MalformedXML when it is not well-formed, has a DOCTYPE, or another root element
 */
export function checkXml(body: Buffer, root: string): string {
  const text = body.toString('utf8');
  if (text.includes('<!DOCTYPE') || XMLValidator.validate(text) !== true) throw refuse('MalformedXML');
  const document = text.replace(/^\uFEFF?\s*(<\?xml[^>]*\?>)?\s*/, '').trimEnd();
  const parsed = parse(parserOfSingles, document);
  if (typeof parsed !== 'object' || parsed === null || !(root in parsed)) throw refuse('MalformedXML');
  return document;
}

function parserFor(repeated: readonly string[]): XMLParser {
  return new XMLParser({
    ignoreAttributes: true,
    ignoreDeclaration: true,
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
    tagValueProcessor: (_name, value) => readReferences(value),
    isArray: (name) => repeated.includes(name),
  });
}

/** It keeps nothing of what it has parsed, and making one costs as much as parsing a small document. */
const parserOfSingles = parserFor([]);

/** The parser throws for what it will not take on: a hundred levels, names such as __proto__, unknown references. */
function parse(parser: XMLParser, text: string): unknown {
  try {
    return parser.parse(text);
  } catch {
    throw refuse('MalformedXML');
  }
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Resolves references, also those to characters that XML 1.0 forbids: Go and Java send them, and OSS takes them. */
function readReferences(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (_whole, hex, decimal, name) => {
    const character = name ? named[name] : readCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
    if (character === undefined) throw refuse('MalformedXML');
    return character;
  });
}

function readCodePoint(codePoint: number): string | undefined {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
}

/** Drops the text between elements that only lays the document out. */
function withoutLayout(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLayout);
  if (typeof value !== 'object' || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) {
    if (name !== '#text' || String(child).trim() !== '') kept[name] = withoutLayout(child);
  }
  return kept;
}
