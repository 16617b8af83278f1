import { XMLBuilder } from 'fast-xml-parser';

/** An XML document as nested values; an array repeats its element. */
export type Xml = { [element: string]: XmlValue };
type XmlValue = string | number | boolean | undefined | Xml | readonly Xml[] | readonly string[];

const builder = new XMLBuilder({
  format: true,
  indentBy: '  ',
  processEntities: false,
  tagValueProcessor: (_name, value) => escapeText(String(value)),
});

/** Writes a document as OSS does: two spaces a level, empty elements in full, a newline at the end. */
export function writeXml(document: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(document)}`;
}

/** Writes an element and what is in it, without a prolog. */
export function writeXmlElement(document: Xml): string {
  return String(builder.build(document)).trimEnd();
}

/**
 * Returns a date as OSS writes it in XML: UTC and whole seconds, with `.000` where a fraction could be. oss2 reads no
 * other form.
 */
export function xmlDate(instant: Date): string {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000).toISOString();
}

/** Quotes stay as they are (the service writes ETags so); characters that XML cannot hold become references. */
function escapeText(text: string): string {
  return (
    text
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: object keys may contain them
      .replace(/[\u0000-\u001f]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
