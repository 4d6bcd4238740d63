// What the JSON document of a fit holds at least (design, section 6).

export const FIT_KEYS: readonly string[] = [
  "model",
  "seed",
  "engine",
  "device",
  "precision",
  "threads",
  "objective",
  "guide",
  "method",
  "steps",
  "gradients",
  "converged",
  "elbo",
  "khat",
  "seconds",
  "sites",
  "reports",
  "estimators",
  "warnings",
];
