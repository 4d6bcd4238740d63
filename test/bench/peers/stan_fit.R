# What a user of rstan writes: KIND DATA.json -> posterior means and sds, as JSON. vb with its defaults; the model was compiled before.

source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "stan.R"))
args <- commandArgs(trailingOnly = TRUE)
model <- compiled(args[1])
sink(tempfile())
fit <- suppressWarnings(vb(model, data = data_of(args[1], args[2]), seed = 1))
sink()
draws <- as.matrix(fit)
cat(toJSON(list(mean = colMeans(draws), sd = apply(draws, 2, sd), megabytes = megabytes()), auto_unbox = TRUE), "\n")
