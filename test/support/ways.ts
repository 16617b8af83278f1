import type { Connections } from '../../shared/storage/oss/connections.ts';
import { undiciConnections } from '../../shared/storage/oss/undici-connections.ts';

/** The ways to the service that Holdfast has, by name: that of the functions, and that of commands with many requests. */
export const ways: readonly (readonly [string, () => Connections | undefined])[] = [
  ['node:http', () => undefined],
  ['undici', undiciConnections],
];
