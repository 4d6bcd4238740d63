# Stan's ADVI as a peer: KIND GUIDE DRAWS DATA.json -> lines as in protocol.py. Time of steps = the slope between a short and a long run:
# rate adaptation off, ELBO evaluated once at the end. Its optimiser is its own. `--compile KIND` only compiles.

began <- proc.time()[["elapsed"]]
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "stan.R"))
loaded <- proc.time()[["elapsed"]]
args <- commandArgs(trailingOnly = TRUE)
say <- function(...) cat(toJSON(list(...), auto_unbox = TRUE, digits = 10), "\n", sep = "")
if (args[1] == "--compile") { invisible(compiled(args[2])); quit() }

algorithm <- if (args[2] == "fullrank") "fullrank" else "meanfield"
draws <- as.integer(args[3])
data <- data_of(args[1], args[4])
began_model <- proc.time()[["elapsed"]]
model <- compiled(args[1])
fit <- function(n) {
  t <- proc.time()
  sink(tempfile()); on.exit(sink())
  suppressWarnings(vb(model, data = data, algorithm = algorithm, iter = n, grad_samples = draws, elbo_samples = 1, eval_elbo = n,
    tol_rel_obj = 1e-12, eta = 0.1, adapt_engaged = FALSE, output_samples = 10, seed = 1, importance_resampling = FALSE))
  spent <- proc.time() - t
  c(seconds = spent[["elapsed"]], cpu = spent[["user.self"]] + spent[["sys.self"]])
}
short <- 100
invisible(fit(short))
say(load = loaded - began, compile = proc.time()[["elapsed"]] - began_model)

steps <- 1000
input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  ask <- fromJSON(line)
  if (ask$ask == "elbo") { say(megabytes = megabytes()); next }
  repeat {
    spent <- fit(short + steps) - fit(short)
    if (spent[["cpu"]] >= 0.5 * ask$seconds) break
    steps <- ceiling(steps * min(100, max(1.5, ask$seconds / max(spent[["cpu"]], 0.01))))
  }
  say(steps = steps, seconds = spent[["seconds"]], cpu = spent[["cpu"]])
}
