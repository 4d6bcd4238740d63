// The words of the command line: commands, options, and what is refused. Everything heavy loads when its command runs.

import { Command } from "commander";
import {
  addCompileOptions,
  addDataOption,
  addFitOptions,
  addStageOption,
  addViewOptions,
  countFrom,
  seedOption,
  threadsOption,
} from "./options.ts";
import { reportFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { version } from "./package-file.ts";
import type { View } from "./view.ts";
import { viewOf } from "./view.ts";

/** Runs one command line and returns the exit code: 0 fine, 1 error, 2 fitted but a diagnostic failed. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const outcome: Outcome = { exit: 0 };
  try {
    const root = program(io, outcome);
    if (argv.length === 0) {
      io.err(root.helpInformation());
      return 1;
    }
    await root.parseAsync(argv, { from: "user" });
    return outcome.exit;
  } catch (error) {
    return reportFailure(error, viewOf({ json: argv.includes("--json"), quiet: argv.includes("--quiet") }, io));
  }
}

/** Where the action of a command leaves its exit code. */
type Outcome = { exit: number };

/** `run` gets the positional argument, the options, and where to show things. */
type Action = (argument: never, options: never, view: View) => Promise<number>;

const MODEL = "a .ppl file, or a folder with model.ppl and data.json (or data.csv, data.npz)";

function program(io: Io, outcome: Outcome): Command {
  const root = new Command("variate")
    .description("Probabilistic models in .ppl files: checked, explained and fitted.")
    .version(version(), "--version")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: () => undefined })
    .addHelpText("after", "\nA file named - is standard input.");
  const add = (name: string, about: string, argument: readonly [string, string], action: Action): Command =>
    addViewOptions(
      root
        .command(name)
        .description(about)
        .argument(...argument),
    ).action(async (value, options) => {
      outcome.exit = await action(value as never, options as never, viewOf(options, io));
    });

  addDataOption(
    add("check", "diagnostics only", ["<model>", MODEL], async (...given) =>
      (await import("./check.ts")).runCheck(...given),
    ),
  );
  addCompileOptions(
    addDataOption(
      add(
        "explain",
        "the choice per site and why; or the page of an error",
        ["<model>", `${MODEL}; or a code such as PPL301`],
        async (...given) => (await import("./explain.ts")).runExplain(...given),
      ),
    ),
  ).addOption(threadsOption());
  addFitOptions(
    addCompileOptions(
      addDataOption(
        add("infer", "fit a model to data", ["<model>", MODEL], async (...given) =>
          (await import("./infer.ts")).runInfer(...given),
        ),
      ),
    ),
  );
  addStageOption(
    addCompileOptions(
      addDataOption(
        add("print", "what a stage of the compiler made of a model", ["<model>", MODEL], async (...given) =>
          (await import("./print.ts")).runPrint(...given),
        ),
      ),
    ),
  );
  add("fmt", "format files in place", ["<files...>", ".ppl files"], async (...given) =>
    (await import("./format.ts")).runFormat(...given),
  ).option("--check", "change nothing; exit 1 if a file is not formatted");
  addDataOption(
    add(
      "predict",
      "run the `predict` blocks of a fit, on new data",
      ["<fit>", "a folder that infer --out wrote"],
      async (...given) => (await import("./predict.ts")).runPredict(...given),
    ),
  )
    .addOption(seedOption("all randomness comes from it (default: that of the fit)"))
    .option("--out <dir>", "write predictions.json and predictions.csv to this folder");
  addDataOption(
    add("simulate", "draw sites from their priors and then data, as JSON", ["<model>", MODEL], async (...given) =>
      (await import("./simulate.ts")).runSimulate(...given),
    ),
  )
    .addOption(seedOption("all randomness comes from it (default 0)"))
    .option("--draws <n>", "how many simulations (default 1)", countFrom(1));
  addCompileOptions(
    addDataOption(
      add(
        "gradients",
        "measured variance, bias and cost of every estimator that each site admits",
        ["<model>", `${MODEL}; or a folder that infer --out wrote`],
        async (...given) => (await import("./gradients.ts")).runGradients(...given),
      ),
    ),
  )
    .addOption(seedOption("all randomness comes from it (default 0)"))
    .option(
      "--at <file>",
      "where the guide stands: JSON with its parameters, or the folder of a fit (default: a short run from its start)",
    )
    .option(
      "--replicates <n>",
      "gradients per estimator (default: 32 to 1024, by the size of the model)",
      countFrom(2),
    );
  return root;
}
