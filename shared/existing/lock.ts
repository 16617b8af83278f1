import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { failure } from '../platform/errors.ts';

/**
 * Makes sure that no other process of this machine works with a file, until this one ends, however it ends. The lock is
 * an address that it listens on: the system gives it back at once after a kill, which no lock file does. Processes of
 * other machines, or of containers with a network of their own, are not noticed.
 * @throws CHECKPOINT_IN_USE, CHECKPOINT_UNUSABLE when its folder cannot be made
 */
export async function holdFile(file: string): Promise<void> {
  const folder = await makeFolder(dirname(file)).catch((cause: Error) => {
    throw failure('CHECKPOINT_UNUSABLE', { file, reason: cause.message }, { cause });
  });
  const path = join(folder, basename(file));
  const address = addressOf(createHash('sha256').update(path).digest('hex').slice(0, 32));
  if (await listen(address)) return;
  const left = !(await isAnswering(address));
  if (left) await rm(address, { force: true }); // by a process that was killed, where addresses are files
  if (!left || !(await listen(address))) throw failure('CHECKPOINT_IN_USE', { file });
}

/** @returns its one name, whichever way leads there */
async function makeFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return await realpath(folder);
}

/** Linux has names that are not files (unix(7), abstract sockets), Windows pipes; both go with their process. */
function addressOf(name: string): string {
  if (process.platform === 'linux') return `\0holdfast-${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\holdfast-${name}`;
  return join(tmpdir(), `holdfast-${name}.sock`);
}

/** @returns whether the address was free; it is this process's then */
async function listen(address: string): Promise<boolean> {
  const server = createServer((socket) => socket.destroy()).unref();
  const listening = once(server, 'listening');
  server.listen(address);
  try {
    await listening;
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
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
