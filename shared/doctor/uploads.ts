import { basename } from 'node:path';
import { bucketsOfPattern, readFilterPattern } from '../deploy/event-pattern.ts';
import type { FunctionProps } from '../deploy/template.ts';
import { deployCommand } from '../deploy/tools.ts';
import { evidenceShare, keepToEvidence } from '../rules/evidence-bucket.ts';
import { type Check, linesOf } from './finding.ts';
import { objectBuckets } from './matched-buckets.ts';

const lines = linesOf('uploads');

/** The uploads of every bucket under object rules reach the function that protects them. */
export const uploadsCheck: Check = {
  name: 'uploads',
  async run(world) {
    const [{ functions }, rules] = await Promise.all([world.template.need(), world.rules.need()]);
    const sources = functions.filter(({ code }) => basename(code) === 'object-created').flatMap(sourcesOf);
    const buckets = await objectBuckets(world);
    return buckets.map(({ name, objectRules }) => {
      if (sources.includes(everyBucket)) return lines.ok(name, 'come by EventBridge');
      if (sources.includes(name)) return lines.ok(name, 'come by a trigger of its own');
      const shares = objectRules.map((rule) => evidenceShare(rules, name, rule));
      if (shares.every((share) => share === 'all')) {
        return lines.ok(name, 'are evidence, which its writer protects');
      }
      if (shares.includes('some')) {
        return lines.warning(
          name,
          'are evidence, and other objects that no trigger brings',
          keepToEvidence(rules),
        );
      }
      const mend = `copy the OSS trigger in s.yaml, with ${name} in its name and at the end of its sourceArn, then ${deployCommand}`;
      return lines.failure(name, 'no trigger in s.yaml brings them', mend);
    });
  },
};

/** No bucket has such a name. */
const everyBucket = '*';

/** An OSS trigger is of one bucket, at the end of its sourceArn; EventBridge hands over the events of the buckets that its pattern names, or of all. */
function sourcesOf({ triggers }: FunctionProps): string[] {
  return triggers.flatMap((trigger) => {
    if (trigger.triggerType === 'eventbridge') {
      const { triggerEnable, eventRuleFilterPattern } = trigger.triggerConfig;
      const pattern = triggerEnable ? readFilterPattern(eventRuleFilterPattern) : undefined;
      return pattern === undefined ? [] : (bucketsOfPattern(pattern) ?? [everyBucket]);
    }
    return trigger.triggerType === 'oss' ? [trigger.sourceArn.split(':').at(-1) ?? ''] : [];
  });
}
