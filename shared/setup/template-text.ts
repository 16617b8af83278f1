import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml';
import type { Answers } from './answers.ts';
import { neededFunctions } from './functions.ts';

/**
 * The s.yaml that ships, for the buckets of the answers: edited, not written anew, so that what is said there is said
 * here too.
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
  for (const name of keysOf(resources)) {
    document.setIn(['resources', name, 'actions', 'pre-deploy', 0, 'run'], bundle);
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
) => ` What \`s deploy\` puts on Function Compute. Written by \`holdfast init\`, and yours to change. Check a change with
 \`holdfast validate\`; see what is filled in with \`npx @serverless-devs/s preview -t s.yaml\`.
 
 From the environment, each with a default:
   HOLDFAST_REGION   where the buckets and the functions are      (${region})
 \`access\` names the key that \`s config add\` has stored; the roles are made beforehand from the files in ram/.`;

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
  const variable = /\$\{vars\.(\w+)\}$/.exec(source);
  const buckets = variable && bucketsOf(variable[1] ?? '', answers);
  if (!buckets) return [trigger];
  return buckets.map((bucket, index) => {
    const copy = index === 0 ? trigger : plainCopy(document, trigger);
    copy.set('triggerName', `${name}-${bucket}`);
    copy.set('sourceArn', `${source.slice(0, variable.index)}${bucket}`);
    return copy;
  });
}

/** Without the comments, which need not be read twice. */
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
