import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEnvelope } from '../../../shared/dead-letters/envelope.ts';
import { isOwn, letterOf, letterText, objectsOf } from '../../../shared/dead-letters/letter.ts';
import { readLetter } from '../../../shared/dead-letters/read-letter.ts';
import { inOneText, partsOf } from '../../../shared/platform/error-text.ts';
import { envelopeOf, idOf, place } from '../../support/dead-letters.ts';

const read = (value: unknown) => readEnvelope(Buffer.from(JSON.stringify(value)));
const { requestContext, ...rest } = envelopeOf();

describe('the error of a failed invocation', () => {
  const condition = 'UnhandledInvocationError';
  test.each<[what: string, response: unknown, error: object]>([
    [
      'of our own table',
      '{"errorType":"OVER_CAP","errorMessage":"a. What to do: b"}',
      { code: 'OVER_CAP', message: 'a', remedy: 'b' },
    ],
    ['as a map', { errorMessage: 'm', errorType: 'T' }, { code: 'T', message: 'm', remedy: '' }],
    ['without a type', '{"errorMessage":"m"}', { code: condition, message: 'm', remedy: '' }],
    ['as text that is no JSON', 'killed', { code: condition, message: 'killed', remedy: '' }],
    ['as other JSON', [1], { code: condition, message: '[1]', remedy: '' }],
    [
      'as text that looks like JSON',
      '{"errorMessage":',
      { code: condition, message: '{"errorMessage":', remedy: '' },
    ],
    ['that is not there', undefined, { code: condition, message: 'no answer', remedy: '' }],
  ])('%s', (_what, response, error) => {
    expect(read(envelopeOf({ response })).error).toEqual(error);
  });

  test('and its remedy travel in one text, whatever they say', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (message, remedy) => {
        fc.pre(!remedy.includes('. What to do: ') && !`${message}. What to do`.endsWith('. What to do: '));
        expect(partsOf(inOneText({ message, remedy }))).toEqual({ message, remedy });
      }),
    );
  });
});

test.each<[what: string, envelope: unknown, says: string]>([
  ['an event', { events: [] }, 'timestamp'],
  ['no payload', { ...envelopeOf(), requestPayload: undefined }, 'requestPayload'],
  ['a payload that is no text', { ...envelopeOf(), requestPayload: {} }, 'requestPayload'],
  [
    'no request id',
    { ...rest, requestContext: { ...requestContext, requestId: '' } },
    'requestContext.requestId',
  ],
  [
    'no function',
    { ...rest, requestContext: { ...requestContext, functionArn: 'x' } },
    'requestContext.functionArn',
  ],
  ['a time beyond all dates', { ...envelopeOf(), timestamp: 9e15 }, 'timestamp'],
  ['nothing', null, 'the envelope'],
])('an envelope with %s is refused with the place', (_what, envelope, says) => {
  expect(() => read(envelope)).toThrow(expect.objectContaining({ code: 'DEAD_LETTER_MALFORMED' }));
  expect(() => read(envelope)).toThrow(says);
});

test('bytes that are no text are refused', () => {
  expect(() => readEnvelope(Buffer.from([0x22, 0xff, 0x22]))).toThrow('it is not JSON (3 bytes)');
});

test('a function is named as FC names it, with or without a version', () => {
  for (const tail of ['', '/LATEST', ':3']) {
    const functionArn = `acs:fc:cn-hangzhou:1:services/a/functions/holdfast-x${tail}`;
    expect(read({ ...rest, requestContext: { ...requestContext, functionArn } }).function).toBe('holdfast-x');
  }
});

describe('a letter', () => {
  test('is read back as it was, the payload byte for byte, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), (payload, requestId) => {
        const letter = letterOf(read(envelopeOf({ payload, requestId })));
        expect(letter.payload).toBe(payload);
        expect(readLetter(letterText(letter), 'here')).toEqual(letter);
      }),
    );
  });

  test('has the same name and text whenever its failure is delivered, and another one for another failure', () => {
    const one = letterOf(read(envelopeOf()));
    expect(one.id).toBe(idOf('request-1'));
    expect(letterText(letterOf(read(envelopeOf())))).toBe(letterText(one));
    expect(letterOf(read(envelopeOf({ requestId: 'request-2' }))).id).not.toBe(one.id);
  });

  test.each([
    ['that is no JSON', '{', 'oss://b/k is no dead letter of this version: it is not JSON'],
    ['of another version', '{"version":2}', 'version'],
    [
      'without its payload',
      letterText(letterOf(read(envelopeOf()))).replace('"payload"', '"load"'),
      'payload',
    ],
  ])('%s is refused', (_what, text, says) => {
    expect(() => readLetter(text, 'oss://b/k')).toThrow(says);
    expect(() => readLetter(text, 'oss://b/k')).toThrow(
      expect.objectContaining({ code: 'DEAD_LETTER_BROKEN' }),
    );
  });
});

describe('a payload', () => {
  const entry = (bucket: string, key: string) => ({
    eventName: 'ObjectCreated:PutObject',
    eventTime: '2026-11-21T10:00:00Z',
    oss: { bucket: { name: bucket }, object: { key } },
  });
  const events = (...entries: unknown[]) => JSON.stringify({ events: entries });
  const letter = entry('kept', 'failed/letters/2026/11/21/x.json');

  test('names its objects, and what cannot be read names none', () => {
    expect(objectsOf(events(entry('a', 'k'), 1))).toEqual([{ bucket: 'a', key: 'k' }]);
    expect(objectsOf('{"triggerTime":"t"}')).toEqual([]);
    expect(objectsOf('{')).toEqual([]);
  });

  test.each([
    ['about letters is own', events(letter, letter), true],
    ['about a letter and something else is not', events(letter, entry('fin', 'a')), false],
    ['about another folder of the bucket is not', events(entry('kept', 'other/x.json')), false],
    ['about the same folder of another bucket is not', events(entry('fin', 'failed/letters/x')), false],
    ['of a timer is not', '{"triggerTime":"t"}', false],
  ])('%s', (_what, payload, own) => {
    expect(isOwn(payload, place)).toBe(own);
  });
});

test('what FunctionGraph sends is refused by its name', () => {
  expect(() => read({ timestamp: 'x', request_context: {}, request_payload: '' })).toThrow(
    expect.objectContaining({
      code: 'DEAD_LETTER_MALFORMED',
      message: expect.stringContaining('it is what FunctionGraph sends'),
    }),
  );
});
