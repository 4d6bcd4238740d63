// `npm run bench:peers`: installs what Variate is compared with into folders that git ignores. What cannot be installed is told, not fatal.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { NODE_PEERS, PYTHON, stanMissing } from "./systems.ts";

const PYTHON_PACKAGES = ["numpyro==0.22.0", "jax[cpu]==0.10.2", "optax==0.2.8"];
/** Some 3 GB: the package of torch holds its libraries for graphics cards, too. */
const PYRO = ["torch==2.15.0", "pyro-ppl==1.9.2"];
const NODE_PACKAGES = ["@tensorflow/tfjs@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0", "webppl@0.9.15"];
const STAN_MODELS = ["eight-schools", "logistic", "radon", "autoregression"];
const STAN_HINT =
  "Stan: install R with rstan and jsonlite, then run this again. On Debian: apt-get install r-base-core r-cran-rstan r-cran-bh r-cran-rcppeigen\n" +
  "r-cran-jsonlite libboost-dev g++ make. BOOST_INC names the folder that holds boost/ where that is not /usr/include.";

function run(what: string, command: string, args: readonly string[]): boolean {
  console.log(`${what} …`);
  const { status } = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) console.log(`${what}: failed; the bench will say that it is missing`);
  return status === 0;
}

function python(packages: readonly string[]): void {
  const made = existsSync(PYTHON) || run("Python environment", "python3", ["-m", "venv", dirname(dirname(PYTHON))]);
  if (made) run(packages.join(", "), PYTHON, ["-m", "pip", "install", "--quiet", ...packages]);
}

python(PYTHON_PACKAGES);
if (process.argv.includes("--pyro")) python(PYRO);
else console.log("Pyro: `npm run bench:peers -- --pyro` installs it (3 GB)");
mkdirSync(NODE_PEERS, { recursive: true });
run(NODE_PACKAGES.join(", "), "npm", ["install", "--prefix", NODE_PEERS, "--no-audit", "--no-fund", ...NODE_PACKAGES]);
if (stanMissing() === null)
  for (const kind of STAN_MODELS)
    run(`Stan model ${kind}`, "Rscript", ["test/bench/peers/stan_worker.R", "--compile", kind]);
else console.log(STAN_HINT);
