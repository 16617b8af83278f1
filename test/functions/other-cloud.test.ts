import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { createObsRetentionBucket } from '../../local/plain-obs.ts';
import { inlineInstances } from '../support/inline-instances.ts';
import { temporaryFolder } from '../support/store.ts';

/* Rules, events and places of one cloud reach the functions of the other: none of them passes for "no rule". */
const rulesFor = (bucket: string) => `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: logs, match: { bucket: "${bucket}", tags: { class: "*" } }, retain: 400d }
`;

async function start(rules: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'r.yaml'), rules);
  const cloud = await startCloud({
    template: 's.yaml',
    instances: inlineInstances,
    clouds: ['oss', 'obs'],
    environment: { HOLDFAST_RULES: rules.startsWith('version') ? join(folder, 'r.yaml') : rules },
    deliver: () => [],
  });
  onTestFinished(() => cloud.close());
  const obsEvent = {
    Records: [
      { eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'audit-1' }, object: { key: 'k', size: 1 } } },
    ],
  };
  const ossEvent = { events: [{ eventName: 'ObjectCreated:PutObject' }] };
  const said = async (platform: 'fc' | 'graph', name: string, event: object) => {
    const text = Buffer.from(JSON.stringify(event));
    const { status, logs, error } = (await cloud[platform].invoke(`holdfast-${name}`, text)).invocation;
    return {
      isDone: status === 'succeeded',
      all: [...logs, error?.errorMessage, error?.errorType].join('\n'),
    };
  };
  return { cloud, said, obsEvent, ossEvent };
}

const refusedWith = (...texts: readonly string[]) => ({
  isDone: false,
  all: expect.toSatisfy((all: string) => texts.every((text) => all.includes(text))),
});

test.each([
  { platform: 'graph' as const, bucket: 'oss://audit-*', served: 'obs://' },
  { platform: 'fc' as const, bucket: 'obs://audit-*', served: 'oss://' },
])(
  'rules that are all for the other cloud fail every function of $platform',
  async ({ platform, bucket, served }) => {
    const { said, obsEvent, ossEvent } = await start(rulesFor(bucket));
    const event = platform === 'graph' ? obsEvent : ossEvent;
    for (const name of ['object-created', 'protect-existing', 'policy-timer', 'dead-letter'])
      expect(await said(platform, name, event)).toEqual(
        refusedWith('NO_RULE_FOR_CLOUD', `begins with ${served}`),
      );
  },
);

test.each([
  { platform: 'graph' as const, place: 'oss://rules/r.yaml' },
  { platform: 'fc' as const, place: 'obs://rules/r.yaml' },
])(
  'rules in a bucket of the other cloud are refused by the functions of $platform',
  async ({ platform, place }) => {
    const { said, obsEvent, ossEvent } = await start(place);
    const event = platform === 'graph' ? obsEvent : ossEvent;
    expect(await said(platform, 'object-created', event)).toEqual(refusedWith('ADDRESS_CLOUD', place));
  },
);

describe('with rules for both', () => {
  test('an event of the other cloud is refused by its name, and so is what its platform gives up', async () => {
    const { said, obsEvent, ossEvent } = await start(rulesFor('audit-*'));
    for (const name of ['object-created', 'protect-existing']) {
      expect(await said('graph', name, ossEvent)).toEqual(refusedWith('OBS_EVENT_MALFORMED', 'OSS'));
      expect(await said('fc', name, obsEvent)).toEqual(refusedWith('EVENT_MALFORMED', 'OBS'));
    }
    const ofGraph = { timestamp: 'x', request_context: {}, request_payload: '' };
    const ofCompute = { timestamp: 1, requestContext: {}, requestPayload: '' };
    expect(await said('fc', 'dead-letter', ofGraph)).toEqual(
      refusedWith('DEAD_LETTER_MALFORMED', 'FunctionGraph'),
    );
    expect(await said('graph', 'dead-letter', ofCompute)).toEqual(
      refusedWith('DEAD_LETTER_MALFORMED', 'Function Compute'),
    );
  });

  test('tags in a region without tags fail the event, and WORM that is not offered too', async () => {
    const { cloud, said, obsEvent } = await start(rulesFor('audit-*'));
    const client = await createObsRetentionBucket(cloud.obs?.url ?? '', 'audit-1');
    await client.put('k', Buffer.from('x'), { headers: { 'x-oss-tagging': 'class=a' } });
    const turn = (quirks: object) =>
      fetch(`${cloud.obs?.url}/_local/obs`, { method: 'POST', body: JSON.stringify(quirks) });
    await turn({ noTags: true });
    expect(await said('graph', 'object-created', obsEvent)).toEqual(
      refusedWith('TAGS_NOT_OFFERED', 'obs://audit-1/k'),
    );
    await turn({ noTags: false, noWorm: true });
    expect(await said('graph', 'object-created', obsEvent)).toEqual(
      refusedWith('WORM_NOT_OFFERED', 'obs://audit-1'),
    );
  });
});
