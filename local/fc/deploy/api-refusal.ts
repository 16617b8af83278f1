import type { Refusal } from '../signature-refusal.ts';

/** A call that the API refuses. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';

  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

/** Makes the refusal of something that the service would not take either. */
export const invalidArgument = (message: string): ApiRefusal =>
  new ApiRefusal({ status: 400, code: 'InvalidArgument', message });

/** Makes the refusal of a call about something that does not exist. */
export const notFound = (code: string, message: string): ApiRefusal =>
  new ApiRefusal({ status: 404, code, message });

/** Makes the refusal of something that the service takes, and the embedded cloud does not serve. */
export const notServedHere = (message: string): ApiRefusal =>
  new ApiRefusal({ status: 501, code: 'NotImplemented', message });
