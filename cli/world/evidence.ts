import type { AuditRecord } from '../../shared/audit/file.ts';
import type { AuditDeps } from '../../shared/audit/keep-file.ts';
import { fileTrail, openTrail } from '../../shared/audit/trail.ts';
import { createAuditWriter } from '../../shared/audit/writer.ts';
import { type HoldfastError, hasCode } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import { visibleJson } from '../../shared/platform/visible.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { note } from '../terminal/output.ts';

/** Evidence of what a command does, if the rules say where. Each record names the access key that was used. */
export interface Evidence {
  /** @throws AUDIT_UNWRITTEN, after the records went to standard error, whole */
  keep(records: readonly AuditRecord[]): Promise<void>;
  /**
   * Does something, and keeps how it ended.
   * @param about the record, as far as it is known before
   * @param told what the result adds to it
   */
  of<Result>(
    about: AuditRecord,
    work: () => Promise<Result>,
    told: (result: Result) => AuditRecord,
  ): Promise<Result>;
}

/** @param by the command, such as `holdfast apply` */
export function evidenceOf(by: string, deps: AuditDeps & Pick<Cloud, 'caller'>): Evidence {
  const writer = createAuditWriter(by);
  let isBegun = false;
  const file = async (records: readonly AuditRecord[]): Promise<HoldfastError | undefined> => {
    const trail = openTrail(deps);
    // The text of the rules goes into the first file of a command alone.
    if (!isBegun) trail.tellRules();
    const who = deps.caller();
    for (const record of records) trail.add({ ...record, ...who });
    const { files, lost, error } = await fileTrail(writer, deps, trail);
    isBegun ||= files.length > 0;
    for (const record of lost) say('not in the audit', { record });
    for (const { bucket, key, errors } of files) {
      for (const trouble of errors) {
        say('evidence is not under retention', { bucket, key, ...errorFields(trouble) });
      }
    }
    return error;
  };
  const keep: Evidence['keep'] = async (records) => {
    const error = await file(records);
    if (error !== undefined) throw error;
  };
  return {
    keep,
    async of(about, work, told) {
      try {
        const result = await work();
        await keep([{ ...about, ...told(result) }]);
        return result;
      } catch (error) {
        if (!hasCode(error, 'AUDIT_UNWRITTEN')) await file([{ ...about, ...errorFields(error) }]);
        throw error;
      }
    },
  };
}

const say = (what: string, fields: Readonly<Record<string, unknown>>): void => {
  note(`${what}: ${visibleJson(JSON.stringify(fields))}`);
};
