import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { graphFunctionsOf, obsSetupFiles } from '../../../shared/init/files.ts';
import { checkTerraform } from '../../../shared/init/huawei/schema.ts';
import { terraformText } from '../../../shared/init/huawei/terraform.ts';
import { readAnswers, type Texts } from '../../../shared/init/read-answers.ts';

const shipped = { template: readFileSync('s.yaml', 'utf8'), policies: new Map<string, string>() };
const functions = graphFunctionsOf(shipped);

const given: Texts = {
  region: 'ap-southeast-3',
  objectBuckets: 'fin-eu,fin-us',
  keep: '7y',
  max: '10y',
  deadLetters: 'obs://my-letters/dead/',
};

function mainOf(texts: Texts) {
  const read = readAnswers(texts, 'obs');
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const text = obsSetupFiles(shipped, read.answers).get('main.tf.json') ?? '';
  return { text, ...checkTerraform(JSON.parse(text)) };
}

const problemsOf = (texts: Texts) => {
  const read = readAnswers(texts, 'obs');
  return 'problems' in read ? read.problems.join('\n') : '';
};

const answers = {
  region: 'ap-southeast-3',
  objectBuckets: ['fin-eu'],
  deadLetters: { bucket: 'my-letters', prefix: 'dead/' },
  eventGridBuckets: [],
  inventoryBucket: undefined,
  audit: undefined,
};

