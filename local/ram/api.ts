import { randomUUID } from 'node:crypto';
import type { RamAccount } from './account.ts';
import { attachmentActions } from './attachment-actions.ts';
import { type RamAction, type RamParameters, RamRefusal } from './call.ts';
import { policyActions } from './policy-actions.ts';
import { roleActions } from './role-actions.ts';

/** An answer of RAM: the status and the body, which the service sends as JSON. */
export interface RamAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The version of RAM's API. */
export const ramVersion = '2015-05-01';

/**
 * RAM's API as far as Holdfast's set-up, `holdfast doctor` and tests call it: roles, custom policies with their versions, and
 * what is attached to what (RAM 2015-05-01).
 */
export function createRamApi(
  ram: RamAccount,
  { accountId, now }: { readonly accountId: string; now(): Date },
) {
  const place = { accountId, time: () => `${now().toISOString().slice(0, 19)}Z` };
  const actions: Readonly<Record<string, RamAction>> = {
    ...roleActions(ram, place),
    ...policyActions(ram, place),
    ...attachmentActions(ram),
  };

  return (name: string, parameters: RamParameters): RamAnswer => {
    const RequestId = randomUUID();
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    try {
      if (!action) throw new RamRefusal(404, 'InvalidAction.NotFound', `There is no action ${name} here.`);
      return { status: 200, body: { RequestId, ...action(parameters) } };
    } catch (error) {
      if (!(error instanceof RamRefusal)) throw error;
      const { status, code: Code, message: Message } = error;
      return { status, body: { RequestId, HostId: 'ram.aliyuncs.com', Code, Message } };
    }
  };
}
