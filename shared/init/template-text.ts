import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml';
import { patternForBucket } from '../deploy/event-pattern.ts';
import { serverlessDevs } from '../deploy/tools.ts';
import type { Answers } from './answers.ts';
import { neededFunctions } from './functions.ts';

/**
 * Returns the s.yaml that ships, for the buckets of the answers: edited, not written anew, so that what is said there
 * is said here too.
 * @param shipped its text
 * @param bundle the command that puts the functions' code where it is deployed from
 * @throws Error when the file that ships has not the form that is edited here
 */
export function templateText(shipped: string, answers: Answers, bundle: string): string {
  const document = parseDocument(shipped);
  document.setIn(['vars', 'region'], `\${env('HOLDFAST_REGION', '${answers.region}')}`);
  document.deleteIn(['vars', 'bucket']);
  document.deleteIn(['vars', 'inventoryBucket']);
  const resources = mapIn(document, 'resources');
  const needed = neededFunctions(answers);
  for (const name of keysOf(resources)) {
    if (!needed.has(name)) resources.delete(name);
  }
  document.setIn(['actions', 'pre-deploy', 0, 'run'], bundle);
  for (const name of keysOf(resources)) {
    const triggers = document.getIn(['resources', name, 'props', 'triggers']);
    if (!isSeq(triggers)) throw unlike(`resources.${name}.props.triggers`);
    document.setIn(['resources', name, 'props', 'triggers'], forBuckets(document, triggers, answers));
  }
  const first = isMap(document.contents) ? document.contents.items[0]?.key : undefined;
  if (!isScalar(first)) throw unlike('the file');
  first.commentBefore = head(answers.region);
  return document.toString({ lineWidth: 0 });
}

const head = (
  region: string,
) => ` What \`${serverlessDevs} deploy -y\` puts on Function Compute. Written by \`holdfast init\`, and yours to change. Check a
 change with \`holdfast validate\`; see what is filled in with \`${serverlessDevs} preview -t s.yaml\`.
 Without -y the tool asks about each difference, and where nobody can answer it deploys nothing and reports success.
 
 From the environment, each with a default:
   HOLDFAST_REGION   where the buckets and the functions are      (${region})
 \`access\` names the key that \`s config add\` has stored; roles, log project and buckets are made beforehand: setup.sh.`;

/** A trigger on the example's bucket becomes one for each bucket; the others stay. */
function forBuckets(document: Document, triggers: YAMLSeq, answers: Answers): YAMLSeq {
  const result = new YAMLSeq();
  result.items = triggers.items.flatMap((trigger) => {
    if (!isMap(trigger)) throw unlike('a trigger');
    return copiesOf(document, trigger, answers);
  });
  if (result.items.length === 0) result.flow = true;
  else result.commentBefore = triggers.commentBefore ?? null;
  return result;
}

function copiesOf(document: Document, trigger: YAMLMap, answers: Answers): YAMLMap[] {
  const [name, source] = [String(trigger.get('triggerName')), String(trigger.get('sourceArn'))];
  const [hole, variable] = /\$\{vars\.(\w+)\}$/.exec(source) ?? [];
  const buckets = variable === undefined ? undefined : bucketsOf(variable, answers);
  if (hole === undefined || buckets === undefined) return [trigger];
  const shared = answers.eventBridgeBuckets;
  const native = buckets.filter((bucket) => !shared.includes(bucket));
  return [
    ...native.map((bucket, index) => {
      const copy = index === 0 ? trigger : plainCopy(document, trigger);
      copy.set('triggerName', name.replace(hole, bucket));
      copy.set('sourceArn', source.replace(hole, bucket));
      return copy;
    }),
    ...buckets.filter((bucket) => shared.includes(bucket)).map((bucket) => bridged(document, bucket)),
  ];
}

/** A trigger that leaves the bucket's notifications alone: those of a bucket may not overlap, whoever made them. */
function bridged(document: Document, bucket: string): YAMLMap {
  const copy = document.createNode({
    triggerName: `uploads-${bucket}`,
    triggerType: 'eventbridge',
    triggerConfig: {
      triggerEnable: true,
      asyncInvocationType: true,
      eventRuleFilterPattern: patternForBucket(regionVariable, accountVariable, bucket),
      eventSourceConfig: { eventSourceType: 'Default' },
    },
  });
  if (!isMap(copy)) throw unlike('a trigger');
  copy.commentBefore =
    ' By EventBridge: the bucket has a trigger of somebody else already, and two may not overlap. It is live half a minute later.';
  return copy;
}

const regionVariable = `\${vars.region}`;
const accountVariable = `\${config('AccountID')}`;

/** Copies a trigger without its comments, which need not be read twice. */
function plainCopy(document: Document, trigger: YAMLMap): YAMLMap {
  const copy = document.createNode(trigger.toJSON());
  if (!isMap(copy)) throw unlike('a trigger');
  return copy;
}

function bucketsOf(variable: string, answers: Answers): readonly string[] {
  if (variable === 'bucket') return answers.objectBuckets;
  if (variable === 'inventoryBucket')
    return answers.inventoryBucket === undefined ? [] : [answers.inventoryBucket];
  throw unlike(`the variable ${variable}`);
}

function mapIn(document: Document, key: string): YAMLMap {
  const map = document.get(key);
  if (!isMap(map)) throw unlike(key);
  return map;
}

const keysOf = (map: YAMLMap): string[] =>
  map.items.map(({ key }) => String(isScalar(key) ? key.value : key));

const unlike = (what: string) => new Error(`s.yaml that ships: ${what} is not as expected`);
