import { bareClient } from './figures/bare-client.ts';
import { inTurns } from './figures/in-turns.ts';

/** A bare client as a process of its own, beside `holdfast protect`: it is told the keys, and sends what a run sends about each object. */
const [port, objects, mode] = process.argv.slice(2);
const underWay = 64;
const client = bareClient(Number(port), underWay);
await inTurns(Number(objects), underWay, (key) =>
  mode === 'look' ? client.headAndPut(key) : client.put(key),
);
client.close();