describe('main.tf.json', () => {
  test('lets the timer keep a default retention in place, on its buckets, where the rules ask for one', () => {
    const policies = (texts: Texts) =>
      Object.entries(mainOf(texts).resource.huaweicloud_identity_role).filter(([, { policy }]) =>
        policy.includes('PutBucketObjectLockConfiguration'),
      );
    expect(policies(given)).toEqual([]);
    const [[id, { policy }] = ['', { policy: '' }], ...others] = policies({
      ...given,
      defaultRetention: '30d',
    });
    expect([id, others]).toEqual(['policy_timer', []]);
    expect(JSON.parse(policy).Statement).toContainEqual({
      Effect: 'Allow',
      Action: ['obs:bucket:GetBucketObjectLockConfiguration', 'obs:bucket:PutBucketObjectLockConfiguration'],
      Resource: ['obs:*:*:bucket:fin-eu', 'obs:*:*:bucket:fin-us'],
    });
  });

  test('has the names, times, memory and settings of s.yaml', () => {
    const { resource } = mainOf(given);
    for (const [id, one] of Object.entries(resource.huaweicloud_fgs_function)) {
      const props = functions.get(id.replaceAll('_', '-'));
      expect({ name: one.name, timeout: one.timeout, memory: one.memory_size }).toEqual({
        name: props?.functionName,
        timeout: props?.timeout,
        memory: props?.memorySize,
      });
      for (const name of Object.keys(props?.environmentVariables ?? {}))
        expect(one.user_data).toContain(name);
    }
    expect(Object.keys(resource.huaweicloud_fgs_function)).toHaveLength(4);
  });

  test('fires by OBS, and by EventGrid on the Chinese mainland, where there are no triggers of OBS', () => {
    const typesIn = (region: string) => {
      const { resource, variable } = mainOf({ ...given, region });
      const triggers = Object.values(resource.huaweicloud_fgs_function_trigger);
      return { types: triggers.map(({ type }) => type), variables: Object.keys(variable) };
    };
    expect(typesIn('ap-southeast-3')).toEqual({ types: ['TIMER', 'OBS', 'OBS'], variables: ['region'] });
    expect(typesIn('cn-north-4')).toEqual({
      types: ['TIMER', 'EVENTGRID', 'EVENTGRID'],
      variables: ['region', 'eventgrid_agency'],
    });
  });

  test('lets EventGrid bring the uploads of the buckets that are named for it, and asks for its agency then', () => {
    const { resource, variable } = mainOf({ ...given, eventGridBuckets: 'fin-us' });
    const types = Object.values(resource.huaweicloud_fgs_function_trigger).map(({ type }) => type);
    expect(types).toEqual(['TIMER', 'OBS', 'EVENTGRID']);
    expect(resource.huaweicloud_fgs_function_trigger['upload_1']?.event_data).toContain(
      '"bucket" = "fin-us"',
    );
    expect(Object.keys(variable)).toEqual(['region', 'eventgrid_agency']);
    expect(problemsOf({ ...given, eventGridBuckets: 'hr-eu' })).toContain(
      '--event-grid hr-eu: is for buckets that',
    );
    const onOss = readAnswers(
      { ...given, deadLetters: 'oss://my-letters/x/', eventGridBuckets: 'fin-us' },
      'oss',
    );
    expect(onOss).toEqual({
      problems: [expect.stringContaining('--event-grid: EventGrid is of Huawei Cloud')],
    });
  });

  test('lets an inventory fire protect-existing by its manifest, where a bucket for inventories is named', () => {
    const firing = (texts: Texts) => {
      const { resource } = mainOf({ ...given, ...texts });
      const { policy = '' } = resource.huaweicloud_identity_role['protect_existing'] ?? {};
      return { trigger: resource.huaweicloud_fgs_function_trigger['inventory'], policy };
    };
    const { trigger, policy } = firing({ inventoryBucket: 'lists' });
    expect(trigger?.function_urn).toContain('huaweicloud_fgs_function.protect_existing.urn');
    expect(JSON.parse(trigger?.event_data ?? '')).toMatchObject({ bucket: 'lists', suffix: 'manifest.json' });
    expect(trigger?.depends_on).toContain('huaweicloud_fgs_async_invoke_configuration.protect_existing');
    expect(policy).toContain('obs:*:*:object:lists/*');
    const without = firing({});
    expect(without.trigger).toBeUndefined();
    expect(without.policy).not.toContain('lists');
    const onMainland = firing({ inventoryBucket: 'lists', region: 'cn-north-4' });
    expect(onMainland.trigger).toMatchObject({ type: 'EVENTGRID' });
    expect(onMainland.trigger?.event_data).toContain('"bucket" = "lists"');
    expect(problemsOf({ ...given, inventoryBucket: 'fin-eu' })).toContain(
      'inventories need a bucket of their own',
    );
  });

  test('lets failed events be handed to the function that keeps them, and starts no other', () => {
    const role = mainOf(given).resource.huaweicloud_identity_role['invoke'];
    expect(JSON.parse(role?.policy ?? '')).toEqual({
      Version: '1.1',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['functiongraph:function:invokeAsync'],
          Resource: [
            'FUNCTIONGRAPH:*:*:function:default/holdfast-dead-letter',
            'FUNCTIONGRAPH:*:*:function:Default/holdfast-dead-letter',
          ],
        },
      ],
    });
  });

  test('lets functions write evidence, and denies them the matters, where a folder for evidence is named', () => {
    const policies = (texts: Texts) => {
      const { huaweicloud_identity_role: roles } = mainOf({ ...given, ...texts }).resource;
      return Object.values(roles).filter(({ policy }) => policy.includes('"Deny"'));
    };
    const withEvidence = policies({ audit: 'obs://my-evidence/audit/' });
    expect(withEvidence.map(({ name }) => name)).toEqual([
      'holdfast-protect-existing',
      'holdfast-policy-timer',
      'holdfast-object-created',
    ]);
    for (const { policy } of withEvidence) expect(policy).toContain('object:my-evidence/audit/matters/*');
    expect(policies({})).toEqual([]);
    expect(problemsOf({ ...given, audit: 'obs://fin-eu/audit/' })).toContain(
      'evidence needs a bucket of its own',
    );
    expect(problemsOf({ ...given, audit: 'oss://my-evidence/audit/' })).toContain(
      '--audit: expected a folder',
    );
  });

  test('hands failures on to dead-letter, repeats three times at most, and keeps an event for a day at most', () => {
    const { dead_letter, object_created, policy_timer, protect_existing } =
      mainOf(given).resource.huaweicloud_fgs_async_invoke_configuration;
    expect(object_created?.on_failure?.param).toContain('huaweicloud_fgs_function.dead_letter.urn');
    expect(object_created?.max_async_retry_attempts).toBe(3);
    expect(protect_existing).toMatchObject({
      max_async_retry_attempts: 3,
      max_async_event_age_in_seconds: 86_400,
      on_failure: { param: expect.stringContaining('huaweicloud_fgs_function.dead_letter.urn') },
    });
    expect(policy_timer?.max_async_retry_attempts).toBe(0);
    expect(dead_letter?.on_failure).toBeUndefined();
  });

  test('says the zone of the timer', () => {
    const timer = mainOf(given).resource.huaweicloud_fgs_function_trigger['policy_timer'];
    expect(JSON.parse(timer?.event_data ?? '')).toMatchObject({ schedule: 'CRON_TZ=UTC 0 */15 * * * *' });
  });

  test('lets no function delete, or change a bucket', () => {
    const roles = Object.values(mainOf(given).resource.huaweicloud_identity_role);
    for (const { policy } of roles)
      expect(policy).not.toMatch(/Delete|PutBucket|Abort|Bypass|"Action":\[[^\]]*\*/);
  });

  test('is the same for the same answers', () => {
    expect(mainOf(given).text).toBe(mainOf(given).text);
  });

  test('takes what looks like an expression in the folder of dead letters literally', () => {
    const text = terraformText(functions, {
      ...answers,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what Terraform would evaluate
      deadLetters: { bucket: 'my-letters', prefix: '${file("key")}/%{ if true }/' },
    });
    const { policy } =
      checkTerraform(JSON.parse(text)).resource.huaweicloud_identity_role['dead_letter'] ?? {};
    expect(policy).toContain('$${file(');
    expect(policy).toContain('%%{ if true }');
  });
});

