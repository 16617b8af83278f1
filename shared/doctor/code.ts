import type { FunctionProps } from '../deploy/template.ts';
import { deployCommand } from '../deploy/tools.ts';
import type { FunctionCatalog } from '../function-compute/catalog-port.ts';
import { parseObjectAddress } from '../platform/address.ts';
import { quantity } from '../platform/quantity.ts';
import { hashRules } from '../rules/hash-rules.ts';
import { rulesFrom } from '../rules/read.ts';
import type { StorageReads } from '../storage/port.ts';
import { type Check, type DoctorFinding, findingsForEach, linesOf } from './finding.ts';
import { functionName } from './functions.ts';

const code = linesOf('code');

/** Checks that what is deployed is what is built here, file by file; the rules among it have a line of their own. */
export const codeCheck: Check = {
  name: 'code',
  async run({ template, catalog, builtFiles }) {
    const [{ functions }, deployed] = await Promise.all([template.need(), catalog.need()]);
    return await findingsForEach(code, functions, functionName, async (props) => {
      const name = props.functionName;
      const built = await builtFiles(props.code);
      if (built === undefined)
        return code.unchecked(
          name,
          `is not built in ${props.code}`,
          'holdfast bundle, or npm run build in a checkout',
        );
      const found = await deployed.getCode(name);
      const odd = [...built].filter(
        ([path, bytes]) => path !== rulesFile(props) && !isEqual(bytes, found.get(path)),
      );
      if (odd.length === 0) return code.ok(name, `is what is built here: ${quantity(built.size, 'file')}`);
      const paths = odd.map(([path]) => path).join(', ');
      return code.failure(name, `is not what is built here: ${paths}`, deployCommand);
    });
  },
};

const isEqual = (one: Uint8Array, other: Uint8Array | undefined): boolean =>
  other !== undefined && Buffer.compare(one, other) === 0;

const deployedRules = linesOf('deployed rules');

/** The rules that each function goes by mean what the rules here mean. */
export const deployedRulesCheck: Check = {
  name: 'deployed rules',
  async run({ template, catalog, rules, storage }) {
    const [{ functions }, deployed, here] = await Promise.all([
      template.need(),
      catalog.need(),
      rules.need(),
    ]);
    return await findingsForEach(
      deployedRules,
      functions,
      functionName,
      async (props): Promise<DoctorFinding> => {
        const place = rulesFile(props);
        const text = await rulesText(props, place, deployed, storage);
        const name = props.functionName;
        if (text === undefined)
          return deployedRules.failure(name, `there is no ${place} in its code`, deployCommand);
        if (hashRules(rulesFrom(text, place)) === hashRules(here)) {
          return deployedRules.ok(name, `${place} says the same as the rules here`);
        }
        const mend = parseObjectAddress(place) ? `ossutil cp rules.yaml ${place}` : deployCommand;
        return deployedRules.failure(name, `${place} says something else than the rules here`, mend);
      },
    );
  },
};

/** Finds the rules as the function does: at a path inside its code, or as an object. */
const rulesFile = ({ environmentVariables }: FunctionProps): string =>
  environmentVariables['HOLDFAST_RULES'] || 'rules.yaml';

async function rulesText(
  { functionName: name }: FunctionProps,
  place: string,
  deployed: FunctionCatalog,
  storage: StorageReads,
): Promise<string | undefined> {
  const at = parseObjectAddress(place);
  if (at === undefined) {
    const bytes = (await deployed.getCode(name)).get(place);
    return bytes && Buffer.from(bytes).toString('utf8');
  }
  const found = await storage.readText(at);
  return found === 'unchanged' ? undefined : found.text;
}
