import { expect, test } from 'vitest';
import { readGraphEnvelope } from '../../../shared/dead-letters/graph-envelope.ts';
import { keepFailureOnce } from '../../../shared/dead-letters/keep-once.ts';
import { etag } from '../../../shared/storage/port.ts';

/** As recorded in the tests of the Java runtime of Open Telekom Cloud. */
const envelope = {
  timestamp: '2025-07-28T11:47:52.123456789+02:00',
  request_context: {
    request_id: '1167bf8c-87b0-43ab-8f5f-26b16c64f252',
    function_urn: 'urn:fss:eu-de:0123456789:function:default:holdfast-object-created:latest',
    condition: 'UnhandledInvocationError',
    approximate_invoke_count: 0,
  },
  request_payload: '{"Records":[]}',
  response_context: { status_code: 500, function_error: 'UnhandledInvocationError' },
  response_payload: '{"errorMessage":"RULES_INVALID: broken","errorType":"RULES_INVALID"}',
};

test('the envelope of a failure destination of FunctionGraph is read', () => {
  expect(readGraphEnvelope(envelope)).toMatchObject({
    function: 'holdfast-object-created',
    requestId: '1167bf8c-87b0-43ab-8f5f-26b16c64f252',
    failedAt: new Date('2025-07-28T09:47:52.123Z'),
    attempts: 1,
    condition: 'UnhandledInvocationError',
    payload: '{"Records":[]}',
    error: { code: 'RULES_INVALID' },
  });
});

const withUrn = (urn: string) => ({
  ...envelope,
  request_context: { ...envelope.request_context, function_urn: urn },
});

test.each<[what: string, event: unknown, says: string]>([
  ['a text', 'x', 'the envelope: '],
  ['no time', { ...envelope, timestamp: 'soon' }, 'timestamp: soon is no time'],
  ['no payload', { ...envelope, request_payload: undefined }, 'request_payload: '],
  ['another kind of name', withUrn('acs:fc:functions/x'), 'request_context.function_urn: '],
  ['a name behind something', withUrn(`x${envelope.request_context.function_urn}`), 'function_urn: '],
])('what is no envelope is refused with the place: %s', (_, event, says) => {
  expect(() => readGraphEnvelope(event)).toThrow(expect.objectContaining({ code: 'DEAD_LETTER_MALFORMED' }));
  expect(() => readGraphEnvelope(event)).toThrow(says);
  expect(() => readGraphEnvelope(event)).not.toThrow('Function Compute sends');
});

test('what FunctionGraph leaves out has a value, and repetitions count', () => {
  const { request_id, function_urn } = envelope.request_context;
  const read = readGraphEnvelope({ ...envelope, request_context: { request_id, function_urn } });
  expect(read).toMatchObject({ attempts: 1, condition: 'unknown', function: 'holdfast-object-created' });
  const repeated = { ...envelope.request_context, approximate_invoke_count: 3 };
  expect(readGraphEnvelope({ ...envelope, request_context: repeated }).attempts).toBe(4);
});

test('that of Function Compute is refused by its name', () => {
  expect(() => readGraphEnvelope({ timestamp: 1, requestContext: {}, requestPayload: '' })).toThrow(
    expect.objectContaining({ message: expect.stringContaining('it is what Function Compute sends') }),
  );
});

test('what the platform gives up is in the letter that the function itself has kept', async () => {
  const payload = JSON.stringify({
    Records: [
      {
        eventName: 'ObjectCreated:Put',
        eventTime: '2025-07-28T09:47:50.352Z',
        s3: { bucket: { name: 'b' }, object: { key: 'k' } },
      },
    ],
  });
  const written: string[] = [];
  const storage: Parameters<typeof keepFailureOnce>[0] = {
    headObject: ({ key }) => Promise.resolve(written.includes(key) ? head : 'absent'),
    writeText({ key }) {
      written.push(key);
      return Promise.resolve({ sent: true, requestId: undefined });
    },
  };
  const rules = { deadLetters: { bucket: 'letters', prefix: 'dead/' } };
  const given = readGraphEnvelope({ ...envelope, request_payload: payload });
  const own = { ...given, failedAt: new Date('2025-07-28T09:47:51Z'), condition: 'BeforeRepetition' };
  for (const failed of [own, given])
    expect(await keepFailureOnce(storage, rules, failed)).toMatchObject({ action: 'kept' });
  expect(written).toEqual([expect.stringMatching(/^dead\/letters\/2025\/07\/28\/20250728T094750\.352Z-/)]);
});

const head = {
  versionId: undefined,
  etag: etag('E'),
  lastModified: new Date(0),
  size: 1,
  type: 'Normal',
  tagCount: 0,
  retention: undefined,
};