describe('a hostile text is refused with its place', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: they are what Terraform would evaluate
  const hostile = ['${file("/etc/passwd")}', 'a"b', 'a\nb', '../x', '%{ for x in y }'];

  test.each(hostile)('as a region, a bucket or a folder: %j', (text) => {
    expect(problemsOf({ ...given, region: text })).toContain('--region: ');
    expect(problemsOf({ ...given, objectBuckets: text })).toContain('--object-bucket: ');
    expect(problemsOf({ ...given, deadLetters: `obs://${text}/x/` })).toContain('--dead-letters: ');
  });

  test.each(hostile)('as the name of an agency and its function: %j', (functionName) => {
    const props = functions.get('object-created');
    if (props === undefined) throw new Error('it is not there');
    const changed = new Map([...functions, ['object-created', { ...props, functionName }]]);
    expect(() => terraformText(changed, answers)).toThrow(
      expect.objectContaining({
        code: 'TEMPLATE_INVALID',
        message: expect.stringContaining('resource.huaweicloud_identity_agency.object_created.name'),
      }),
    );
  });

  test('as the region of the answers', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/.test(text));
        expect(() => terraformText(functions, { ...answers, region: text })).toThrow(
          expect.objectContaining({ code: 'TEMPLATE_INVALID' }),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('as what OBS does not have', () => {
    expect(problemsOf({ ...given, archiveBuckets: 'archive' })).toContain(
      '--archive-bucket: OBS has no WORM policy',
    );
    expect(problemsOf({ ...given, eventBridgeBuckets: 'fin-eu' })).toContain('--event-bridge: ');
    expect(problemsOf({ ...given, deadLetters: 'oss://my-letters/dead/' })).toContain(
      'such as obs://my-bucket/dead-letters/, found',
    );
  });
});
