import { basename } from 'node:path';
import { isRole } from '../deploy/role-needs.ts';
import { type FunctionProps, parseTemplate } from '../deploy/template.ts';
import { rulesJsonSchema } from '../rules/json-schema.ts';
import { rulesFrom } from '../rules/read.ts';
import { testJsonSchema } from '../rules-test/json-schema.ts';
import { builtInActionPolicy } from './account/alarms.ts';
import { infrastructureOf } from './account/infrastructure.ts';
import { setupScript } from './account/shell.ts';
import type { Answers } from './answers.ts';
import { neededFunctions } from './functions.ts';
import { type GraphAnswers, terraformText } from './huawei/terraform.ts';
import { ramText } from './ram.ts';
import { ruledStatements } from './ram-ruled.ts';
import { obsRulesWords, ossRulesWords, rulesText } from './rules-text.ts';
import { templateText } from './template-text.ts';
import { testText } from './test-text.ts';

/** The files that ship and that those of a new folder are made from, as texts. */
export interface Shipped {
  /** s.yaml */
  readonly template: string;
  /** The policies in ram/, by their names. */
  readonly policies: ReadonlyMap<string, string>;
}

/** The files of a new folder by their paths in it. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

/**
 * Returns the files of a folder for OSS but the functions' code: rules, their cases, s.yaml and policies. Pure.
 * @param bundle the command that puts the functions' code where s.yaml deploys it from
 */
export function ossSetupFiles(shipped: Shipped, answers: Answers, bundle: string): Map<string, string> {
  const rules = rulesText(answers, ossRulesWords);
  const files = new Map([
    ['rules.yaml', rules],
    ['rules.test.yaml', testText(answers)],
    ['s.yaml', templateText(shipped.template, answers, bundle)],
    ['rules.schema.json', rulesJsonSchema()],
    ['rules.test.schema.json', testJsonSchema()],
  ]);
  for (const [name, text] of shipped.policies) {
    const role = name.replace(/\.json$/, '');
    const more = isRole(role) ? ruledStatements(role, answers, rulesFrom(rules, 'rules.yaml')) : [];
    const policy = isNeeded(name, answers) ? ramText(text, answers, more) : undefined;
    if (policy !== undefined) files.set(`ram/${name}`, policy);
  }
  return files.set('setup.sh', scriptOf(files));
}

/**
 * Returns the files of a folder for OBS but the functions' code: rules, their cases, and main.tf.json instead of s.yaml. Pure.
 * @throws HoldfastError TEMPLATE_INVALID
 */
export function obsSetupFiles(shipped: Shipped, answers: Answers): Map<string, string> {
  return new Map([
    ['rules.yaml', rulesText(answers, obsRulesWords)],
    ['rules.test.yaml', testText(answers)],
    ['main.tf.json', terraformText(graphFunctionsOf(shipped), graphAnswersOf(answers))],
    ['rules.schema.json', rulesJsonSchema()],
    ['rules.test.schema.json', testJsonSchema()],
  ]);
}

const graphAnswersOf = (answers: Answers): GraphAnswers => ({
  ...answers,
  defaultBuckets: answers.defaultRetention === undefined ? [] : answers.objectBuckets,
});

/** Returns the functions of the s.yaml that ships, by the names of the folders of their code. */
export function graphFunctionsOf({ template }: Shipped): Map<string, FunctionProps> {
  return new Map(templateFunctions(template).map((props) => [basename(props.code), props]));
}

/** Returns the functions of an s.yaml. @throws HoldfastError TEMPLATE_INVALID */
export const templateFunctions = (text: string): readonly FunctionProps[] =>
  parseTemplate(text, 's.yaml', { environment: {} }).functions;

/** The script of `holdfast setup` for the files as they are written. */
function scriptOf(files: ReadonlyMap<string, string>): string {
  const policies = [...files].flatMap(([path, text]) =>
    path.startsWith('ram/') ? [[path.slice('ram/'.length), text] as const] : [],
  );
  const infrastructure = infrastructureOf({
    rules: rulesFrom(files.get('rules.yaml') ?? '', 'rules.yaml'),
    functions: templateFunctions(files.get('s.yaml') ?? ''),
    policies: new Map(policies),
    enableVersioning: [],
    enableObjectWorm: [],
  });
  return setupScript(infrastructure, builtInActionPolicy);
}

/** A policy is named after its function; those of triggers are for functions that uploads fire. */
function isNeeded(file: string, answers: Answers): boolean {
  const name = file.replace(/\.json$/, '');
  if (name === 'trust-functions' || name === 'deployer') return true;
  if (name === 'inventory') return answers.inventoryBucket !== undefined;
  if (name === 'trigger' || name === 'trust-trigger') return answers.objectBuckets.length > 0;
  return neededFunctions(answers).has(name);
}
