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

test.each([
  ['a text', 'x'],
  ['that of Function Compute', { timestamp: 1, requestContext: {}, requestPayload: '' }],
  ['no time', { ...envelope, timestamp: 'soon' }],
  [
    'another kind of name',
    { ...envelope, request_context: { ...envelope.request_context, function_urn: 'acs:fc:functions/x' } },
  ],
])('what is no envelope is refused: %s', (_, event) => {
  expect(() => readGraphEnvelope(event)).toThrow(expect.objectContaining({ code: 'DEAD_LETTER_MALFORMED' }));
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
