import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPlainXml } from '../../../local/oss/plain-xml.ts';
import { readGeneralXml } from '../../../local/oss/read-xml.ts';

const repeated = ['Object', 'Tag'];

/** Returns what the general parser says; undefined where it refuses. */
function general(text: string): unknown {
  try {
    return readGeneralXml(text, repeated);
  } catch {
    return undefined;
  }
}

it('reads what clients send', () => {
  const document =
    '<?xml version="1.0" encoding="UTF-8"?>\n<Delete>\n  <Object><Key>a b</Key></Object>\n  <Quiet></Quiet>\n</Delete>\n';
  expect(readPlainXml(document, repeated)).toEqual({ Delete: { Object: [{ Key: 'a b' }], Quiet: '' } });
});

const piece = fc.constantFrom(
  ...[
    '<A>',
    '</A>',
    '<B>',
    '</B>',
    '<Object>',
    '</Object>',
    '<Tag>',
    '</Tag>',
    '<a>',
    '</a>',
    '<A/>',
    '<A x="1">',
  ],
  ...[
    '<constructor>',
    '</constructor>',
    '<__proto__>',
    '</__proto__>',
    '</A >',
    '< A>',
    '<A',
    '>',
    '<',
    ']]>',
    '&',
    '&amp;',
  ],
  ...[
    'text',
    ' ',
    '\n',
    '\r\n',
    '\t',
    '\u0000',
    '\u00a0',
    '\ufeff',
    'é',
    '#text',
    '0',
    '<!-- c -->',
    '<![CDATA[x]]>',
  ],
  ...['<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0"?>', '<!DOCTYPE A>'],
);

const text = fc
  .array(
    fc.constantFrom(
      'a',
      'é',
      '0',
      ' ',
      '\t',
      '\n',
      '\r',
      '\r\n',
      '\u0000',
      '\u00a0',
      '\ufeff',
      ']]',
      '#text',
      '\ud83d',
    ),
  )
  .map((parts) => parts.join(''));
const name = fc.constantFrom('A', 'B', 'Object', 'Tag', 'Quiet', 'B1', 'A_b');
const layout = fc.constantFrom('', '\n', '  ', '\n\t');
const { element } = fc.letrec<{ element: string; inside: string }>((tie) => ({
  element: fc
    .tuple(name, tie('inside'), layout)
    .map(([tag, inside, space]) => `${space}<${tag}>${inside}</${tag}>${space}`),
  inside: fc.oneof(
    text,
    fc.array(tie('element'), { maxLength: 4 }).map((all) => all.join('')),
  ),
}));

/** A document in which a piece is put in place of some characters. */
const damaged = fc
  .tuple(element, fc.nat(60), fc.nat(4), fc.oneof(piece, fc.constantFrom('', 'A', 'B', '/')))
  .map(([document, at, length, other]) => document.slice(0, at) + other + document.slice(at + length));

it('agrees with the general parser about every document that it reads', () => {
  const anything = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(fc.oneof(anything, element, damaged), (document) => {
      const plain = readPlainXml(document, repeated);
      if (plain !== undefined) expect(plain).toEqual(general(document));
    }),
    { numRuns: 5000 },
  );
});

it('leaves to the general parser what is not plain', () => {
  for (const other of [
    '',
    '<A x="1">a</A>',
    '<A>a &amp; b</A>',
    '<A><B>a</B>text</A>',
    '<A></A><B></B>',
    `${'<A>'.repeat(40)}${'</A>'.repeat(40)}`,
  ]) {
    expect(readPlainXml(other, repeated)).toBeUndefined();
  }
});
