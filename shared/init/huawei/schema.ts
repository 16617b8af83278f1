import * as z from 'zod';
import { failure } from '../../platform/errors.ts';

/*
 * This is what a main.tf.json of Holdfast may contain, of the Terraform provider huaweicloud 1.78.1. `terraform validate` takes the
 * provider from the network, so the file is checked here before it is written. Names and buckets are literals: an expression
 * (`${…}`, `%{…}`) is allowed in the fields that need one alone.
 */

const resourceName = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, { error: 'is not a resource name' });
const functionName = z
  .string()
  .regex(/^[A-Za-z](?:[\w-]{0,58}[A-Za-z0-9])?$/, { error: 'is not a name for a function or an agency' });
const region = z
  .string()
  .regex(/^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/, { error: 'is not a region such as ap-southeast-3' });
/** A reference to something else in the file, and nothing around it. */
const reference = z
  .string()
  .regex(/^\$\{[a-z_]+(?:\.[a-z_]\w*)+\}$/, { error: 'is not a reference to another part of the file' });
const references = z.array(z.string().regex(/^[a-z_]+\.[a-z_]\w*$/, { error: 'is not a resource' }));
const call = (name: string) =>
  z.string().regex(new RegExp(`^\\$\\{${name}\\(.*\\)\\}$`, 's'), { error: `is not \${${name}(…)}` });
const whole = (least: number, most: number) => z.int().min(least).max(most);
const each = <Item extends z.ZodType>(item: Item) => z.record(resourceName, item);

/** A text with JSON in it, in which a `${` or `%{` stands for itself because it is doubled. */
const jsonText = z.string().refine((text) => !/(?<![$])\$\{|(?<!%)%\{/.test(text), {
  error: 'has an expression of Terraform in a text that is meant literally',
});

const graphFunction = z.strictObject({
  name: functionName,
  app: z.literal('default'),
  description: z.string().max(512),
  functiongraph_version: z.literal('v2'),
  runtime: z.literal('Node.js20.15'),
  handler: z.literal('index.handler'),
  initializer_handler: z.literal('index.initializer').optional(),
  initializer_timeout: whole(1, 300).optional(),
  memory_size: whole(128, 10240).multipleOf(128),
  timeout: whole(3, 900),
  agency: reference,
  code_type: z.literal('zip'),
  code_filename: z.string().regex(/^[a-z-]+\.zip$/),
  func_code: call('filebase64'),
  user_data: call('jsonencode'),
});

const role = z.strictObject({
  name: functionName,
  description: z.string().max(255),
  type: z.enum(['AX', 'XA']),
  policy: jsonText,
});

const agency = z.strictObject({
  name: functionName,
  description: z.string().max(255),
  delegated_service_name: z.literal('op_svc_cff'),
  domain_roles: z.array(reference).nonempty(),
  project_role: z
    .array(z.strictObject({ project: reference, roles: z.array(reference).nonempty() }))
    .optional(),
});

const trigger = z.strictObject({
  function_urn: reference,
  type: z.enum(['OBS', 'TIMER', 'EVENTGRID']),
  event_data: z.union([jsonText, call('jsonencode')]),
  cascade_delete_eg_subscription: z.literal(true).optional(),
  lifecycle: z.strictObject({ ignore_changes: z.tuple([z.literal('event_data')]) }).optional(),
  depends_on: references.optional(),
});

const asynchronous = z.strictObject({
  function_urn: reference,
  max_async_retry_attempts: whole(0, 3),
  max_async_event_age_in_seconds: whole(1, 86_400),
  on_failure: z
    .strictObject({ destination: z.literal('FunctionGraph'), param: call('jsonencode') })
    .optional(),
});

/** The whole of a main.tf.json. */
const terraformSchema = z.strictObject({
  '//': z.string(),
  terraform: z.strictObject({
    required_version: z.string(),
    required_providers: z.record(z.string(), z.strictObject({ source: z.string(), version: z.string() })),
  }),
  variable: z.record(
    resourceName,
    z.strictObject({
      type: z.literal('string'),
      description: z.string(),
      default: z.string().optional(),
    }),
  ),
  provider: z.strictObject({ huaweicloud: z.strictObject({ region: reference }) }),
  data: z.strictObject({
    archive_file: each(
      z.strictObject({ type: z.literal('zip'), source_dir: z.string(), output_path: z.string() }),
    ),
    huaweicloud_eg_event_channels: each(
      z.strictObject({ provider_type: z.literal('OFFICIAL'), name: z.literal('default') }),
    ).optional(),
  }),
  resource: z.strictObject({
    huaweicloud_identity_role: each(role),
    huaweicloud_identity_agency: each(agency),
    huaweicloud_fgs_function: each(graphFunction),
    huaweicloud_fgs_async_invoke_configuration: each(asynchronous),
    huaweicloud_fgs_function_trigger: each(trigger),
  }),
});

/** The variables of a file whose values are names: their defaults are literals of that form. */
const defaults = z.looseObject({ region: z.looseObject({ default: region }) });

/**
 * Checks a main.tf.json before it is written.
 * @throws HoldfastError TEMPLATE_INVALID with every mistake and its place
 */
export function checkTerraform(document: unknown): z.infer<typeof terraformSchema> {
  const read = terraformSchema.safeParse(document);
  const issues = read.success
    ? (defaults.safeParse(read.data.variable).error?.issues.map((issue) => ({
        ...issue,
        path: ['variable', ...issue.path],
      })) ?? [])
    : read.error.issues;
  if (read.success && issues.length === 0) return read.data;
  const problems = issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('\n');
  throw failure('TEMPLATE_INVALID', { count: issues.length, file: 'main.tf.json', problems });
}
