import { type GraphFunctionName, graphFunctionNames, iamStatements } from '../deploy/graph/policies.ts';
import type { IamStatement, PolicyBuckets } from '../deploy/graph/statement.ts';
import type { DeployedGraphFunction } from '../deploy/graph/terraform-file.ts';
import { iamAllows, parseIamPolicy } from '../ram/iam-policy.ts';
import { evidenceShare, keepToEvidence } from '../rules/evidence-bucket.ts';
import type { Rules } from '../rules/types.ts';
import { type Check, type DoctorFinding, findingsForEach, linesOf } from './finding.ts';
import { lockedBuckets, type MatchedBucket, nameOfBucket, objectBuckets } from './matched-buckets.ts';

/** The file that Terraform deploys, which `holdfast init --cloud obs` writes. */
const file = 'main.tf.json';

const agencies = linesOf('agency');

/** The policies in main.tf.json allow what the rules need, on the buckets that they match now, and no function may write matters and approvals. */
export const agenciesCheck: Check = {
  name: 'agency',
  async run(world) {
    const functions = await world.terraform.load();
    if (functions === undefined) {
      const mend = `make it with \`holdfast init --cloud obs\`, or compare with iam/ (iam/README.md)`;
      return [agencies.unchecked(file, 'is not there', mend)];
    }
    if (functions.length === 0) {
      const mend = `name the archives of ${graphFunctionNames.join(', ')} in it as \`holdfast init --cloud obs\` does`;
      return [
        agencies.unchecked(file, 'it deploys no function of Holdfast that is known by its archive', mend),
      ];
    }
    const [rules, buckets, locked] = await Promise.all([
      world.rules.need(),
      objectBuckets(world),
      lockedBuckets(world),
    ]);
    const defaults = locked.filter(({ defaultRules }) => defaultRules.length > 0);
    const { deadLetters } = rules;
    if (deadLetters === undefined)
      return [
        agencies.unchecked(file, 'the rules name no place for dead letters', 'set deadLetters in the rules'),
      ];
    const places: PolicyBuckets = {
      objectBuckets: buckets.filter((bucket) => !isEvidenceAlone(rules, bucket)).map(nameOfBucket),
      defaultBuckets: defaults.map(nameOfBucket),
      deadLetters,
      inventoryBucket: functions.find(({ name }) => name === 'protect-existing')?.triggers.at(0)?.bucket,
      audit: rules.audit,
    };
    const retainsEvidence = buckets.some(({ name }) => name === rules.audit?.bucket);
    return await findingsForEach(
      agencies,
      functions,
      ({ name }) => name,
      (each) => Promise.resolve(judge(each, needsOf(each.name, places, retainsEvidence))),
    );
  },
};

/** An object rule for the bucket of the evidence is followed by whoever writes there. */
const isEvidenceAlone = (rules: Rules, { name, objectRules }: MatchedBucket): boolean =>
  objectRules.every((rule) => evidenceShare(rules, name, rule) === 'all');

function needsOf(
  name: GraphFunctionName,
  places: PolicyBuckets,
  retainsEvidence: boolean,
): readonly IamStatement[] {
  const { audit } = places;
  const statements = iamStatements(name, places);
  if (audit === undefined || !retainsEvidence || !statements.some(({ Effect }) => Effect === 'Deny'))
    return statements;
  const Resource = [`obs:*:*:object:${audit.bucket}/${audit.prefix}*`];
  return [...statements, { Effect: 'Allow', Action: ['obs:object:PutObjectRetention'], Resource }];
}

/** A policy may name region and account, which are those that it is deployed to. */
const ofAnyAccount = (resource: string): string => resource.replace(/^(\w+):[^:]*:[^:]*:/, '$1:*:*:');

/** Compares what an agency may do with what its function needs, each on one example of a resource. */
function judge({ name, policies }: DeployedGraphFunction, needs: readonly IamStatement[]): DoctorFinding {
  const policy = policies
    .flatMap((text) => parseIamPolicy(text, `${file}, the policy of ${name}`))
    .map((statement) => ({ ...statement, Resource: statement.Resource.map(ofAnyAccount) }));
  const pairs = (effect: IamStatement['Effect']) =>
    needs
      .filter(({ Effect }) => Effect === effect)
      .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((on) => ({ action, on }))));
  const isAllowed = ({ action, on }: { action: string; on: string }) =>
    iamAllows(policy, action, /:object:/.test(on) ? on.replace(/\*$/, 'x') : on);
  const missing = pairs('Allow').filter((each) => !isAllowed(each));
  if (missing.length > 0) {
    const what = missing.map(({ action, on }) => `${action} on ${on}`).join(', ');
    return agencies.failure(
      name,
      `its policy in ${file} does not allow ${what}`,
      'add it, then `terraform apply`',
    );
  }
  const tooMuch = pairs('Deny').filter(isAllowed);
  if (tooMuch.length > 0) {
    const denial = JSON.stringify(needs.find(({ Effect }) => Effect === 'Deny'));
    return agencies.warning(
      name,
      'may write records of matters or approvals',
      `add ${denial} to its policy in ${file}`,
    );
  }
  return agencies.ok(name, `its policy in ${file} allows what the rules need`);
}

const uploads = linesOf('uploads');

/** A trigger of main.tf.json brings the uploads of every bucket under object rules to the function that protects them. */
export const graphUploadsCheck: Check = {
  name: 'uploads',
  async run(world) {
    const functions = await world.terraform.need();
    if (functions === undefined) return []; // the agencies' check says so
    const [rules, buckets] = await Promise.all([world.rules.need(), objectBuckets(world)]);
    const triggers = functions
      .filter(({ name }) => name === 'object-created')
      .flatMap((each) => each.triggers);
    return buckets.map((bucket) => {
      const { name, objectRules } = bucket;
      const own = triggers.filter((trigger) => trigger.bucket === name);
      if (own.some(({ prefix, suffix }) => prefix === '' && suffix === ''))
        return uploads.ok(name, 'come by a trigger of its own');
      if (isEvidenceAlone(rules, bucket)) return uploads.ok(name, 'are evidence, which its writer protects');
      if (objectRules.some((rule) => evidenceShare(rules, name, rule) === 'some'))
        return uploads.warning(
          name,
          'are evidence, and other objects that no trigger brings',
          keepToEvidence(rules),
        );
      const mend = `copy a trigger of object-created in ${file}, with ${name} in it, then \`terraform apply\``;
      return own.length > 0
        ? uploads.warning(name, `come by a trigger for some keys alone`, mend)
        : uploads.failure(name, `no trigger in ${file} brings them`, mend);
    });
  },
};
