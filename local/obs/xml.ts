/** An element of XML; children stay in their order, which lists of versions need. */
export interface XmlElement {
  readonly name: string;
  readonly content: string | readonly XmlElement[];
}

/** Makes an element. */
export const element = (name: string, content: string | readonly XmlElement[]): XmlElement => ({
  name,
  content,
});

/** Makes elements of the fields that have a value, in their order. */
export const elements = (
  fields: Readonly<Record<string, string | number | boolean | undefined>>,
): XmlElement[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [element(name, String(value))],
  );

/** Writes a document as OBS does: on one line, behind the declaration. */
export const writeObsXml = (root: XmlElement, namespace?: string): string =>
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${written(root, namespace)}`;

function written({ name, content }: XmlElement, namespace?: string): string {
  const inner =
    typeof content === 'string' ? escaped(content) : content.map((child) => written(child)).join('');
  return `<${name}${namespace === undefined ? '' : ` xmlns="${namespace}"`}>${inner}</${name}>`;
}

const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: object keys may contain them
    .replace(/[\u0000-\u001f]/g, (character) => `&#${character.charCodeAt(0)};`);
