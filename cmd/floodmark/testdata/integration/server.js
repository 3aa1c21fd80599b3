// A server on a free port of loopback that logs every request it has answered to
// the file named on its command line, as "METHOD PATH STATUS". It prints its port.
// SIGUSR2 closes the connections that are idle, SIGTERM ends it.
"use strict";

const fs = require("node:fs");
const http = require("node:http");

const log = fs.createWriteStream(process.argv[2]);

const statuses = { "/ok": 200, "/submit": 200, "/broken": 500, "/moved": 301 };

const server = http.createServer((request, response) => {
  const status = statuses[request.url] ?? 404;
  response.on("finish", () => log.write(`${request.method} ${request.url} ${status}\n`));
  request.resume();
  request.on("end", () => {
    if (status === 301) response.setHeader("Location", "/ok");
    response.writeHead(status, { "Content-Type": "text/plain" });
    response.end(`status ${status}\n`);
  });
});

server.maxRequestsPerSocket = 7; // connections end often
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

process.on("SIGUSR2", () => server.closeIdleConnections());
process.on("SIGTERM", () => {
  server.close(() => log.end(() => process.exit(0)));
  server.closeIdleConnections();
});
