// A bare `node:http` server to compare with: reads the request's body, answers with as many octets as the path says
// (POST /123), with the headers that a CSP answer has. Says its port on the first line.

import { createServer } from 'node:http';

const bodies = new Map<string, Buffer>();
const bodyFor = (path: string): Buffer => {
  const known = bodies.get(path);
  if (known) return known;
  const made = Buffer.alloc(Number(path.slice(1)), 0x20);
  bodies.set(path, made);
  return made;
};

const server = createServer({ keepAliveTimeout: 320_000 }, (request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    Buffer.concat(pieces);
    const body = bodyFor(request.url ?? '/0');
    response.writeHead(200, { 'Content-Type': 'application/vnd.wv.csp.xml', 'Content-Length': body.length });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address ? address.port : 0);
});
