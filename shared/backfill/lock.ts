import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { failure } from '../platform/errors.ts';
import { makeFolders } from './make-folders.ts';

/**
 * Makes sure that nobody else on this machine works with a file, until it is released or this process ends, however it ends. The lock is
 * an address that it listens on: the system gives it back at once after a kill, which no lock file does. Processes of
 * other machines, or of containers with a network of their own, are not noticed.
 * @throws CHECKPOINT_IN_USE, CHECKPOINT_UNUSABLE when its folder cannot be made
 */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const folder = await makeFolder(dirname(file)).catch((cause: Error) => {
    throw failure('CHECKPOINT_UNUSABLE', { file, reason: cause.message }, { cause });
  });
  const path = join(folder, basename(file));
  const address = addressOf(createHash('sha256').update(path).digest('hex').slice(0, 32));
  const lock = (await listen(address)) ?? (await listenAgain(address));
  if (lock === undefined) throw failure('CHECKPOINT_IN_USE', { file });
  return () => new Promise((resolve) => lock.close(() => resolve()));
}

/** Takes over the address of a process that was killed, where addresses are files. */
async function listenAgain(address: string): Promise<Server | undefined> {
  if (await isAnswering(address)) return undefined;
  await rm(address, { force: true });
  return await listen(address);
}

/** @returns its one name, whichever way leads there */
async function makeFolder(folder: string): Promise<string> {
  await makeFolders(folder);
  return await realpath(folder);
}

/** Linux has names that are not files (unix(7), abstract sockets), Windows pipes; both go with their process. */
function addressOf(name: string): string {
  if (process.platform === 'linux') return `\0holdfast-${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\holdfast-${name}`;
  return join(tmpdir(), `holdfast-${name}.sock`);
}

/** @returns the holder of the address; undefined when it was not free */
async function listen(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy()).unref();
  const listening = once(server, 'listening');
  server.listen(address);
  try {
    await listening;
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

async function isAnswering(address: string): Promise<boolean> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
