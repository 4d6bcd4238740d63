// WebPPL as a peer: KIND DATA.json → lines as in protocol.py. `Optimize` with its automatic mean-field guide; only its own time counts.
// Parameters begin anew at every question, so there is no ELBO to ask for at the end.

const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");
const webppl = require("../.peers/node_modules/webppl/src/main.js");

const [kind, path] = process.argv.slice(2);
const data = JSON.parse(readFileSync(path, "utf8"));
// The program reads its data and how long to run from here.
globalThis.bench = {
  steps: 1,
  clocks: () => ({ wall: performance.now() / 1000, cpu: process.cpuUsage().user / 1e6 }),
  schools: kind === "eight-schools" ? data.y.map((y, j) => ({ y, s: data.sigma[j] })) : [],
  rows: kind === "logistic" ? data.x.map((x, i) => ({ x, b: Boolean(data.switched[i]) })) : [],
};

const models = {
  // There is no half Cauchy: log tau has a wide normal, and the factor puts the half Cauchy in its place.
  "eight-schools": `
    var mu = sample(Gaussian({ mu: 0, sigma: 5 }));
    var u = sample(Gaussian({ mu: 0, sigma: 10 }));
    var tau = Math.exp(u);
    factor(u - Math.log(1 + tau * tau / 25) + u * u / 200);
    mapData({ data: bench.schools }, function (d) {
      var z = sample(Gaussian({ mu: 0, sigma: 1 }));
      observe(Gaussian({ mu: mu + tau * z, sigma: d.s }), d.y);
    });`,
  logistic: `
    var b = repeat(4, function () { return sample(Gaussian({ mu: 0, sigma: 10 })); });
    mapData({ data: bench.rows }, function (d) {
      var logit = b[0] * d.x[0] + b[1] * d.x[1] + b[2] * d.x[2] + b[3] * d.x[3];
      observe(Bernoulli({ p: 1 / (1 + Math.exp(-logit)) }), d.b);
    });`,
};
const program = `
  var model = function () { ${models[kind]} };
  var began = bench.clocks();
  Optimize({ model: model, steps: bench.steps, estimator: { ELBO: { samples: 1 } }, optMethod: { adam: { stepSize: 0.01 } }, verbose: false });
  var ended = bench.clocks();
  ({ seconds: ended.wall - began.wall, cpu: ended.cpu - began.cpu })`;

const timed = (steps) =>
  new Promise((resolve) => {
    globalThis.bench.steps = steps;
    webppl.run(program, (_, found) => resolve(found), { debug: false });
  });
const say = (reply) => process.stdout.write(`${JSON.stringify(reply)}\n`);

async function main() {
  const loaded = performance.now();
  await timed(1);
  say({ load: loaded / 1000, compile: (performance.now() - loaded) / 1000 });
  let steps = 1;
  for await (const line of createInterface({ input: process.stdin })) {
    const ask = JSON.parse(line);
    if (ask.ask === "elbo") {
      say({ megabytes: (await import("../peak-memory.mjs")).peakMegabytes() });
      continue;
    }
    let found = await timed(steps);
    while (found.seconds < 0.5 * ask.seconds) {
      steps = Math.ceil(steps * Math.min(20, ask.seconds / Math.max(found.seconds, 0.01)));
      found = await timed(steps);
    }
    say({ steps, ...found });
  }
}

void main();
