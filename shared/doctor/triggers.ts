import { basename } from 'node:path';
import type { FunctionProps, Trigger } from '../deploy/template.ts';
import { deployCommand, serverlessDevs } from '../deploy/tools.ts';
import type { DeployedTrigger } from '../function-compute/catalog-port.ts';
import { settingDifferences } from './compare.ts';
import { type Check, type DoctorFinding, findingsForEach, linesOf } from './finding.ts';
import { functionName } from './functions.ts';

const lines = linesOf('trigger');

/** Every trigger of s.yaml is in place, as s.yaml gives it, and no other fires the functions. */
export const triggersCheck: Check = {
  name: 'trigger',
  async run({ template, catalog }) {
    const [{ functions }, deployed] = await Promise.all([template.need(), catalog.need()]);
    return await findingsForEach(lines, functions, functionName, async (props) => {
      const found = await deployed.listTriggers(props.functionName);
      const others = found.filter(
        ({ triggerName }) => !props.triggers.some((trigger) => trigger.triggerName === triggerName),
      );
      return [
        ...props.triggers.map((trigger) => judge(props, trigger, found)),
        ...others.map((trigger) => stranger(props, trigger)),
      ];
    });
  },
};

/**
 * A trigger that s.yaml does not know stays in place: no deployment removes one. It fires the function for its bucket still,
 * with rules that may know nothing of that bucket any more.
 */
function stranger(
  { functionName: name, code }: FunctionProps,
  { triggerName, sourceArn }: DeployedTrigger,
): DoctorFinding {
  const bucket = sourceArn?.split(':').at(-1);
  const fires = bucket === undefined ? '' : ` and fires for bucket ${bucket}`;
  return lines.warning(
    `${name}/${triggerName}`,
    `is in place${fires}, and s.yaml does not know it`,
    `${serverlessDevs} ${basename(code)} remove --trigger ${triggerName} -y, or add it to s.yaml`,
  );
}

function judge(props: FunctionProps, trigger: Trigger, deployed: readonly DeployedTrigger[]): DoctorFinding {
  const about = `${props.functionName}/${trigger.triggerName}`;
  const found = deployed.find(({ triggerName }) => triggerName === trigger.triggerName);
  if (found === undefined) return lines.failure(about, 'is not in place', deployCommand);
  if (trigger.triggerType === 'oss' && isMoved(trigger.sourceArn, found.sourceArn)) {
    const mend =
      `give it another name in s.yaml, such as one with its bucket, then ${deployCommand}; then ` +
      `${serverlessDevs} ${basename(props.code)} remove --trigger ${trigger.triggerName} -y`;
    return lines.failure(about, `is of ${found.sourceArn}, and no deployment moves a trigger`, mend);
  }
  const odd = settingDifferences({
    type: [trigger.triggerType, found.triggerType],
    ...(trigger.triggerType === 'oss' && {
      sourceArn: [trigger.sourceArn, found.sourceArn],
      invocationRole: [trigger.invocationRole, found.invocationRole],
    }),
    ...configuration(trigger.triggerConfig, found.config),
  });
  if (odd === undefined) return lines.ok(about, 'is in place as s.yaml says');
  return lines.failure(about, `differs from s.yaml: ${odd}`, `${deployCommand}, or correct s.yaml`);
}

/** UpdateTrigger takes no sourceArn (fc20230330, UpdateTriggerInput), so the bucket of a trigger never changes. */
const isMoved = (wanted: string, found: string | undefined): boolean =>
  found !== undefined && wanted.split(':').at(-1) !== found.split(':').at(-1);

/** Tells what s.yaml gives; the service may show more, such as its defaults. */
function configuration(wanted: object, found: unknown) {
  const shown: Readonly<Record<string, unknown>> = Object(found);
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, [value, shown[name]] as const]),
  );
}
