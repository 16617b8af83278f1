import { evidenceShare, keepToEvidence } from '../rules/evidence-bucket.ts';
import { objectRulesOfBucket } from '../rules/match.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import { type Warning, warn } from '../rules/warnings/codes.ts';
import { example, ifDecidable, keys, union, without } from '../rules/warnings/language.ts';
import type { Delivery, Resource } from './deliveries.ts';
import { repeatability } from './repeatable.ts';
import { timerLetters, unattended } from './unattended.ts';

/** A warning, and the file that it is about. */
export interface DeploymentWarning extends Warning {
  readonly in: 'rules' | 's.yaml';
}

/** This is what `object-created` handles: the four ways in which a whole object comes to be. */
const wanted = ['PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload'];

/**
 * Finds what the rules wait for and s.yaml never brings, and what makes its deployment unsafe. Pure; each claim is a proof, as
 * in ../rules/warnings.
 * @param document the s.yaml as it stands
 */
export function deploymentWarnings(
  rules: Rules,
  resources: readonly Resource[],
  delivered: readonly Delivery[],
  document: unknown,
): DeploymentWarning[] {
  const inRules = [...untriggered(rules, delivered), ...unattended(rules, resources)];
  const inTemplate = distinct([
    ...filtered(rules, delivered),
    ...missingEvents(rules, delivered),
    ...otherRegions(resources),
    ...repeatability(document, resources),
    ...timerLetters(resources),
  ]);
  return [
    ...inRules.map((warning) => ({ ...warning, in: 'rules' as const })),
    ...inTemplate.map((warning) => ({ ...warning, in: 's.yaml' as const })),
  ];
}

/** Finds rules whose objects no trigger brings. A glob may match no bucket yet; a name that is spelt out is one. */
function untriggered(rules: Rules, delivered: readonly Delivery[]): Warning[] {
  if (delivered.some(({ bucket }) => bucket === undefined)) return [];
  const buckets = delivered.flatMap(({ bucket }) => bucket ?? []);
  const those = buckets.length === 0 ? 'there are none' : `they are for ${[...new Set(buckets)].join(', ')}`;
  const advice = `(${those}): its uploads stay unprotected; copy the trigger of object-created for it`;
  return rules.objects.flatMap((rule, index) => {
    const { bucket } = rule.match;
    const named = bucket.globs.filter((glob) => isName(glob) && bucket.matches(glob));
    const open = bucket.globs.some((glob) => !isName(glob) && !glob.startsWith('!'));
    const about = (text: string) => warn('no-trigger', ['objects', index, 'match', 'bucket'], text);
    if (open && !buckets.some((one) => bucket.matches(one))) {
      return [about(`rule ${rule.name}: no trigger in s.yaml fires for a bucket that it matches ${advice}`)];
    }
    return named
      .filter((name) => !buckets.includes(name))
      .flatMap((name) => {
        const missing = `rule ${rule.name}: no trigger in s.yaml fires for bucket ${name}`;
        const share = evidenceShare(rules, name, rule);
        if (share === 'all') return [];
        if (share === 'none') return [about(`${missing} ${advice}`)];
        return [about(`${missing}, which holds the evidence: ${keepToEvidence(rules)}`)];
      });
  });
}

const isName = (glob: string): boolean => /^[a-z0-9-]+$/.test(glob);

/** The triggers that may fire for one bucket, and the rules for its objects. */
interface Group {
  /** undefined: whichever bucket a trigger turns out to be for. */
  readonly bucket: string | undefined;
  readonly rules: readonly ObjectRule[];
  readonly delivered: readonly [Delivery, ...Delivery[]];
}

/** A trigger whose bucket is not known may be for any: it counts for all, and alone where no trigger names a bucket. */
function groups(rules: Rules, delivered: readonly Delivery[]): Group[] {
  const buckets = new Set(delivered.map(({ bucket }) => bucket));
  const isNamed = (rule: ObjectRule) =>
    [...buckets].some((bucket) => bucket !== undefined && rule.match.bucket.matches(bucket));
  return [...buckets].flatMap((bucket) => {
    const [first, ...more] = delivered.filter((one) => one.bucket === bucket || one.bucket === undefined);
    const concerned =
      bucket === undefined
        ? rules.objects.filter((rule) => !isNamed(rule))
        : objectRulesOfBucket(rules, bucket);
    return first === undefined ? [] : [{ bucket, rules: concerned, delivered: [first, ...more] }];
  });
}

function filtered(rules: Rules, delivered: readonly Delivery[]): Warning[] {
  return groups(rules, delivered).flatMap(({ bucket, rules: concerned, delivered: those }) => {
    const filtering = those.find(({ filter }) => filter !== undefined);
    if (filtering === undefined) return [];
    return concerned.flatMap(({ name, match }) => {
      const passed = () => union(those.map((one) => one.keys));
      const missed = ifDecidable(() => example(without(keys(match.key), passed())), undefined);
      if (missed === undefined) return [];
      const message =
        `trigger ${filtering.trigger} passes only keys that ${filtering.filter}, and rule ${name} is also for keys ` +
        `such as ${missed}${inBucket(bucket)}: their uploads stay unprotected`;
      return [warn('filtered', [...filtering.path, 'triggerConfig', 'filter', 'key'], message)];
    });
  });
}

function missingEvents(rules: Rules, delivered: readonly Delivery[]): Warning[] {
  return groups(rules, delivered).flatMap(({ bucket, rules: concerned, delivered: those }) => {
    const missing = wanted.filter(
      (kind) => !those.some(({ events }) => events.some((event) => covers(event, kind))),
    );
    if (concerned.length === 0 || missing.length === 0) return [];
    const [{ trigger, path }] = those;
    const names = missing.map((kind) => `oss:ObjectCreated:${kind}`).join(', ');
    const message = `trigger ${trigger} leaves out ${names}: what is uploaded that way${inBucket(bucket)} stays unprotected`;
    return [warn('missing-event', [...path, 'triggerConfig'], message)];
  });
}

/** Native triggers fire only for a bucket in the function's own region (Function Compute, OSS triggers: limits). */
function otherRegions(resources: readonly Resource[]): Warning[] {
  return resources.flatMap(({ name, props }) =>
    props.triggers.flatMap((trigger, index) => {
      if (trigger.triggerType !== 'oss') return [];
      const region = trigger.sourceArn.split(':')[2];
      if (region === props.region) return [];
      const message =
        `trigger ${trigger.triggerName} is for a bucket in ${region}, and its function is in ${props.region}: ` +
        'both have to be in one region, so the trigger cannot be created';
      return [warn('other-region', ['resources', name, 'props', 'triggers', index, 'sourceArn'], message)];
    }),
  );
}

const covers = (event: string, kind: string): boolean =>
  event === `oss:ObjectCreated:${kind}` || event === 'oss:ObjectCreated:*';

const inBucket = (bucket: string | undefined): string => (bucket === undefined ? '' : ` in bucket ${bucket}`);

/** Tells once what several groups have in common. */
function distinct(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}
