import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { readXml } from '../../../local/oss/read-xml.ts';
import { sendBytes } from '../../support/raw-http.ts';

// Bytes that no client sends. Whatever comes, the server answers with a status that is no failure of its own, or drops the
// connection, and goes on.

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

/** Sends a request and makes sure that the server is as well as before. */
async function survives(head: string, body: Buffer | string): Promise<void> {
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
  const { status } = await sendBytes(cloud.port, bytes).catch(() => ({ status: 0 }));
  expect(status, head).not.toBe(500);
  expect((await fetch(`${cloud.url}/_local/health`)).status).toBe(200);
}

const post = (path: string, type: string, body: Buffer | string) =>
  survives(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
    body,
  );

const runs = { numRuns: 30 };
const boundary = 'x';
const disposition = fc.constantFrom(
  'Content-Disposition: form-data; name="key"',
  'Content-Disposition: form-data; name="file"; filename="a"',
  'Content-Disposition: form-data; name="file"',
  'Content-Disposition: form-data; filename="a"',
  'Content-Disposition: form-data',
  'Content-Disposition: form-data; name=""',
  'Content-Disposition: form-data; name="__proto__"',
  "Content-Disposition: form-data; name*=utf-8''%ff%",
  'Content-Disposition: attachment; name="policy"',
  'Content-Disposition:',
  'Content-Type: text/plain; charset=nonsense',
  'Content-Transfer-Encoding: base64',
  ': nameless',
  'no colon',
);
const part = fc
  .tuple(
    fc.array(disposition, { maxLength: 3 }),
    fc.constantFrom('\r\n\r\n', '\r\n', '\n\n', ''),
    fc.string(),
  )
  .map(([headers, gap, text]) => `--${boundary}\r\n${headers.join('\r\n')}${gap}${text}\r\n`);
const form = fc
  .tuple(fc.array(part, { maxLength: 4 }), fc.constantFrom(`--${boundary}--\r\n`, `--${boundary}`, '', '--'))
  .map(([parts, end]) => parts.join('') + end);

test('a part without a name, as any page could send it, is a refused form', async () => {
  const body = `--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n`;
  const head = `POST /records/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n`;
  const { status, code } = await sendBytes(
    cloud.port,
    `${head}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect({ status, code }).toEqual({ status: 400, code: 'MalformedPOSTRequest' });
});

test('forms of any parts', () =>
  fc.assert(
    fc.asyncProperty(form, (body) => post('/records/', `multipart/form-data; boundary=${boundary}`, body)),
    runs,
  ));

test('form types of any parameters', () =>
  fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[ -~]{0,30}$/), (rest) =>
      post('/records/', `multipart/form-data${rest}`, '--x\r\n\r\n'),
    ),
    runs,
  ));

test('URLs of any escapes, on every API', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/', '//', '/records/', '/_local/', '/_local/timer/', '/2023-03-30/functions/'),
      fc.stringMatching(/^(?:%[0-9a-zA-Z]{0,2}|[!-~]){0,20}$/),
      fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'),
      (root, rest, method) =>
        survives(`${method} ${root}${rest} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, ''),
    ),
    runs,
  ));

test('chunks of any form', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.constantFrom('0\r\n\r\n', '1\r\n', 'ffffffffffffffff\r\n', '\r\n', ';x\r\n'),
          fc.string(),
        ),
        {
          maxLength: 5,
        },
      ),
      (chunks) =>
        survives(
          'PUT /records/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
          `${chunks.join('')}0\r\n\r\n`,
        ),
    ),
    runs,
  ));

const token = fc.constantFrom(
  ...[
    '<a>',
    '</a>',
    '<a/>',
    '<a',
    'b="',
    '"',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?x',
    '?>',
    '<!ENTITY',
    '&lt;',
    '&#x0;',
    '&#',
  ],
  ...[
    '&#x110000;',
    '&b;',
    '\u0000',
    '\ufeff',
    '<__proto__>',
    '<constructor>',
    '<Delete>',
    '<Object>',
    '<Key>',
    ' ',
    'x',
  ],
);

test('XML of any tokens is read or refused as malformed', () => {
  const schema = z.unknown();
  fc.assert(
    fc.property(fc.array(token, { maxLength: 30 }), (tokens) => {
      try {
        readXml(Buffer.from(tokens.join('')), schema, ['Object']);
      } catch (error) {
        expect(error).toMatchObject({ code: 'MalformedXML' });
      }
    }),
    { numRuns: 500 },
  );
});

test('JSON of any form to the admin API', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('clock', 'faults', 'timer/x', 'idle'),
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.constantFrom('['.repeat(100_000), `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`),
      ),
      (path, body) => post(`/_local/${path}`, 'application/json', body),
    ),
    runs,
  ));
