/** `plain-main.ts FOLDER ADDRESS:PORT`: a server of files, with nothing of a Prism in it. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseEndpoint } from '../prism/plan.ts';
import { formatEndpointAddress } from '../socket-address.ts';

const [folder = '.', at = ''] = process.argv.slice(2);
const end = parseEndpoint(at);
if (end === undefined) throw new Error(`${at} is no endpoint`);

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://x');
  readFile(join(folder, pathname)).then(
    (octets) => response.end(octets),
    () => response.writeHead(404).end(),
  );
});
server.listen({ host: formatEndpointAddress(end), port: end.port });
