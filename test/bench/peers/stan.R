# Models of Stan, compiled once into the folder of peers, and their data. Sourced by the scripts beside it.

suppressMessages(library(rstan))
suppressMessages(library(jsonlite))
here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))))
# Debian's package BH holds no headers: they are those of libboost-dev, or in BOOST_INC.
boost <- Sys.getenv("BOOST_INC", "/usr/include")
if (dir.exists(file.path(boost, "boost"))) rstan_options(boost_lib = boost, boost_lib2 = boost)

compiled <- function(kind) {
  cache <- file.path(here, "..", ".peers", "stan", paste0(kind, ".rds"))
  if (file.exists(cache)) return(readRDS(cache))
  dir.create(dirname(cache), showWarnings = FALSE, recursive = TRUE)
  model <- stan_model(file = file.path(here, "stan", paste0(kind, ".stan")), model_name = gsub("-", "_", kind), save_dso = TRUE)
  saveRDS(model, cache)
  model
}

data_of <- function(kind, path) {
  d <- fromJSON(path)
  if (kind == "logistic") { d$x <- as.matrix(d$x); d$N <- nrow(d$x); d$D <- ncol(d$x); d$switched <- as.integer(d$switched) }
  d
}

megabytes <- function() {
  status <- readLines("/proc/self/status")
  as.numeric(gsub("[^0-9]", "", grep("VmHWM", status, value = TRUE))) / 1024
}
