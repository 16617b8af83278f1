import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { BadReply, type Element, parseXml } from '../../../../shared/storage/oss/xml.ts';

describe('a document', () => {
  test.each<[string, string, string]>([
    ['with a declaration', '<?xml version="1.0" encoding="UTF-8"?>\n<A>x</A>\n', 'x'],
    ['with a byte order mark', '\ufeff<A>x</A>', 'x'],
    ['with attributes', `<A xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com" b='1'>x</A>`, 'x'],
    ['with > in an attribute', '<A b="1>2">x</A>', 'x'],
    ['with comments and instructions', '<!-- a < b --><A><!-- c -->x<?y z?></A>', 'x'],
    ['with CDATA', '<A>a<![CDATA[<b>&amp;]]>c</A>', 'a<b>&amp;c'],
    ['with references', '<A>&lt;&gt;&amp;&quot;&apos;&#65;&#x4e2d;&#128512;</A>', `<>&"'A中😀`],
    ['with white space that counts', '<A> x \n</A>', ' x \n'],
    ['with spaces in its tags', '<A >x</A >', 'x'],
    ['that is empty', '<A/>', ''],
    ['that is empty, with a space', '<A />', ''],
  ])('%s', (_what, xml, text) => {
    expect(parseXml(xml, 'A').text).toBe(text);
  });

  test.each([
    ['nothing', ''],
    ['text only', 'hello'],
    ['another root', '<B/>'],
    ['two roots', '<A/><A/>'],
    ['text after the root', '<A/>x'],
    ['an element that is not closed', '<A><B></A>'],
    ['a root that is not closed', '<A>'],
    ['a tag that is cut', '<A'],
    ['a closing tag too many', '<A/></A>'],
    ['tags that cross', '<A><B></A></B>'],
    ['a document type', '<!DOCTYPE A [<!ENTITY e "x">]><A>&e;</A>'],
    ['an entity of HTML', '<A>&nbsp;</A>'],
    ['an & alone', '<A>a & b</A>'],
    ['a reference to half a character', '<A>&#xD800;</A>'],
    ['a reference beyond Unicode', '<A>&#x110000;</A>'],
    ['an attribute without quotes', '<A b=1/>'],
    ['a comment that does not end', '<A><!-- </A>'],
    ['CDATA that does not end', '<A><![CDATA[ </A>'],
    ['a page of HTML', '<!doctype html><html><p>Sign in<br></html>'],
    ['endless nesting', '<A>'.repeat(10_000)],
  ])('is refused when it is %s', (_what, xml) => {
    expect(() => parseXml(xml, 'A')).toThrow(BadReply);
  });
});

const name = fc.constantFrom('Key', 'Version', 'Tag', 'Owner', 'a-b', 'x.1');
const content = fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).filter((text) => text.trim() === text);
const { tree } = fc.letrec<{ tree: Element; children: Element[] }>((tie) => ({
  tree: fc.oneof(
    fc.record({ name, text: content, children: fc.constant([]) }),
    fc.record({ name, text: fc.constant(''), children: tie('children') }),
  ),
  children: fc.array(tie('tree'), { maxLength: 4 }),
}));

function write({ name, text, children }: Element): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${escaped}${children.map(write).join('')}</${name}>`;
}

describe('any document', () => {
  const general = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: true,
    parseTagValue: false,
    trimValues: false,
  });

  /** The general parser gives every node as an object with one key: its name, or `#text`. */
  function elements(nodes: unknown): Element[] {
    const entries = Array.isArray(nodes) ? nodes.flatMap((node: object) => Object.entries(node)) : [];
    const text = (inner: unknown): string =>
      (Array.isArray(inner) ? inner.flatMap((node: object) => Object.entries(node)) : [])
        .filter(([key]) => key === '#text')
        .map(([, value]) => String(value))
        .join('');
    return entries
      .filter(([key]) => key !== '#text')
      .map(([key, inner]) => ({ name: key, text: text(inner), children: elements(inner) }));
  }

  test('is read as a general parser reads it, and gives back what was written', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const xml = `<?xml version="1.0"?>${write(root)}`;
        const read = parseXml(xml, root.name);
        expect(read).toEqual(root);
        expect([read]).toEqual(elements(general.parse(xml)).filter(({ name }) => name !== '?xml'));
      }),
    );
  });

  test('that is damaged is refused, or read, and never fails otherwise', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.string({ maxLength: 5 }), (root, at, damage) => {
        const xml = write(root);
        const place = at % (xml.length + 1);
        try {
          parseXml(xml.slice(0, place) + damage + xml.slice(place + 1), root.name);
        } catch (error) {
          expect(error).toBeInstanceOf(BadReply);
        }
      }),
    );
  });
});
