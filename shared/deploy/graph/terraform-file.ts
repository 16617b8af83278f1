import * as z from 'zod';
import { failure } from '../../platform/errors.ts';
import { allIssues } from '../../platform/first-issue.ts';
import { readJson } from '../../platform/read-json.ts';
import { type GraphFunctionName, graphFunctionNames } from './policies.ts';

/** New objects of a bucket that fire a function. */
export interface GraphTrigger {
  readonly bucket: string;
  /** The beginning and the end that their keys must have; both empty: every object fires. */
  readonly prefix: string;
  readonly suffix: string;
}

/** One function of a main.tf.json, as far as Holdfast has to know it. */
export interface DeployedGraphFunction {
  readonly name: GraphFunctionName;
  /** The texts of the policies of its agency, as IAM gets them. */
  readonly policies: readonly string[];
  readonly triggers: readonly GraphTrigger[];
}

/** This is what is read of the file: anything else in it belongs to whoever deploys it. */
const terraformFile = z.looseObject({
  resource: z.looseObject({
    huaweicloud_fgs_function: z.record(
      z.string(),
      z.looseObject({ agency: z.string().default(''), code_filename: z.string().default('') }),
    ),
    huaweicloud_identity_agency: z
      .record(z.string(), z.looseObject({ domain_roles: z.array(z.string()).default([]) }))
      .default({}),
    huaweicloud_identity_role: z
      .record(z.string(), z.looseObject({ policy: z.string().default('') }))
      .default({}),
    huaweicloud_fgs_function_trigger: z
      .record(
        z.string(),
        z.looseObject({
          function_urn: z.string().default(''),
          type: z.string().default(''),
          event_data: z.string().default(''),
        }),
      )
      .default({}),
  }),
});

const eventData = z.looseObject({
  bucket: z.string(),
  prefix: z.string().default(''),
  suffix: z.string().default(''),
});

/**
 * Reads the functions of Holdfast in a main.tf.json, with what fires them and what their agencies may do. Pure.
 * @param file its name, for messages
 * @throws HoldfastError TEMPLATE_INVALID
 */
export function readTerraformFile(text: string, file: string): readonly DeployedGraphFunction[] {
  const read = terraformFile.safeParse(readJson(text, notJson(file)));
  if (!read.success) throw invalid(file, allIssues(read.error, 'the file'));
  const { resource } = read.data;
  return Object.entries(resource.huaweicloud_fgs_function).flatMap(([id, { agency, code_filename: zip }]) => {
    const name = graphFunctionNames.find((each) => zip === `${each}.zip`);
    if (name === undefined) return [];
    const roles = resource.huaweicloud_identity_agency[referred(agency)]?.domain_roles ?? [];
    const policies = roles.flatMap(
      (role) => resource.huaweicloud_identity_role[referred(role)]?.policy ?? [],
    );
    const triggers = Object.values(resource.huaweicloud_fgs_function_trigger)
      .filter(({ function_urn: urn }) => referred(urn) === id)
      .flatMap(triggerOf);
    return [{ name, policies: policies.map(undoubled), triggers }];
  });
}

/** Returns the name of what a reference such as `${huaweicloud_identity_role.object_created.name}` refers to. */
const referred = (reference: string): string => /^\$\{\w+\.(\w+)\.\w+\}$/.exec(reference)?.[1] ?? '';

/** A `${` or `%{` that stands for itself is doubled in a file of Terraform. */
const undoubled = (text: string): string => text.replace(/([$%])\1\{/g, '$1{');

/** An EventGrid trigger has an expression, and brings all objects of its bucket. */
function triggerOf({ type, event_data: data }: { type: string; event_data: string }): GraphTrigger[] {
  if (type === 'EVENTGRID') {
    const bucket = /"bucket" = "([^"]+)"/.exec(data)?.[1];
    return bucket === undefined ? [] : [{ bucket, prefix: '', suffix: '' }];
  }
  if (type !== 'OBS') return [];
  try {
    return [eventData.parse(JSON.parse(undoubled(data)))];
  } catch {
    return []; // an expression of whoever deploys it
  }
}

const invalid = (file: string, problems: string, cause?: unknown) =>
  failure('TEMPLATE_INVALID', { count: 1, file, problems }, { cause });

const notJson = (file: string) => (reason: string, cause: unknown) =>
  invalid(file, `the file: is no JSON: ${reason}`, cause);
