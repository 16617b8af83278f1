import type { FunctionProps, Trigger } from '../deploy/template.ts';
import type { DeployedTrigger } from '../invoke/catalog-port.ts';
import { differences } from './compare.ts';
import { type Check, each, type Finding, linesOf } from './finding.ts';
import { functionName } from './functions.ts';

const lines = linesOf('trigger');

/** Every trigger of s.yaml is in place, as s.yaml gives it, and no other fires the functions. */
export const triggersCheck: Check = {
  name: 'trigger',
  async run({ template, catalog }) {
    const [{ functions }, deployed] = await Promise.all([template.need(), catalog.need()]);
    return await each(lines, functions, functionName, async (props) => {
      const found = await deployed.listTriggers(props.functionName);
      const others = found.filter(
        ({ triggerName }) => !props.triggers.some((trigger) => trigger.triggerName === triggerName),
      );
      return [
        ...props.triggers.map((trigger) => judge(props, trigger, found)),
        ...others.map(({ triggerName }) =>
          lines.warning(
            `${props.functionName}/${triggerName}`,
            'is in place, and s.yaml does not know it',
            'add it to s.yaml, or remove it in the console',
          ),
        ),
      ];
    });
  },
};

function judge(props: FunctionProps, trigger: Trigger, deployed: readonly DeployedTrigger[]): Finding {
  const about = `${props.functionName}/${trigger.triggerName}`;
  const found = deployed.find(({ triggerName }) => triggerName === trigger.triggerName);
  if (found === undefined) return lines.failure(about, 'is not in place', 'npx s deploy');
  const odd = differences({
    type: [trigger.triggerType, found.triggerType],
    ...(trigger.triggerType === 'oss' && {
      sourceArn: [trigger.sourceArn, found.sourceArn],
      invocationRole: [trigger.invocationRole, found.invocationRole],
    }),
    ...configuration(trigger.triggerConfig, found.config),
  });
  if (odd === undefined) return lines.ok(about, 'is in place as s.yaml says');
  return lines.failure(about, `differs from s.yaml: ${odd}`, 'npx s deploy, or correct s.yaml');
}

/** What s.yaml gives; the service may show more, such as its defaults. */
function configuration(wanted: object, found: unknown) {
  const shown: Readonly<Record<string, unknown>> = Object(found);
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, [value, shown[name]] as const]),
  );
}
