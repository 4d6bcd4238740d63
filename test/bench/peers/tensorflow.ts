// TensorFlow.js as a peer: BACKEND KIND DRAWS DATA.json → lines as in protocol.py. It has no inference: model, mean-field guide and bound are
// written by hand, as a user would; its gradients and its Adam do the rest.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { answer, say } from "../answer.ts";
import { NODE_PEERS } from "../systems.ts";

type Tensor = any; // The package is no dependency of the project: its types are not there.
type Data = Readonly<Record<string, number[]>>;
/** Unconstrained coordinates, and log p(x, data) of draws [draws, size] with Jacobians, [draws]. */
type Density = { readonly size: number; readonly logp: (x: Tensor) => Tensor };

const [backend = "", kind = "", drawsText = "1", path = ""] = process.argv.slice(2);
const load = createRequire(resolve(NODE_PEERS, "package.json"));
const tf: Tensor = load("@tensorflow/tfjs");
const LOG_2PI = Math.log(2 * Math.PI);

const normal = (x: Tensor, sd: Tensor | number): Tensor =>
  tf.sub(-LOG_2PI / 2, tf.add(tf.log(sd), tf.mul(0.5, tf.square(tf.div(x, sd)))));
const column = (x: Tensor, at: number, count = 1): Tensor => tf.slice(x, [0, at], [-1, count]);
const addUp = (...terms: readonly Tensor[]): Tensor => terms.map((t) => tf.sum(t, 1)).reduce((a, b) => tf.add(a, b));

function eightSchools({ y, sigma }: Data): Density {
  const [ys, sds, J] = [tf.tensor1d(y), tf.tensor1d(sigma), y!.length];
  return {
    size: J + 2,
    logp: (x) => {
      const [mu, logTau, z] = [column(x, 0), column(x, 1), column(x, 2, J)];
      const tau = tf.exp(logTau);
      const cauchy = tf.sub(Math.log(2 / (5 * Math.PI)), tf.log1p(tf.square(tf.div(tau, 5))));
      const errors = tf.sub(ys, tf.add(mu, tf.mul(tau, z)));
      return addUp(normal(mu, 5), tf.add(cauchy, logTau), normal(z, 1), normal(errors, sds));
    },
  };
}

function logistic(data: Data): Density {
  const [x, answers] = [tf.tensor2d(data["x"]), tf.tensor1d(data["switched"])];
  return {
    size: x.shape[1],
    logp: (beta) => {
      const logits = tf.matMul(beta, x, false, true);
      return addUp(normal(beta, 10), tf.sub(tf.mul(answers, logits), tf.softplus(logits)));
    },
  };
}

function radon({ county_idx, floor_measure, log_radon, J }: Data): Density {
  const [floor, y, counties] = [tf.tensor1d(floor_measure), tf.tensor1d(log_radon), J as unknown as number];
  // The wasm backend has no gradient of a gather: members are picked by a product instead.
  const picks = tf.oneHot(
    county_idx!.map((c) => c - 1),
    counties,
  );
  const halfNormal = (u: Tensor): Tensor => tf.add(tf.add(normal(tf.exp(u), 1), Math.LN2), u);
  return {
    size: counties + 4,
    logp: (x) => {
      const [logSd, logSdAlpha, mu, beta, raw] = [0, 1, 2, 3].map((i) => column(x, i)).concat(column(x, 4, counties));
      const alpha = tf.add(mu, tf.mul(tf.exp(logSdAlpha), raw));
      const errors = tf.sub(y, tf.add(tf.matMul(alpha, picks, false, true), tf.mul(beta, floor)));
      const priors = addUp(halfNormal(logSd), halfNormal(logSdAlpha), normal(mu, 10), normal(beta, 10), normal(raw, 1));
      return tf.add(priors, addUp(normal(errors, tf.exp(logSd))));
    },
  };
}

async function choose(): Promise<void> {
  if (backend === "wasm") {
    const wasm: Tensor = load("@tensorflow/tfjs-backend-wasm");
    wasm.setWasmPaths(resolve(NODE_PEERS, "node_modules/@tensorflow/tfjs-backend-wasm/dist") + "/");
  }
  await tf.setBackend(backend);
  await tf.ready();
}

const kinds: Readonly<Record<string, (data: Data) => Density>> = { "eight-schools": eightSchools, logistic, radon };

await choose();
const data = JSON.parse(readFileSync(path, "utf8")) as Data;
const loaded = performance.now();
const { size, logp } = kinds[kind]!(data);
const [mean, logSd] = [tf.variable(tf.zeros([1, size])), tf.variable(tf.fill([1, size], Math.log(0.1)))];
const negative = (draws: number): Tensor => {
  const x = tf.add(mean, tf.mul(tf.exp(logSd), tf.randomNormal([draws, size])));
  const entropy = tf.add(tf.sum(logSd), (size * (1 + LOG_2PI)) / 2);
  return tf.neg(tf.add(tf.mean(logp(x)), entropy));
};
const adam = tf.train.adam(0.01);
let value = NaN;
const run = (steps: number): void => {
  for (let i = 0; i < steps; i++) {
    const loss = adam.minimize(() => negative(Number(drawsText)), true);
    [value] = loss.dataSync();
    loss.dispose();
  }
};
run(1);
if (!Number.isFinite(value)) throw new Error("the first step's loss is not finite");
say({ load: loaded / 1000, compile: (performance.now() - loaded) / 1000 });
await answer(run, (draws) => -tf.tidy(() => negative(draws).dataSync()[0]));
