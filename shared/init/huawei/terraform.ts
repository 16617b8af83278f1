import { type GraphFunctionName, graphFunctionNames, iamStatements } from '../../deploy/graph/policies.ts';
import type { PolicyBuckets } from '../../deploy/graph/statement.ts';
import type { FunctionProps } from '../../deploy/template.ts';
import { checkTerraform } from './schema.ts';
import { functionUrn, jsonText, literalText, quotedText } from './terraform-text.ts';
import { type EventAnswers, triggersOf, usesEventGrid } from './terraform-triggers.ts';

/** The answers that main.tf.json is made from, beside the s.yaml that ships. */
export interface GraphAnswers extends PolicyBuckets, EventAnswers {}

/**
 * Returns main.tf.json for FunctionGraph: functions, triggers, agencies and policies. Names, timeouts, memory, settings and
 * schedules are those of s.yaml. The text is the same for the same input. Pure.
 * @param functions the resources of s.yaml by their names
 * @throws HoldfastError TEMPLATE_INVALID when a name or a value does not fit
 */
export function terraformText(functions: ReadonlyMap<string, FunctionProps>, answers: GraphAnswers): string {
  return `${JSON.stringify(checkTerraform(documentOf(functions, answers)), null, 2)}\n`;
}

function documentOf(functions: ReadonlyMap<string, FunctionProps>, answers: GraphAnswers) {
  const parts = graphFunctionNames.map((name) => partOf(name, propsOf(functions, name)));
  const eventGrid = usesEventGrid(answers);
  const each = <Value>(make: (part: Part) => Value) =>
    Object.fromEntries(parts.map((part) => [part.id, make(part)]));
  return {
    '//': 'Written by `holdfast init --cloud obs` from the same data as s.yaml.',
    terraform: {
      required_version: '>= 1.3.0',
      required_providers: {
        huaweicloud: { source: 'huaweicloud/huaweicloud', version: '>= 1.78.1' },
        archive: { source: 'hashicorp/archive', version: '>= 2.4.0' },
      },
    },
    variable: {
      region: {
        type: 'string',
        description: 'Region of the buckets and the functions',
        default: literalText(answers.region),
      },
      ...(eventGrid && {
        eventgrid_agency: {
          type: 'string',
          description: 'Agency by which EventGrid invokes functions; the console of EventGrid makes it',
        },
      }),
    },
    provider: { huaweicloud: { region: regionVariable } },
    data: {
      archive_file: each(({ name, id }) => ({
        type: 'zip',
        source_dir: `\${path.module}/dist/huawei/${name}`,
        output_path: `\${path.module}/.terraform/${id}.zip`,
      })),
      ...(eventGrid && {
        huaweicloud_eg_event_channels: { official: { provider_type: 'OFFICIAL', name: 'default' } },
      }),
    },
    resource: {
      huaweicloud_identity_role: rolesOf(parts, answers),
      huaweicloud_identity_agency: each(agencyOf),
      huaweicloud_fgs_function: each(functionOf),
      huaweicloud_fgs_async_invoke_configuration: each(asynchronousOf),
      huaweicloud_fgs_function_trigger: triggersOf(parts, answers),
    },
  };
}

interface Part {
  readonly name: GraphFunctionName;
  /** The name of its resources in Terraform. */
  readonly id: string;
  readonly props: FunctionProps;
  /** true: its failures go to dead-letter. */
  readonly isDelivered: boolean;
}

const partOf = (name: GraphFunctionName, props: FunctionProps): Part => ({
  name,
  id: name.replaceAll('-', '_'),
  props,
  isDelivered: props.asyncInvokeConfig.destinationConfig !== undefined,
});

function propsOf(functions: ReadonlyMap<string, FunctionProps>, name: string): FunctionProps {
  const props = functions.get(name);
  if (props === undefined) throw new Error(`s.yaml that ships: resources.${name} is not there`);
  return props;
}

const regionVariable = `\${var.region}`;
const destination = 'dead_letter';

const functionOf = ({ name, id, props }: Part) => ({
  name: props.functionName,
  app: 'default',
  description: literalText(props.description ?? ''),
  functiongraph_version: 'v2',
  runtime: 'Node.js20.15',
  handler: props.handler,
  ...(props.instanceLifecycleConfig && {
    initializer_handler: props.instanceLifecycleConfig.initializer.handler,
    initializer_timeout: props.instanceLifecycleConfig.initializer.timeout ?? 30,
  }),
  memory_size: props.memorySize,
  timeout: props.timeout,
  agency: `\${huaweicloud_identity_agency.${id}.name}`,
  code_type: 'zip',
  code_filename: `${name}.zip`,
  func_code: `\${filebase64(data.archive_file.${id}.output_path)}`,
  user_data: `\${jsonencode({${Object.entries(props.environmentVariables)
    .map(
      ([key, value]) =>
        `${quotedText(key)} = ${key === 'HOLDFAST_REGION' ? 'var.region' : quotedText(value)}`,
    )
    .join(', ')}})}`,
});

function rolesOf(parts: readonly Part[], answers: GraphAnswers) {
  const own = parts.map(({ name, id, props }) => [
    id,
    {
      name: props.functionName,
      description: `What ${props.functionName} may do in OBS`,
      type: 'AX',
      policy: jsonText({ Version: '1.1', Statement: iamStatements(name, answers) }),
    },
  ]);
  // "FunctionGraph Resources": FUNCTIONGRAPH:*:*:function:APPLICATION/FUNCTION. Pages spell the one application either way.
  const keepers = parts.filter(({ name }) => name === 'dead-letter').map(({ props }) => props.functionName);
  const Resource = keepers.flatMap((keeper) =>
    ['default', 'Default'].map((application) => `FUNCTIONGRAPH:*:*:function:${application}/${keeper}`),
  );
  const invoking = {
    name: 'holdfast-invoke',
    description: 'To hand failed events on to the function that keeps them',
    type: 'XA',
    policy: jsonText({
      Version: '1.1',
      Statement: [{ Effect: 'Allow', Action: ['functiongraph:function:invokeAsync'], Resource }],
    }),
  };
  return Object.fromEntries([...own, ['invoke', invoking]]);
}

const agencyOf = ({ id, props, isDelivered }: Part) => ({
  name: props.functionName,
  description: `Taken on by FunctionGraph for ${props.functionName}`,
  delegated_service_name: 'op_svc_cff',
  domain_roles: [`\${huaweicloud_identity_role.${id}.name}`],
  ...(isDelivered && {
    project_role: [{ project: regionVariable, roles: [`\${huaweicloud_identity_role.invoke.name}`] }],
  }),
});

/** FunctionGraph repeats three times at most, and keeps an event for a day at most. */
const asynchronousOf = ({ id, props: { asyncInvokeConfig: asynchronous }, isDelivered }: Part) => ({
  function_urn: `\${${functionUrn(id)}}`,
  max_async_retry_attempts: Math.min(asynchronous.maxAsyncRetryAttempts, 3),
  max_async_event_age_in_seconds: Math.min(asynchronous.maxAsyncEventAgeInSeconds, 86_400),
  ...(isDelivered && {
    on_failure: {
      destination: 'FunctionGraph',
      param: `\${jsonencode({"func_urn" = ${functionUrn(destination)}})}`,
    },
  }),
});
